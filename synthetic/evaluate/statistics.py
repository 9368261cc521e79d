"""Figures of a series or of counts: shares with their interval, trends, spikes, what leads. Pure.

Every function says nothing (``None``, ``"unknown"`` or an empty tuple) where there is too little
to tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from synthetic.store.digest import Digest, Labels

Trend = Literal["rising", "stable", "falling", "unknown"]
Point = tuple[datetime, float]

_Z = 1.96  # 95 % of a normal distribution lie within so many standard deviations
_FEWEST_FOR_TREND = 5  # of fewer points, no order is rarer than one in twenty
_SLIGHT = 0.05  # a change over the whole series below this share of its median is no trend
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
_SPIKE_SIGMAS = 5.0
_SPIKE_BEFORE = 24  # points that say what is usual
_FEWEST_BEFORE_SPIKE = 6


@dataclass(frozen=True)
class Share:
    """``good`` of ``count``, with the 95 % Wilson interval; all shares in per cent."""

    good: float
    count: int

    @property
    def value(self) -> float:
        """The share itself."""
        return 100 * self.good / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, 19 times in 20 (Wilson 1927): never beyond 0 and 100."""
        share, count = min(1.0, max(0.0, self.good / self.count)), self.count
        spread = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
        middle, scale = share + _Z**2 / (2 * count), 1 + _Z**2 / count
        low, high = (middle - spread) / scale, (middle + spread) / scale
        return 100 * max(0.0, min(low, share)), 100 * min(1.0, max(high, share))


def share(digests: Iterable[Digest]) -> Share | None:
    """How many observations of 0 or 1 are 1."""
    found = tuple(digests)
    count = sum(one.count for one in found)
    return Share(math.fsum(one.total for one in found), count) if count else None


def trend(points: Sequence[Point]) -> Trend:
    """Whether values rise or fall with time, beyond chance and by more than a twentieth.

    Mann–Kendall decides on chance (95 %), the Theil–Sen slope on size: a few wild points bend
    neither.
    """
    if len(points) < _FEWEST_FOR_TREND:
        return "unknown"
    pairs = [
        ((later[1] - earlier[1]), (later[0] - earlier[0]).total_seconds())
        for index, earlier in enumerate(points)
        for later in points[index + 1 :]
    ]
    score = sum((difference > 0) - (difference < 0) for difference, _ in pairs)
    slope = median(difference / span for difference, span in pairs if span)
    whole = slope * (points[-1][0] - points[0][0]).total_seconds()
    usual = abs(median(value for _, value in points))
    if abs(_kendall_z(score, points)) < _Z or abs(whole) <= _SLIGHT * usual:
        return "stable"
    return "rising" if whole > 0 else "falling"


def _kendall_z(score: int, points: Sequence[Point]) -> float:
    count = len(points)
    values = [value for _, value in points]
    ties = (values.count(value) for value in set(values))
    variance = count * (count - 1) * (2 * count + 5) - sum(
        tied * (tied - 1) * (2 * tied + 5) for tied in ties
    )
    if not variance:
        return 0.0
    return (score - math.copysign(1, score) if score else 0) / math.sqrt(variance / 18)


@dataclass(frozen=True)
class Spike:
    """A value far over what was ``usual`` before it."""

    at: datetime
    value: float
    usual: float


def spikes(points: Sequence[Point], at_least: float = 0.0) -> tuple[Spike, ...]:
    """Values over the median of those before by more than five robust standard deviations.

    ``at_least`` is by how much a spike must exceed the median in any case: where nothing ever
    varied, one more is no spike. Spikes do not count as usual for what follows.
    """
    found: list[Spike] = []
    calm: list[float] = []
    for at, value in points:
        before = calm[-_SPIKE_BEFORE:]
        if len(before) >= _FEWEST_BEFORE_SPIKE:
            usual = median(before)
            sigma = _MAD_TO_SIGMA * median(abs(one - usual) for one in before)
            if value - usual > max(_SPIKE_SIGMAS * sigma, at_least):
                found.append(Spike(at, value, usual))
                continue
        calm.append(value)
    return tuple(found)


def top(answer: Mapping[Labels, Digest], label: str, limit: int = 5) -> tuple[tuple[str, int], ...]:
    """The values of ``label`` with most observations, most first, each with how many.

    Of as many, the alphabet decides; label sets without ``label`` are passed over.
    """
    counts: dict[str, int] = {}
    for labels, digest in answer.items():
        name = dict(labels).get(label)
        if name is not None:
            counts[name] = counts.get(name, 0) + digest.count
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit])
