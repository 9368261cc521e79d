"""The candidate against a baseline that is run in turn with it: one look at what is there. Pure.

How many looks there will be is settled before the first, by the time that there is
(:func:`levels`). What is called worse wrongly over *all* looks of a gate together is at most
:data:`ALPHA`: each look may spend an equal part of it, and the parts add up (Bonferroni over looks,
which nothing can break).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from synthetic.gate.figures import promised
from synthetic.gate.model import LINE, Comparison, Conclusion, Difference, Figure, Values
from synthetic.gate.permutation import Block, Series, adjusted, upper_bound

ALPHA = 1 / 36
"""The least ``p`` of two blocks: no other shuffle looks as bad as what was seen."""
FEWEST_BLOCKS = 2
MOST_BLOCKS = 5
_FIRST_LOOK = 3  # where there is time for more than two blocks
BOUND = 0.05
"""The chance with which a bound (``at_most``) is too low."""
TEST = "exact permutation within blocks A B B A, largest of all figures"

Quad = tuple[Values, Values, Values, Values]
"""What two runs of the candidate measured, then two of the baseline."""


def levels(planned: int) -> Mapping[int, float]:
    """By number of blocks at which to look: how small ``p`` must be, with so many blocks planned.

    No look is made before the third block, unless there is time for two only.
    """
    if planned < FEWEST_BLOCKS:
        return {}
    last = min(planned, MOST_BLOCKS)
    looks = range(min(last, _FIRST_LOOK), last + 1)
    return {blocks: ALPHA / len(looks) for blocks in looks}


def compare(blocks: Sequence[Quad], level: float) -> Comparison:
    """What these blocks say; ``level`` is how small ``p`` must be at this look."""
    figures = _measured(blocks)
    family = [_series(figure, blocks) for figure in figures]
    chances = adjusted(family)
    differences = [
        _difference(figure, blocks, series, p, level)
        for figure, series, p in zip(figures, family, chances, strict=True)
    ]
    runs = 2 * len(blocks), 2 * len(blocks)
    return Comparison(TEST, level, runs, tuple(differences))


def _measured(blocks: Sequence[Quad]) -> list[Figure]:
    """Figures that all four runs of at least two blocks have, in a fixed order."""
    whole = [set.intersection(*(set(run) for run in block)) for block in blocks]
    every = sorted(set().union(*whole)) if whole else []
    return [one for one in every if sum(one in block for block in whole) >= FEWEST_BLOCKS]


def _series(figure: Figure, blocks: Sequence[Quad]) -> Series:
    values = [run[figure] for block in blocks for run in block if figure in run]
    # Of both sides together, so that shuffling labels changes no unit.
    unit = promised(figure, median(values)) * (1 if figure.more_is_worse else -1)
    return Series(tuple(_block(figure, block, unit) for block in blocks))


def _block(figure: Figure, block: Quad, unit: float) -> Block | None:
    first, second, third, fourth = (run.get(figure) for run in block)
    if first is None or second is None or third is None or fourth is None:
        return None
    return first / unit, second / unit, third / unit, fourth / unit


def _difference(
    figure: Figure, blocks: Sequence[Quad], series: Series, p: float, level: float
) -> Difference:
    ours = [run[figure] for block in blocks for run in block[:2] if figure in run]
    theirs = [run[figure] for block in blocks for run in block[2:] if figure in run]
    baseline = median(theirs)
    least = promised(figure, baseline)
    unit = promised(figure, median([*ours, *theirs]))
    worse_by = (median(ours) - baseline) * (1 if figure.more_is_worse else -1)
    at_most = upper_bound(series, max(BOUND, 1 / 6**series.known)) * unit
    return Difference(
        figure=figure,
        candidate=median(ours),
        baseline=baseline,
        counts=(len(ours), len(theirs)),
        worse_by=worse_by,
        promised=least,
        p=p,
        at_most=at_most,
        conclusion=_conclusion(worse_by, at_most, least, p, level),
    )


def _conclusion(
    worse_by: float, at_most: float, least: float, p: float, level: float
) -> Conclusion:
    if p <= level * (1 + 1e-9) and worse_by >= LINE * least:
        return "worse"
    return "fine" if at_most < least else "open"
