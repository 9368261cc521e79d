"""What the gate measures, compares and decides, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from synthetic.results import Origin, Run, Verdict

Side = Literal["candidate", "baseline"]
Kind = Literal["step", "endpoint", "media"]
Unit = Literal["ms", "fps", "kbps"]
Conclusion = Literal["worse", "open", "fine"]

PROMISED_SHARE = 0.15
"""A difference of this share of what the baseline has, and of :data:`PROMISED`, is to be found."""
PROMISED: Mapping[Unit, float] = {"ms": 100.0, "fps": 3.0, "kbps": 150.0}
LINE = 0.5
"""What is blocked must be this share of what is promised to be found: midway to no difference."""


@dataclass(frozen=True, order=True)
class Figure:
    """One thing that every run measures; ``name`` is for people, unique with ``journey``."""

    kind: Kind
    journey: str
    name: str
    unit: Unit = field(compare=False)

    @property
    def more_is_worse(self) -> bool:
        """Whether a higher value is the poorer one."""
        return self.unit == "ms"


Values = Mapping[Figure, float]
"""What one run measured."""


@dataclass(frozen=True)
class Difference:
    """How a figure of the candidate stands to the baseline's.

    ``candidate`` and ``baseline`` are medians of so many runs (``counts``), ``worse_by`` is how
    much poorer the candidate is (negative: better), ``promised`` the least that is promised to be
    found, all in the figure's unit. ``p`` is how likely chance alone makes any figure look so bad
    (adjusted for all figures). ``at_most`` is the upper bound of ``worse_by``, where it is known.
    """

    figure: Figure
    candidate: float
    baseline: float
    counts: tuple[int, int]
    worse_by: float
    promised: float
    p: float
    at_most: float | None
    conclusion: Conclusion


@dataclass(frozen=True)
class Comparison:
    """All figures at the last look; ``settled`` when none is open.

    ``test`` names the test, ``level`` is what ``p`` was held against at this look.
    """

    test: str
    level: float
    runs: tuple[int, int]
    differences: tuple[Difference, ...]

    @property
    def worse(self) -> tuple[Difference, ...]:
        """What the candidate is blocked for."""
        return tuple(one for one in self.differences if one.conclusion == "worse")

    @property
    def open(self) -> tuple[Difference, ...]:
        """What the runs so far could not tell."""
        return tuple(one for one in self.differences if one.conclusion == "open")

    @property
    def settled(self) -> bool:
        """Whether more runs could change nothing."""
        return bool(self.worse) or not self.open


@dataclass(frozen=True)
class Ran:
    """One run of the suite; ``deployments`` are those that answered before and after it.

    ``run`` is none where it left no record; ``trouble`` says then, or where it was cut off when the
    time was up (``cut_off``), why.
    """

    side: Side
    run: Run | None
    took_s: float
    deployments: tuple[str, ...] = ()
    folder: Path | None = None
    trouble: str | None = None
    cut_off: bool = False

    @property
    def verdict(self) -> Verdict:
        """Of the run; what left no record told nothing."""
        return self.run.verdict if self.run else "inconclusive"

    @property
    def origin(self) -> Origin | None:
        """Whose fault it was, where anybody's."""
        return self.run.origin if self.run else "runner"

    @property
    def good(self) -> bool:
        """Whether every journey worked, if only at the second attempt."""
        return self.verdict in ("passed", "degraded")


@dataclass(frozen=True)
class Decision:
    """What the gate came to: ``why`` in sentences, the most telling first, then ``notes``."""

    verdict: Verdict
    why: tuple[str, ...]
    notes: tuple[str, ...] = ()
    runs: tuple[Ran, ...] = ()
    comparison: Comparison | None = None
    took_s: float = 0.0

    def exit_code(self, *, strict: bool) -> int:
        """Contract 7: 0 deploy, 1 block, 3 inconclusive."""
        if self.verdict == "inconclusive":
            return 3
        blocked = self.verdict == "failed" or (strict and self.verdict == "degraded")
        return int(blocked)
