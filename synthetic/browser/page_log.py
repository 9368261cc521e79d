"""What an actor's browser said and asked: console, page errors and requests."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

ENDPOINTS = (
    "/api/auth/signup",
    "/api/auth/verify-otp",
    "/api/sessions/list",
    "/api/sessions/create",
    "/api/sessions/join",
    "/api/users/profile",
    "/api/hms/token",
    "/api/messages/send",
    "/api/messages/list",
    "/api/recordings/start",
    "/api/health",
)
_KEPT = 300
_AWAITED = ("document", "fetch", "xhr")  # streams stay open by design
_ID = re.compile(r"/(?=[\w-]*\d)[\w-]{6,}(?=/|$)")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; ``status`` and ``duration_ms`` are None when none came.

    ``phases_ms`` is what it took: ``dns``, ``connect``, ``tls``, ``first_byte``, ``body``; what a
    connection that stood already saved is left out.
    """

    method: str
    url: str
    status: int | None
    duration_ms: float | None
    at: datetime
    phases_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether it was answered, and not by a refusal."""
        return self.status is not None and self.status < 400

    @property
    def endpoint(self) -> str:
        """The path, ids replaced."""
        return _ID.sub("/{id}", urlsplit(self.url).path)

    @property
    def listed(self) -> bool:
        """Whether it went to one of :data:`ENDPOINTS`."""
        return self.endpoint.startswith(ENDPOINTS)


class PageLog:
    """Listens to a context.

    ``on_exchange`` hears of every request to :data:`ENDPOINTS`, and of whatever else the product at
    ``base_url`` answers 429.
    """

    def __init__(
        self, context: BrowserContext, base_url: str, on_exchange: Callable[[Exchange], None]
    ) -> None:
        self.console: deque[str] = deque(maxlen=_KEPT)
        self.exchanges: deque[Exchange] = deque(maxlen=_KEPT)
        self.document_headers: Mapping[str, str] = {}
        """What came with the newest document."""
        self._on_exchange = on_exchange
        self._site = urlsplit(base_url).netloc
        self._statuses: dict[Request, int] = {}
        self._open: dict[Request, datetime] = {}
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", self._broke)
        context.on("response", self._answered)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)

    def first_party(self, url: str) -> bool:
        """Whether it is an address of the product's."""
        return urlsplit(url).netloc == self._site

    def unanswered(self, also: str = "") -> list[Exchange]:
        """What pages asked the product for and had no whole answer to so far, the oldest first.

        ``also`` is another host and port that is part of the product.
        """
        return [
            Exchange(one.method, one.url, None, None, at)
            for one, at in self._open.items()
            if one.resource_type in _AWAITED
            and (self.first_party(one.url) or urlsplit(one.url).netloc == also)
        ]

    def _asked(self, request: Request) -> None:
        self._open[request] = datetime.now(UTC)

    def _said(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text[:500]}")

    def _broke(self, error: WebError) -> None:
        self.console.append(f"page error: {str(error.error)[:500]}")

    def _answered(self, response: Response) -> None:
        self._statuses[response.request] = response.status
        if response.request.resource_type == "document":
            self.document_headers = response.headers

    def _finished(self, request: Request) -> None:
        self._open.pop(request, None)
        timing: Any = request.timing
        self._log(request, self._statuses.pop(request, None), timing["responseEnd"])

    def _failed(self, request: Request) -> None:
        self._open.pop(request, None)
        self._statuses.pop(request, None)
        if request.failure != "net::ERR_ABORTED":  # the page itself went away
            self._log(request, None, None)

    def _log(self, request: Request, status: int | None, duration_ms: float | None) -> None:
        started = request.timing["startTime"]
        at = datetime.fromtimestamp(started / 1000, UTC) if started > 0 else datetime.now(UTC)
        measured = duration_ms if duration_ms is not None and duration_ms >= 0 else None
        phases = _phases(request.timing) if measured is not None else {}
        exchange = Exchange(request.method, request.url, status, measured, at, phases)
        self.exchanges.append(exchange)
        limited = status == 429 and self.first_party(exchange.url)
        if exchange.listed or limited:
            self._on_exchange(exchange)


_PHASES = (
    ("dns", "domainLookupStart", "domainLookupEnd"),
    ("connect", "connectStart", "connectEnd"),
    ("tls", "secureConnectionStart", "connectEnd"),
    ("first_byte", "requestStart", "responseStart"),
    ("body", "responseStart", "responseEnd"),
)


def _phases(timing: Any) -> dict[str, float]:
    """From Playwright's moments, of which -1 says that there was none."""
    return {
        name: round(timing[end] - timing[start], 1)
        for name, start, end in _PHASES
        if timing[start] >= 0 and timing[end] >= 0
    }
