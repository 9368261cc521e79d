"""One answer at a time, as a round fetches it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from synthetic.probes.fetching import Answer, fetch
from synthetic.probes.transport import TimedTransport

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Found = TypeVar("Found")


def asked(ask: Callable[[httpx.AsyncClient], Awaitable[Found]], trusting: ssl.SSLContext) -> Found:
    async def going() -> Found:
        async with TimedTransport(trusting) as transport:
            return await ask(httpx.AsyncClient(transport=transport, max_redirects=5))

    return asyncio.run(going())


def fetched(url: str, timeout_s: float = 5, trusting: ssl.SSLContext = NO_TLS) -> Answer:
    return asked(lambda client: fetch(client, url, timeout_s=timeout_s), trusting)
