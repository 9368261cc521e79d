"""Looks at recipes of a test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

import httpx

from synthetic.sources.binding import Bound
from synthetic.sources.figures import Memory
from synthetic.sources.gather import Gathered, gather

NOW = datetime(2026, 12, 9, 12, 20, tzinfo=UTC)
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def rooms(metric: str = "rooms", more: str = "", ask: str = "") -> str:
    return (
        f'[ask.all]\npath = "/all"\n{ask}\n'
        f'[metric.{metric}]\nof = ["all"]\nvalue = "length(all)"\nunit = "count"\n{more}'
    )


def look(known: tuple[Bound, ...], handler: Handler, memory: Memory | None = None) -> Gathered:
    async def one() -> Gathered:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(handler), verify=False
        ) as client:
            return await gather(known, clock=lambda: NOW, client=client, memory=memory)

    return asyncio.run(one())


def values(found: Gathered) -> dict[str, float]:
    return {one.metric: one.value for one in found.samples}


def answered(data: object, status: int = 200) -> httpx.Response:
    """JSON that has yet to be read."""
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(data).encode()))
