"""A local server that takes and refuses what Slack would: ``chat.postMessage`` and webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOKEN, CHANNEL = "xoxb-right-token", "C0FFEE"
WEBHOOK_PATH = "/services/T0/B0/right-secret"
LONGEST_TEXT = 40_000
# Of each kind of block or element: where its text stands, and how long Slack lets it be.
HEADER, SECTION, FIELD, BUTTON, BLOCKS, FIELDS, URL = 150, 3000, 2000, 75, 50, 10, 3000


@dataclass
class Fault:
    """What goes wrong with the next requests: a status, or silence until the test is over."""

    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    hangs: bool = False


@dataclass
class SlackServer:
    """What was posted, and what should go wrong."""

    url: str
    posted: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    fault: Fault | None = None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def webhook_url(self) -> str:
        return self.url + WEBHOOK_PATH

    def next_fault(self) -> Fault | None:
        """The fault of this request, used up once it has come ``times`` times."""
        self.asked += 1
        if self.fault is None or self.fault.times == 0:
            return None
        self.fault.times -= 1
        return self.fault


def objection(message: dict[str, Any]) -> str | None:
    """What Slack would say against a message; nothing when it would take it."""
    text, blocks = message.get("text", ""), message.get("blocks", [])
    if not text and not blocks:
        return "no_text"
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return "msg_too_long"
    good = isinstance(blocks, list) and len(blocks) <= BLOCKS and all(map(_is_block, blocks))
    return None if good else "invalid_blocks"


def _is_block(block: Any) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text"} as text}:
            return _is_text(text, HEADER)
        case {"type": "section", "fields": [_, *_] as fields}:
            fit = len(fields) <= FIELDS and all(_is_text(one, FIELD) for one in fields)
            return fit and ("text" not in block or _is_text(block["text"], SECTION))
        case {"type": "section", "text": text}:
            return "fields" not in block and _is_text(text, SECTION)
        case {"type": "actions", "elements": [_, *_] as elements}:
            return all(map(_is_button, elements))
    return False


def _is_button(element: Any) -> bool:
    match element:
        case {"type": "button", "text": {"type": "plain_text"} as text, "url": str(url)}:
            web = url.startswith(("http://", "https://")) and len(url) <= URL
            return web and _is_text(text, BUTTON)
    return False


def _is_text(text: Any, most: int) -> bool:
    match text:
        case {"type": "plain_text", "text": str(content), **more}:
            known = set(more) <= {"emoji"} and isinstance(more.get("emoji", True), bool)
        case {"type": "mrkdwn", "text": str(content), **more}:
            known = set(more) <= {"verbatim"}
        case _:
            return False
    return known and 0 < len(content) <= most


class _Handler(BaseHTTPRequestHandler):
    slack: SlackServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.slack.next_fault()
        if fault and fault.hangs:
            self.slack.over.wait(30)
            self.close_connection = True
        elif fault:
            self._answer(fault.status, fault.body, fault.headers)
        elif self.path == "/api/chat.postMessage":
            self._by_bot(self._read(body))
        else:
            self._by_webhook(self._read(body))

    def _read(self, body: bytes) -> dict[str, Any]:
        if self.headers["Content-Type"].startswith("application/json"):
            message: dict[str, Any] = json.loads(body)
            return message
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return {**form, "blocks": json.loads(form.get("blocks", "[]"))}

    def _by_bot(self, message: dict[str, Any]) -> None:
        error = objection(message)
        if message.get("channel") != CHANNEL:
            error = "channel_not_found"
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            error = "invalid_auth"
        if error:
            return self._answer(200, json.dumps({"ok": False, "error": error}))
        self.slack.posted.append(message)
        return self._answer(200, json.dumps({"ok": True, "ts": "1.1", "channel": CHANNEL}))

    def _by_webhook(self, message: dict[str, Any]) -> None:
        if self.path != WEBHOOK_PATH:
            return self._answer(404, "no_service")
        if error := objection(message):
            return self._answer(400, error)
        self.slack.posted.append(message)
        return self._answer(200, "ok")

    def _answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is nothing to report."""


@contextmanager
def serving() -> Iterator[SlackServer]:
    """The server on a free port of loopback."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        slack = SlackServer(f"http://127.0.0.1:{server.server_port}")
        handler.slack = slack  # type: ignore[attr-defined]  # made above from _Handler
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield slack
        slack.over.set()
        server.shutdown()
        thread.join()
