"""One answer of the target: bounded in time and size, every failure one clear sentence."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from synthetic.asking import retry_after
from synthetic.errors import RateLimited, Refused, StepTimeout, TargetUnreachable
from synthetic.probes.transport import Timing, timed
from synthetic.wording import harmless

MOST_BYTES = 5_000_000
MOST_REDIRECTS = 5
ACCEPTED = "gzip, deflate"
"""Ways of packing that we can unpack bit by bit; the values of ``Accept-Encoding``."""
_ROBOT_WALLS = ("cf-mitigated", "x-vercel-mitigated")
# A connection that was not used for a while may be closed by the other side at any moment.
_STALE = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)
# Of OpenSSL where it can agree on no protocol, and of h11 for a frame of HTTP/2.
_NO_HTTP_1 = ("NO_APPLICATION_PROTOCOL", "illegal request line")
_TIMEOUTS = (TimeoutError, httpcore.TimeoutException)
_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, httpcore.ProtocolError,
           httpcore.UnsupportedProtocol, OSError)  # fmt: skip


class TooOften(RateLimited):
    """The target wants to be left alone, for ``retry_after_s`` where it says so."""

    def __init__(self, message: str, headers: httpx.Headers) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after(headers)


@dataclass(frozen=True)
class Answer:
    """A whole answer, unpacked."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    timing: Timing


async def fetch(
    client: httpx.AsyncClient, url: str, *, timeout_s: float, follow_redirects: bool = True
) -> Answer:
    """What ``url`` answers, whole, through a client whose transport is a ``TimedTransport``.

    A request over a connection that the other side had closed meanwhile is made once more. Raises
    :class:`TargetUnreachable` when no answer began, :class:`StepTimeout` when it was not whole
    within ``timeout_s``, :class:`Refused` for more than it may hold, and :class:`TooOften`.
    """
    timing = Timing()
    with _told(url.partition("?")[0], timing, timeout_s):
        async with asyncio.timeout(timeout_s):
            try:
                return await _whole(client, url, timing, follow_redirects)
            except _STALE:
                if not timing.reused or timing.first_byte_ms is not None:
                    raise
            timing.restart()
            return await _whole(client, url, timing, follow_redirects)


async def _whole(client: httpx.AsyncClient, url: str, timing: Timing, follow: bool) -> Answer:
    request = client.build_request(
        "GET", url, headers={"Accept-Encoding": ACCEPTED}, extensions=timed(timing)
    )
    response = await client.send(request, stream=True, follow_redirects=follow)
    try:
        _no_wall(url, response)
        body = bytearray()
        async for piece in _unpacked(url, response):
            body += piece
            if len(body) > MOST_BYTES:
                raise _too_much(url)
    finally:
        await response.aclose()
    return Answer(str(response.url), response.status_code, response.headers, bytes(body), timing)


def _no_wall(url: str, response: httpx.Response) -> None:
    if response.status_code == 429:
        raise TooOften(f"{url} answered 429: we asked too often; run less often", response.headers)
    if any(response.headers.get(name) == "challenge" for name in _ROBOT_WALLS):
        raise TooOften(
            f"{url} wants a proof that we are no robot: let our User-Agent pass", response.headers
        )


async def _unpacked(url: str, response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in pieces; what is packed is never unpacked further than we would read."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "deflate", "x-gzip"):
        raise Refused(f"{url} sent an answer packed as {_quote(packing)}, unasked")
    unpacking = None if packing == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
    received = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        if received > MOST_BYTES:
            raise _too_much(url)
        yield unpacking.decompress(chunk, MOST_BYTES + 1) if unpacking else chunk
        if unpacking and unpacking.unconsumed_tail:
            raise _too_much(url)


def _too_much(url: str) -> Refused:
    return Refused(f"{url} sent more than {MOST_BYTES // 1_000_000} MB")


@contextmanager
def _told(url: str, timing: Timing, timeout_s: float) -> Iterator[None]:
    """Failures of the exchange as errors of the target, in words for people."""
    try:
        yield
    except _TIMEOUTS as error:
        if timing.first_byte_ms is None:
            raise TargetUnreachable(f"{url} did not answer within {timeout_s:g} s") from error
        raise StepTimeout(f"{url} was not whole after {timeout_s:g} s") from error
    except httpx.TooManyRedirects as error:
        raise TargetUnreachable(
            f"{url} redirects in a loop; check SYNTHETIC_BASE_URL and the product's redirects"
        ) from error
    except zlib.error as error:
        raise Refused(f"{url} sent a damaged answer: {_quote(str(error))}") from error
    except _ERRORS as error:
        raise _unusable(url, error) from error


def _unusable(url: str, error: Exception) -> TargetUnreachable:
    if any(sign in str(error) for sign in _NO_HTTP_1):
        return TargetUnreachable(
            f"{url} does not speak HTTP/1.1, as many programs do: if HTTP/2 only, offer both"
        )
    return TargetUnreachable(
        f"nothing usable answers at {url} ({type(error).__name__}: {_quote(str(error))}); "
        "check SYNTHETIC_BASE_URL and whether the product is up"
    )


def _quote(text: str) -> str:
    return harmless(text)[:200]
