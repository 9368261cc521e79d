"""One actor's line to the network: whole or cut, lossy, held to a rate; pure but for waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down"]
QUEUE_S = 0.3


@dataclass
class Bucket:
    """A token bucket as deep as one packet, behind a queue of ``QUEUE_S`` seconds."""

    kbps: float
    _free_at: float = 0.0

    def leaves_at(self, now: float, size: int) -> float | None:
        """When ``size`` bytes coming ``now`` (seconds) have left; None when the queue is full."""
        if self.full_for(now) > 0:
            return None
        self._free_at = max(self._free_at, now) + size * 8 / 1000 / self.kbps
        return self._free_at

    def full_for(self, now: float) -> float:
        """Seconds until the queue takes more; 0 when it does now."""
        return max(0.0, self._free_at - now - QUEUE_S)


@dataclass
class Line:
    """Touched by the network's own thread only."""

    whole: asyncio.Event = field(default_factory=asyncio.Event)
    loss: float = 0.0
    buckets: Mapping[Direction, Bucket] = field(default_factory=dict)
    carried: int = 0
    dropped: int = 0
    media_at: float | None = None
    connections: int = 0

    def __post_init__(self) -> None:
        self.whole.set()

    @property
    def cut(self) -> bool:
        """Whether nothing passes."""
        return not self.whole.is_set()

    @property
    def clean(self) -> bool:
        """Whether everything passes, at once."""
        return not (self.cut or self.loss or self.buckets)


async def pass_bytes(line: Line, direction: Direction, size: int, now: Callable[[], float]) -> None:
    """Wait until ``size`` bytes of a stream may pass: streams are held back, never dropped."""
    await line.whole.wait()
    bucket = line.buckets.get(direction)
    if bucket:
        while (leaves_at := bucket.leaves_at(now(), size)) is None:
            await asyncio.sleep(bucket.full_for(now()))
        await asyncio.sleep(leaves_at - now())
        await line.whole.wait()
