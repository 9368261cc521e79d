"""A measured figure, and ``docs/figures.md`` made of all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``goal`` is the most it should be, ``count`` what it rests on."""

    name: str
    value: float
    unit: str
    goal: float | None
    count: int

    @property
    def missed(self) -> bool:
        """Whether it has a goal and is beyond it."""
        return self.goal is not None and self.value > self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"  (goal ≤ {self.goal:g} {self.unit})"
        return f"{self.name}: {self.value:.3g} {self.unit} of {self.count}{goal}".rstrip()


def progress(name: str, count: int) -> Iterator[int]:
    """Counts on standard error while long work goes on."""
    for number in range(count):
        print(f"\r{name}: {number + 1} of {count}", end="", file=sys.stderr, flush=True)
        yield number
    print(file=sys.stderr)
