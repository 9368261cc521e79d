"""A local server that takes and refuses what Slack would: its Web API and incoming webhooks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.services import vendor
from tests.services.slack_blocks_check import LONGEST_TEXT, objection
from tests.services.vendor import Answer, Fault, Request, Vendor

__all__ = ["CHANNEL", "LONGEST_TEXT", "TOKEN", "Fault", "SlackServer", "objection", "serving"]

TOKEN, CHANNEL = "xoxb-right-token", "C0FFEE"
WEBHOOK_PATH = "/services/T0/B0/right-secret"
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "users.conversations": "channels:read",
}
NAMES = ("incident-response", "product-issues", "alerts", "product-launch", "ops-alerts", "other")
CLOCK_STARTS = 4_000_000_000  # later than any message is made, so that none is too old to be found
Message = dict[str, Any]


@dataclass
class SlackServer(Vendor):
    """What was posted, and what should go wrong.

    ``channels`` are ids by name, ``messages`` what stands in each, oldest first; ``posted`` is
    every message as it came, also by webhook; ``edits`` counts ``chat.update`` by timestamp.
    """

    channels: dict[str, str] = field(
        default_factory=lambda: (
            {name: f"C0{number}" for number, name in enumerate(NAMES)} | {"coffee": CHANNEL}
        )
    )
    archived: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=lambda: set(SCOPES.values()))
    messages: dict[str, list[Message]] = field(default_factory=dict)
    posted: list[Message] = field(default_factory=list)
    hooked: list[str] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    largest_page: int = 100
    ticks: int = 0

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def webhook_url(self) -> str:
        return self.url + WEBHOOK_PATH

    @property
    def by_key(self) -> Counter[str]:
        """How many messages stand in the channels under each key of their metadata."""
        standing = (one for messages in self.messages.values() for one in messages)
        return Counter(
            one["metadata"]["event_payload"]["key"] for one in standing if "metadata" in one
        )

    @property
    def doubled_by_webhook(self) -> int:
        """How many messages came by webhook that had come before, word for word."""
        return sum(times - 1 for times in Counter(self.hooked).values())

    def thread(self, ts: str) -> list[Message]:
        """A message and the replies to it."""
        standing = (one for messages in self.messages.values() for one in messages)
        return [one for one in standing if ts in (one["ts"], one.get("thread_ts"))]

    def answer(self, request: Request) -> Answer:
        if not request.path.startswith("/api/"):
            return self._by_webhook(request)
        method = request.path.removeprefix("/api/")
        self.calls.append(method)
        said = self._refused(method, request) or _METHODS[method](self, _read(request))
        return Answer(200, json.dumps({"ok": "error" not in said} | said))

    def _refused(self, method: str, request: Request) -> Message | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return {"error": "invalid_auth"}
        if method not in SCOPES:
            return {"error": "unknown_method"}
        if SCOPES[method] not in self.scopes:
            return {"error": "missing_scope", "needed": SCOPES[method]}
        return None

    def _by_webhook(self, request: Request) -> Answer:
        if request.path != WEBHOOK_PATH:
            return Answer(404, "no_service")
        message = _read(request)
        if error := objection(message):
            return Answer(400, error)
        self.posted.append(message)
        self.hooked.append(json.dumps(message, sort_keys=True))
        return Answer(200, "ok")

    def _channel(self, name: str, *, by_name: bool) -> str | None:
        if name in self.channels.values():
            return name
        return self.channels.get(name.removeprefix("#")) if by_name else None

    def post(self, message: Message) -> Message:
        """``chat.postMessage``."""
        channel = self._channel(str(message.get("channel")), by_name=True)
        if channel is None:
            return {"error": "channel_not_found"}
        if channel in self.archived:
            return {"error": "is_archived"}
        if error := objection(message):
            return {"error": error}
        standing = self.messages.setdefault(channel, [])
        root = message.get("thread_ts")
        if root and root not in {one["ts"] for one in standing}:
            return {"error": "thread_not_found"}
        self.ticks += 1
        ts = f"{CLOCK_STARTS + self.ticks}.{self.ticks:06}"
        kept = _kept(message)
        standing.append({"type": "message", "ts": ts, **kept})
        self.posted.append(message)
        return {"ts": ts, "channel": channel}

    def update(self, message: Message) -> Message:
        """``chat.update``; what stood in ``metadata`` stays where nothing new is given."""
        channel = self._channel(str(message.get("channel")), by_name=False)
        if channel is None:
            return {"error": "channel_not_found"}
        if error := objection(message):
            return {"error": error}
        for one in self.messages.get(channel, []):
            if one["ts"] == message.get("ts"):
                one.update(_kept(message))
                self.edits[one["ts"]] += 1
                return {"ts": one["ts"], "channel": channel}
        return {"error": "message_not_found"}

    def history(self, asked: Message) -> Message:
        """``conversations.history``: what is no reply, newest first."""
        channel = self._channel(str(asked.get("channel")), by_name=False)
        if channel is None:
            return {"error": "channel_not_found"}
        standing = [one for one in self.messages.get(channel, []) if "thread_ts" not in one]
        return self._page(standing[::-1], asked)

    def replies(self, asked: Message) -> Message:
        """``conversations.replies``: a message and its replies, oldest first."""
        channel = self._channel(str(asked.get("channel")), by_name=False)
        if channel is None:
            return {"error": "channel_not_found"}
        root = asked.get("ts")
        found = [
            one
            for one in self.messages.get(channel, [])
            if root in (one["ts"], one.get("thread_ts"))
        ]
        return self._page(found, asked) if found else {"error": "thread_not_found"}

    def conversations(self, asked: Message) -> Message:
        """``users.conversations``: the channels that the bot is in."""
        rows = [
            {"id": id_, "name": name, "ts": "9" * 12}
            for name, id_ in self.channels.items()
            if id_ not in self.archived
        ]
        page = self._page(rows, asked)
        return {"channels": page.pop("messages"), **page}

    def _page(self, rows: list[Message], asked: Message) -> Message:
        rows = [one for one in rows if float(one["ts"]) > float(asked.get("oldest", 0))]
        begin = int(asked.get("cursor") or 0)
        end = begin + min(int(asked.get("limit", 100)), self.largest_page)
        shown = rows[begin:end]
        if asked.get("include_all_metadata") not in ("1", "true", True):
            shown = [{name: one[name] for name in one if name != "metadata"} for one in shown]
        more = str(end) if end < len(rows) else ""
        return {"messages": shown, "response_metadata": {"next_cursor": more}}


_KEPT = ("text", "blocks", "metadata", "thread_ts")
_METHODS: dict[str, Callable[[SlackServer, Message], Message]] = {
    "chat.postMessage": SlackServer.post,
    "chat.update": SlackServer.update,
    "conversations.history": SlackServer.history,
    "conversations.replies": SlackServer.replies,
    "users.conversations": SlackServer.conversations,
}


def _kept(message: Message) -> Message:
    """What stays of a message; Slack gives an id to each block that has none."""
    kept = {name: message[name] for name in _KEPT if message.get(name)}
    named = [{"block_id": f"b{at}", **one} for at, one in enumerate(kept.get("blocks", []))]
    return {**kept, "blocks": named}


def _read(request: Request) -> Message:
    if request.method == "GET":
        return dict(request.query)
    if request.headers.get("content-type", "").startswith("application/json"):
        message: Message = json.loads(request.body)
        return message
    form: Message = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    return {**form, "blocks": json.loads(form.get("blocks", "[]"))}


@contextmanager
def serving() -> Iterator[SlackServer]:
    """The server on a free port of loopback."""
    with vendor.serving(SlackServer()) as slack:
        yield slack
