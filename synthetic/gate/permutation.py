"""The exact test behind paired runs: labels shuffled within blocks of four. Pure.

A block is four runs in a row, two of the candidate and two of the baseline (A B B A). If the two
do not differ, any two of the four could have been the candidate's: six ways a block, so ``6 ** k``
equally likely ways for ``k`` blocks. What was seen is held against all of them.

Over many figures the *largest* statistic of a shuffle counts (Westfall and Young's max-T): the
chance that any figure is called worse wrongly is then ``p`` itself, however the figures hang
together, and no other correction is needed. What drifts from block to block cancels.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

Block = tuple[float, float, float, float]
"""Values of two runs of the candidate, then two of the baseline; higher is worse."""

_ALLOCATIONS = tuple(combinations(range(4), 2))  # the first is what was seen
_MOVED = tuple(float(len({2, 3} & set(chosen))) for chosen in _ALLOCATIONS)
_STEADY = 0.25
_FARTHEST = 3.0
_NOTHING: Block = (0.0, 0.0, 0.0, 0.0)
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Series:
    """A figure over all blocks, in units of what is promised to be found; none: not measured."""

    blocks: tuple[Block | None, ...]

    @property
    def known(self) -> int:
        """In how many blocks it was measured."""
        return sum(block is not None for block in self.blocks)


def adjusted(family: Sequence[Series]) -> list[float]:
    """For each series the chance that any of them looks at least as bad by itself.

    Exact: the share of all shuffles whose largest statistic is as large. All series have as many
    blocks.
    """
    if not family or not family[0].blocks:
        return [1.0] * len(family)
    statistics = [_statistics(one) for one in family]
    largest = sorted(max(each) + _ROUNDING for each in zip(*statistics, strict=True))
    return [1 - bisect_left(largest, one[0]) / len(largest) for one in statistics]


def upper_bound(series: Series, level: float) -> float:
    """How much worse the candidate is at most, by the same shuffles read backwards.

    A difference as large as the bound would look as small as what was seen with a chance of
    ``level`` at most. Infinite where there are too few blocks to say anything.
    """
    blocks = [block for block in series.blocks if block is not None]
    allowed: int = math.floor(level * 6 ** len(blocks) + 1e-9)
    if not blocks or allowed < 1:
        return math.inf
    shuffled = _sums([[_difference(block, chosen) for chosen in _ALLOCATIONS] for block in blocks])
    moved = _sums([_MOVED] * len(blocks))
    seen = shuffled[0]
    bounds = [(seen - one) / by for one, by in zip(shuffled, moved, strict=True) if by]
    return sorted(bounds, reverse=True)[allowed - 1]


def _sums(rows: Sequence[Sequence[float]]) -> list[float]:
    """The sums over blocks for every way to choose in each, first what was seen."""
    sums = [0.0]
    for row in rows:
        sums = [total + part for total in sums for part in row]
    return sums


def _difference(block: Block, chosen: tuple[int, ...]) -> float:
    """The mean of the chosen runs less that of the others."""
    return sum(block[place] for place in chosen) - sum(block) / 2


def _clipped(block: Block) -> Block:
    # One wild run should not hide a difference, nor make one.
    middle = sum(sorted(block)[1:3]) / 2
    first, second, third, fourth = (
        max(-_FARTHEST, min(_FARTHEST, value - middle)) for value in block
    )
    return first, second, third, fourth


def _statistics(series: Series) -> list[float]:
    """By shuffle: the mean difference against its standard error, which is never taken to be near
    nothing, since a difference far below what is promised to be found is no news however steady it
    is. What was not measured differs by nothing."""
    blocks = [_clipped(block) if block else _NOTHING for block in series.blocks]
    known = max(1, series.known)
    rows = [[_difference(block, chosen) for chosen in _ALLOCATIONS] for block in blocks]
    within = sum((value - sum(block) / 4) ** 2 for block in blocks for value in block)
    squares = _sums([[part * part for part in row] for row in rows])
    freedom = 2 * known * known
    return [
        total / known / (math.sqrt(max(0.0, within - square) / freedom) + _STEADY)
        for total, square in zip(_sums(rows), squares, strict=True)
    ]
