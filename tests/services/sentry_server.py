"""A local server that takes and refuses what Sentry's envelope endpoint would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

KEY, PROJECT = "b15cafe0b15cafe0b15cafe0b15cafe0", "42"
LARGEST_EVENT, LONGEST_MESSAGE, LONGEST_TAG = 1_000_000, 8192, 200
LEVELS = ("fatal", "error", "warning", "info", "debug")
_AUTH = re.compile(r"Sentry sentry_version=7, ?sentry_client=\S+, ?sentry_key=(\w+)")


@dataclass
class SentryServer(Vendor):
    """``events`` by id, each once; ``dropped`` are ids that came again. ``limits`` goes with every
    answer as ``X-Sentry-Rate-Limits``."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    limits: str = ""

    @property
    def dsn(self) -> str:
        scheme, _, host = self.url.partition("://")
        return f"{scheme}://{KEY}@{host}/{PROJECT}"

    def answer(self, request: Request) -> Answer:
        found = _AUTH.fullmatch(request.headers.get("x-sentry-auth", ""))
        if request.path != f"/api/{PROJECT}/envelope/" or request.method != "POST":
            return _said(403, "event submission rejected with_reason: ProjectId", self.limits)
        if not found or found[1] != KEY:
            return _said(403, "event submission rejected with_reason: bad sentry DSN", self.limits)
        event = event_in(request.body)
        if event is None:
            return _said(400, "invalid event envelope", self.limits)
        if len(json.dumps(event)) > LARGEST_EVENT:
            return _said(413, "envelope exceeded size limits", self.limits)
        if event["event_id"] in self.events:
            self.dropped.append(event["event_id"])
        self.events.setdefault(event["event_id"], event)
        return Answer(200, json.dumps({"id": event["event_id"]}), _headers(self.limits))


def _said(status: int, detail: str, limits: str) -> Answer:
    return Answer(status, json.dumps({"detail": detail}), _headers(limits))


def _headers(limits: str) -> dict[str, str]:
    return {"X-Sentry-Rate-Limits": limits} if limits else {}


def event_in(body: bytes) -> dict[str, Any] | None:
    """The event of an envelope that holds nothing else; none where its form is wrong."""
    try:
        head, item, rest = body.split(b"\n", 2)
        header, about = json.loads(head), json.loads(item)
        length = about["length"]
        event = json.loads(rest[:length])
    except (ValueError, KeyError, TypeError):
        return None
    good = about["type"] == "event" and rest[length:] in (b"", b"\n")
    same = re.fullmatch("[0-9a-f]{32}", header.get("event_id", "")) and header[
        "event_id"
    ] == event.get("event_id")
    return event if good and same and _is_good(event) else None


def _is_good(event: dict[str, Any]) -> bool:
    tags = event.get("tags", {}).values()
    return (
        event.get("level") in LEVELS
        and len(event.get("message", {}).get("formatted", "")) <= LONGEST_MESSAGE
        and all(len(tag) <= LONGEST_TAG and "\n" not in tag for tag in tags)
    )


@contextmanager
def serving() -> Iterator[SentryServer]:
    """The server on a free port of loopback."""
    with vendor.serving(SentryServer()) as server:
        yield server
