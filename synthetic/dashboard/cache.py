"""Rendered pages, kept by address and version: many viewers of one page cost one rendering."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import anyio

from synthetic.dashboard.rendering import Answer

MOST = 200
"""Pages kept; of more, the one that was asked for least recently is forgotten."""
_AT_ONCE = 2  # renderings; more would only take the processor from each other
Render = Callable[[], bytes]


@dataclass
class _Kept:
    """An address: the answer of a version, and the version that is wanted once that is made."""

    version: str
    answer: asyncio.Task[Answer]
    wanted: tuple[str, Render] | None = None


class Cache:
    """Answers by address; an address has one answer, that of its latest version.

    It has one rendering at a time: of the versions that come meanwhile only the newest is rendered
    next, for all who wait.
    """

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._most = most
        self._limit: anyio.CapacityLimiter | None = None

    async def get(self, address: str, version: str, render: Render) -> Answer:
        """The answer, rendered in a thread unless it is there; what ``render`` raises is raised
        to everybody who waits for it, and tried anew by whoever comes then."""
        kept = self._kept.get(address)
        if kept is None:
            kept = self._kept[address] = _Kept(version, self._begun(render))
        elif kept.version != version:
            await self._newer(kept, version, render)
        if address in self._kept:
            self._kept.move_to_end(address)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        answer = kept.answer
        try:
            return await asyncio.shield(answer)
        except Exception:
            if self._kept.get(address) is kept and kept.answer is answer:
                del self._kept[address]
            raise

    async def _newer(self, kept: _Kept, version: str, render: Render) -> None:
        """Begin another version when the one under way is made, unless somebody else did."""
        under_way = kept.answer
        kept.wanted = version, render
        if not under_way.done():
            await asyncio.wait([under_way])
        if kept.answer is under_way and kept.wanted:
            kept.version, newest = kept.wanted
            kept.answer, kept.wanted = self._begun(newest), None

    def _begun(self, render: Render) -> asyncio.Task[Answer]:
        return asyncio.create_task(self._made(render))

    async def _made(self, render: Render) -> Answer:
        self._limit = self._limit or anyio.CapacityLimiter(_AT_ONCE)
        return await anyio.to_thread.run_sync(lambda: Answer.of(render()), limiter=self._limit)
