"""Requests over connections that say where their time went; HTTP/1.1 only.

Times are taken where bytes come and go: after the name was resolved, the connection made, TLS
agreed on, the head of the answer read and its last byte, and not where somebody awaits them.
"""

from __future__ import annotations

import asyncio
import asyncio.staggered
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Any, Self

import httpcore
import httpx

_EXTENSION = "timing"
_KEPT_S = 30.0
_HEAD_START_S = 0.25  # RFC 8305 recommends it, as browsers do
_STEPS = (
    "connect_tcp",
    "start_tls",
    "send_request_headers",
    "send_request_body",
    "receive_response_headers",
    "receive_response_body",
)


def _now_ms() -> float:
    return time.perf_counter() * 1000


class Timing:
    """Milliseconds of one exchange, redirects included, as far as it came.

    What did not happen is ``None``: no name is resolved, and nothing agreed on, over a connection
    that is used again.
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget all of it."""
        self.dns_ms: float | None = None
        self.connect_ms: float | None = None
        self.tls_ms: float | None = None
        self.first_byte_ms: float | None = None
        self.body_ms: float | None = None
        self._began: float | None = None
        self._ended = self._asked = self._head = self._looked_up_ms = 0.0
        self._started: dict[str, float] = {}

    @property
    def total_ms(self) -> float:
        """From the first step towards the first request to the last byte, or what came last."""
        return 0.0 if self._began is None else self._ended - self._began

    @property
    def reused(self) -> bool:
        """Whether no connection was made for it."""
        return self.connect_ms is None

    def resolved(self, took_ms: float) -> None:
        """A name was looked up."""
        self.dns_ms = (self.dns_ms or 0) + took_ms
        self._looked_up_ms += took_ms

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        """What httpcore tells, as it happens."""
        step, _, stage = event.partition(".")[2].rpartition(".")
        if step not in _STEPS:
            return
        self._ended = now = _now_ms()
        self._began = now if self._began is None else self._began
        if stage == "started":
            self._started[step] = now
        elif stage == "complete":
            self._completed(step, now)

    def _completed(self, step: str, now: float) -> None:
        took_ms = now - self._started.get(step, now)
        if step == "connect_tcp":
            self.connect_ms = (self.connect_ms or 0) + took_ms - self._looked_up_ms
            self._looked_up_ms = 0.0
        elif step == "start_tls":
            self.tls_ms = (self.tls_ms or 0) + took_ms
        elif step == "send_request_body":
            self._asked = now
        elif step == "receive_response_headers":
            self.first_byte_ms = (self.first_byte_ms or 0) + now - self._asked
            self._head = now
        elif step == "receive_response_body":
            self.body_ms = (self.body_ms or 0) + now - self._head


_current: ContextVar[Timing] = ContextVar("timing")


class TimedTransport(httpx.AsyncBaseTransport):
    """A pool of connections; a request says with ``extensions=timed(timing)`` where to note."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._backend = _Resolving()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, network_backend=self._backend, keepalive_expiry=_KEPT_S
        )

    async def __aenter__(self) -> Self:
        """Ready: what is imported when it is first used counts in no answer's time."""
        await self._backend.sleep(0)
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer; raises httpcore's errors as they are."""
        timing: Timing = request.extensions[_EXTENSION]
        url, content = request.url, request.stream
        assert isinstance(content, httpx.AsyncByteStream)
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=content,
            extensions={"trace": timing.trace},
        )
        _current.set(timing)
        answer = await self._pool.handle_async_request(outgoing)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def timed(timing: Timing) -> dict[str, Any]:
    """The ``extensions`` of a request whose times are wanted."""
    return {_EXTENSION: timing}


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Resolving(httpcore.AsyncNetworkBackend):
    """Looks names up by itself, so that this time is known, and races the addresses."""

    def __init__(self) -> None:
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the address that takes one first, each with a head start on the next.

        So one that swallows everything, as IPv6 does on many a network, costs that much only.
        """
        made: list[httpcore.AsyncNetworkStream] = []

        async def connected(address: str) -> httpcore.AsyncNetworkStream:
            made.append(
                await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            )
            return made[-1]

        tries = [partial(connected, address) for address in await _addresses(host, port)]
        stream: httpcore.AsyncNetworkStream | None = None
        try:
            stream, _, failed = await asyncio.staggered.staggered_race(tries, _HEAD_START_S)
        finally:  # whoever came second is wanted no more, nor the first where time ran out
            for one in made:
                if one is not stream:
                    await one.aclose()
        if stream is None:
            errors = [error for error in failed if error is not None]
            raise errors[-1] if errors else httpcore.ConnectError(f"{host} has no address")
        return stream

    async def sleep(self, seconds: float) -> None:
        """As the backend beneath it does."""
        await self._plain.sleep(seconds)


async def _addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which they should be tried."""
    if _is_address(host):
        return [host]
    began = _now_ms()
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name {host} leads nowhere: {error}") from error
    _current.get().resolved(_now_ms() - began)
    return [str(address[0]) for *_, address in found]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
