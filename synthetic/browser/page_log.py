"""What an actor's browser said and asked: console, page errors and requests."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
    WebSocket,
)

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
# Chromium says so only where an interface or an address of this machine came, went or is missing.
_OUR_NETWORK = ("net::ERR_NETWORK_CHANGED", "net::ERR_INTERNET_DISCONNECTED")
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


@dataclass
class Socket:
    """One WebSocket; ``closed_at`` is None while it is open. Chromium tells no code."""

    url: str
    opened_at: datetime
    closed_at: datetime | None = None
    error: str | None = None


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
        self.answers: deque[tuple[Exchange, Response]] = deque(maxlen=_KEPT)
        """What came whole of what pages asked the product for; each body can still be read."""
        self.sockets: deque[Socket] = deque(maxlen=_KEPT)
        self.document_headers: Mapping[str, str] = {}
        """What came with the newest document."""
        self._on_exchange = on_exchange
        self._site = urlsplit(base_url).netloc
        self._cut_off: deque[tuple[str, datetime]] = deque(maxlen=_KEPT)
        self._responses: dict[Request, Response] = {}
        self._open: dict[Request, datetime] = {}
        context.on("page", self._came)
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
            if one.resource_type in _AWAITED and self._of_product(one.url, also)
        ]

    def cut_off(self, also: str = "") -> list[datetime]:
        """When what went to the product failed since this machine's own network changed, or was
        gone; ``also`` as above.
        """
        return [at for url, at in self._cut_off if self._of_product(url, also)]

    def _of_product(self, url: str, also: str) -> bool:
        return urlsplit(url).netloc in (self._site, also or self._site)

    def _came(self, page: Page) -> None:
        page.on("websocket", self._connected)

    def _connected(self, line: WebSocket) -> None:
        socket = Socket(line.url, datetime.now(UTC))
        self.sockets.append(socket)

        def ended(_: WebSocket) -> None:
            socket.closed_at = datetime.now(UTC)

        def broke(error: str) -> None:
            socket.error = error[:200]
            if any(one in error for one in _OUR_NETWORK):
                self._cut_off.append((line.url, datetime.now(UTC)))

        line.on("close", ended)
        line.on("socketerror", broke)

    def _asked(self, request: Request) -> None:
        self._open[request] = datetime.now(UTC)

    def _said(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text[:500]}")

    def _broke(self, error: WebError) -> None:
        self.console.append(f"page error: {str(error.error)[:500]}")

    def _answered(self, response: Response) -> None:
        self._responses[response.request] = response
        if response.request.resource_type == "document":
            self.document_headers = response.headers

    def _finished(self, request: Request) -> None:
        self._open.pop(request, None)
        timing: Any = request.timing
        response = self._responses.pop(request, None)
        exchange = self._log(request, response.status if response else None, timing["responseEnd"])
        if response and request.resource_type in _AWAITED and self.first_party(request.url):
            self.answers.append((exchange, response))

    def _failed(self, request: Request) -> None:
        self._open.pop(request, None)
        self._responses.pop(request, None)
        if request.failure in _OUR_NETWORK:
            self._cut_off.append((request.url, datetime.now(UTC)))
        if request.failure != "net::ERR_ABORTED":  # the page itself went away
            self._log(request, None, None)

    def _log(self, request: Request, status: int | None, duration_ms: float | None) -> Exchange:
        started = request.timing["startTime"]
        at = datetime.fromtimestamp(started / 1000, UTC) if started > 0 else datetime.now(UTC)
        measured = duration_ms if duration_ms is not None and duration_ms >= 0 else None
        phases = _phases(request.timing) if measured is not None else {}
        exchange = Exchange(request.method, request.url, status, measured, at, phases)
        self.exchanges.append(exchange)
        limited = status == 429 and self.first_party(exchange.url)
        if exchange.listed or limited:
            self._on_exchange(exchange)
        return exchange


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
