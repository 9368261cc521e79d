"""Slack: by bot token with threads, edits and no doubles; by webhook at least once."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from synthetic._settings_channels import Slack
from synthetic.asking import understanding
from synthetic.errors import DeliveryError, MessageRefused, PlaceUnusable
from synthetic.notify.channels import slack_api, slack_blocks
from synthetic.notify.channels.slack_api import SlackAnswer
from synthetic.notify.slack_message import SlackMessage
from synthetic.store.values import Event, Note, Parcel

_SHOWN_IN_FIRST: frozenset[Event] = frozenset(
    {"raised", "joined", "acknowledged", "escalated", "resolved", "superseded"}
)
_NO_THREAD = ("thread_not_found", "message_not_found", "invalid_thread_ts", "cannot_reply")
_NOT_EDITED = (*_NO_THREAD, "cant_update_message", "edit_window_closed")
_CANNOT_ASK = ("missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type")
_PLACE = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action")
_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
_CLOCKS_APART = timedelta(minutes=10)  # how far Slack's clock and ours may differ
_PAGE, _MOST_PAGES = 200, 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlackBot:
    """One thread per incident and place; what Slack has is known by the key in its metadata.

    A message is called ``<channel id>/<ts>``. Needs the scopes ``chat:write``,
    ``channels:history`` and, for channels given by name, ``channels:read``.
    """

    settings: Slack
    timeout_s: float
    ids: dict[str, str] = field(default_factory=dict, compare=False)
    name = "slack"
    at_least_once = False

    def send(self, parcel: Parcel, thread: str | None) -> str | None:
        """Post the first message, or edit it and reply in its thread.

        Where the first message is gone, a reply stands for itself.
        """
        first = slack_blocks.first(parcel.note)
        with understanding("Slack"):
            if thread is None:
                return self._post(parcel, first, self._place(parcel))
            channel, ts = self._split(thread, parcel)
            if parcel.note.event in _SHOWN_IN_FIRST:
                shown = asdict(self._shown(parcel.note, channel, ts))
                self._call("chat.update", _NOT_EDITED, channel=channel, ts=ts, **shown)
            message = slack_blocks.reply(parcel.note)
            posted = self._post(parcel, message, channel, unless=_NO_THREAD, thread_ts=ts)
            return posted or self._post(parcel, first, channel)

    def find(self, parcel: Parcel, thread: str | None) -> str | None:
        """Look for the parcel's key in the thread, then in the channel."""
        with understanding("Slack"):
            if thread is not None:
                channel, ts = self._split(thread, parcel)
                found = self._search("conversations.replies", parcel, channel=channel, ts=ts)
                return found or self._search("conversations.history", parcel, channel=channel)
            place = self._id(self._place(parcel))
            return place and self._search("conversations.history", parcel, channel=place)

    def _shown(self, note: Note, channel: str, ts: str) -> SlackMessage:
        """What the first message becomes; who has it, says nothing new of what is wrong."""
        if note.event == "acknowledged":
            asked = {"channel": channel, "ts": ts, "limit": 1}
            answer = self._call("conversations.replies", (*_NO_THREAD, *_CANNOT_ASK), **asked)
            if standing := answer.data.get("messages", [{}])[0].get("blocks"):
                return slack_blocks.headed(note, standing)
        return slack_blocks.first(note)

    def _post(
        self,
        parcel: Parcel,
        message: SlackMessage,
        channel: str,
        *,
        unless: tuple[str, ...] = (),
        **more: str,
    ) -> str | None:
        quiet = {"unfurl_links": False, "unfurl_media": False}
        marked = {"metadata": slack_blocks.metadata(parcel), **asdict(message), **quiet}
        answer = self._call("chat.postMessage", unless, channel=channel, **marked, **more)
        return f"{answer.data['channel']}/{answer.data['ts']}" if answer.ok else None

    def _search(self, method: str, parcel: Parcel, **where: str) -> str | None:
        oldest = f"{(parcel.created_at - _CLOCKS_APART).timestamp():.6f}"
        asked = {**where, "oldest": oldest, "include_all_metadata": True}
        for page in self._pages(method, (*_NO_THREAD, *_CANNOT_ASK), asked):
            for message in page.get("messages", []):
                if slack_blocks.key_in(message) == parcel.id:
                    return f"{where['channel']}/{message['ts']}"
        return None

    def _pages(
        self, method: str, unless: tuple[str, ...], asked: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = self._call(method, unless, limit=_PAGE, **asked, **more)
            if answer.said.startswith(_CANNOT_ASK):
                _log.warning(
                    "Slack does not let the bot look for what it sent (%s): a message may come "
                    "twice; give it channels:history and channels:read, and invite it",
                    answer.said,
                )
            yield dict(answer.data)
            cursor = answer.data.get("response_metadata", {}).get("next_cursor") or ""
            if not cursor:
                return

    def _call(self, method: str, unless: tuple[str, ...], **arguments: Any) -> SlackAnswer:
        """Slack's answer: a yes, or a no that begins with one of ``unless``."""
        answer = slack_api.call(self.settings, method, arguments, self.timeout_s)
        if not answer.ok and not answer.said.startswith(unless or "\0"):
            raise _problem(answer, f"{arguments.get('channel', 'its channels')}", "BOT_TOKEN")
        return answer

    def _place(self, parcel: Parcel) -> str:
        return place(self.settings, parcel.place)

    def _split(self, thread: str, parcel: Parcel) -> tuple[str, str]:
        channel, _, ts = thread.rpartition("/")
        return channel or self._id(self._place(parcel)) or self._place(parcel), ts

    def _id(self, channel: str) -> str | None:
        """The id of a channel; asked for once where only its name is known."""
        if _ID.fullmatch(channel):
            return channel
        name = channel.removeprefix("#")
        if name not in self.ids:
            asked = {"types": "public_channel,private_channel", "exclude_archived": True}
            for page in self._pages("users.conversations", _CANNOT_ASK, asked):
                self.ids.update({one["name"]: one["id"] for one in page.get("channels", [])})
        return self.ids.get(name)


@dataclass(frozen=True)
class SlackWebhook:
    """At least once, without threads, and all in the channel that the webhook is for."""

    settings: Slack
    timeout_s: float
    name = "slack"
    at_least_once = True

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """Post a message of its own."""
        answer = slack_api.hook(self.settings, slack_blocks.first(parcel.note), self.timeout_s)
        if not answer.ok:
            raise _problem(answer, "the webhook", "WEBHOOK_URL")
        return None

    def find(self, _: Parcel, __: str | None) -> str | None:
        """A webhook cannot be asked."""
        return None


def place(slack: Slack, name: str | None) -> str:
    """Where in Slack a place of the plan is: the id or name of a channel."""
    known = slack.channels.get(name or "") or slack.channels.get((name or "").removeprefix("#"))
    if known:
        return known
    is_channel = name is not None and (name.startswith("#") or bool(_ID.fullmatch(name)))
    if name and is_channel and (slack.channels or not slack.channel):
        return name
    return slack.channel or "#general"


def _problem(answer: SlackAnswer, where: str, setting: str) -> DeliveryError:
    if answer.limited:
        wait = answer.retry_after_s
        asks = "to come back later" if wait is None else f"to wait {wait:g} s"
        return DeliveryError(f"Slack limits our rate and asks {asks}", wait)
    if answer.at_fault:
        return MessageRefused(
            f"Slack will not take this message: {answer.said}; look into it, it is not sent again"
        )
    kind = PlaceUnusable if answer.said.startswith(_PLACE) else DeliveryError
    return kind(
        f"Slack refused the message to {where}: {answer.said}; check SYNTHETIC_SLACK__{setting} "
        f"and the channel",
        answer.retry_after_s,
    )
