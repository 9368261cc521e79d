"""Tells viewers that something changed: one look for all of them, and nobody waits for anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime

import anyio
from starlette.types import Receive, Send

from synthetic.store.looking import Looker

EVERY_S = 1.0
"""Between two looks at the store."""
PATIENCE_S = 10.0
"""A viewer that takes nothing for so long is let go."""
MOST_VIEWERS = 1000
_log = logging.getLogger(__name__)
_BEAT_S = 20.0  # without a word for so long, proxies would end the connection
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that collects answers would hold events back
]


class Changes:
    """The version of what pages show: it differs when the store does, and every minute."""

    def __init__(
        self, looker: Looker, clock: Callable[[], datetime], every_s: float = EVERY_S
    ) -> None:
        self._looker = looker
        self._clock = clock
        self._every_s = every_s
        self._changed = asyncio.Event()
        self.version = ""
        self.viewers = 0

    async def look(self) -> str:
        """The version now; raises :class:`StoreError`."""
        found = await anyio.to_thread.run_sync(self._looker.look)
        self._now(f"{found}-{self._clock().timestamp() // 60:.0f}")
        return self.version

    async def keep_looking(self) -> None:
        """Look until cancelled; trouble is a version of its own, so that pages show it."""
        while True:
            try:
                await self.look()
            except Exception as error:  # who stopped looking would let pages say that they live
                if type(error).__name__ != self.version:
                    _log.warning("the store cannot be looked at", exc_info=error)
                self._now(type(error).__name__)
            await asyncio.sleep(self._every_s)

    async def versions(self, beat_s: float = _BEAT_S) -> AsyncIterator[str]:
        """The version now, whenever it changes, and again when it did not for a while.

        Who takes them slowly misses what came in between, and never waits for what is old.
        """
        while True:
            changed = self._changed
            told = self.version
            yield told
            if self.version == told:
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), beat_s)

    def _now(self, version: str) -> None:
        if version != self.version:
            self.version = version
            self._changed.set()
            self._changed = asyncio.Event()


async def events(
    changes: Changes, receive: Receive, send: Send, patience_s: float = PATIENCE_S
) -> None:
    """Serve one viewer until it goes, or takes nothing any more."""
    if changes.viewers >= MOST_VIEWERS:
        await send(
            {"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"60")]}
        )
        await send({"type": "http.response.body", "body": b""})
        return
    changes.viewers += 1
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_gone, receive, tasks.cancel_scope)
            await _tell(changes, send, patience_s)
            tasks.cancel_scope.cancel()
    finally:
        changes.viewers -= 1


async def _tell(changes: Changes, send: Send, patience_s: float) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    async for version in changes.versions():
        said = f"event: version\ndata: {version}\n\n".encode()
        with anyio.move_on_after(patience_s) as limit:
            await send({"type": "http.response.body", "body": said, "more_body": True})
        if limit.cancelled_caught:
            return


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
