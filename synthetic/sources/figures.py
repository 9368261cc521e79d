"""What an expression gave, as samples of its metric. Pure, but for the memory it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from synthetic.errors import SourceError
from synthetic.results import Sample
from synthetic.sources.recipe import Figure
from synthetic.wording import fit

MOST_ROWS = 200
"""More label sets than anybody would look at."""
_LONGEST_LABEL = 100
_Labels = tuple[tuple[str, str], ...]


@dataclass
class Memory:
    """What one look leaves for the next.

    ``given`` is the latest moment that a figure of an hour or a day was read for, ``counters`` the
    parts and wholes of those that are worked out from their growth, ``quiet`` until when a recipe
    was asked to leave its vendor alone, ``gave`` the metrics that each ever gave.
    """

    given: dict[tuple[str, str], datetime] = field(default_factory=dict)
    counters: dict[tuple[str, str, _Labels], tuple[float, float]] = field(default_factory=dict)
    quiet: dict[str, datetime] = field(default_factory=dict)
    gave: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What became of one metric: samples, or else the trouble, or why there can be none yet."""

    recipe: str
    metric: str
    unit: str
    samples: tuple[Sample, ...] = ()
    trouble: str | None = None
    note: str | None = None


def rows_of(given: Any) -> list[Mapping[str, Any]]:
    """An expression's result as rows; a bare number is a row without labels."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [given]
    if not isinstance(given, list):
        return [{"value": given}]
    if not all(isinstance(one, Mapping) for one in given):
        raise SourceError("gives a list, where one figure or rows with a value are meant")
    return given


def read(
    recipe: str, metric: str, figure: Figure, rows: Sequence[Mapping[str, Any]],
    at: datetime, memory: Memory,
) -> Reading:  # fmt: skip
    """The reading of a metric; raises :class:`SourceError` where the rows are not as meant."""
    known = _by_labels(figure, rows)
    if not known:
        if figure.may_be_empty:
            return Reading(recipe, metric, figure.unit, note="nothing to measure")
        raise SourceError("gives nothing")
    samples = []
    for labels, row in known.items():
        value = (
            _grown((recipe, metric, labels), row, figure, memory)
            if figure.increase
            else _number(row["value"], figure)
        )
        if value is not None:
            scaled = value * figure.scale
            samples.append(Sample(metric=metric, value=scaled, at=at, labels=dict(labels)))
    if not samples:
        return Reading(recipe, metric, figure.unit, note="known after the next look")
    return Reading(recipe, metric, figure.unit, tuple(samples))


def _by_labels(
    figure: Figure, rows: Sequence[Mapping[str, Any]]
) -> dict[_Labels, Mapping[str, Any]]:
    wanted = ("part", "whole") if figure.increase else ("value",)
    if len(rows) > MOST_ROWS:
        raise SourceError(f"gives {len(rows)} rows, more than {MOST_ROWS}")
    known: dict[_Labels, Mapping[str, Any]] = {}
    for row in rows:
        lacking = [name for name in (*wanted, *figure.labels) if name not in row]
        if lacking:
            raise SourceError(f"gives rows without {' and '.join(lacking)}")
        if any(row[name] is None for name in wanted):
            continue
        labels = tuple((name, _label(row[name])) for name in sorted(figure.labels))
        if labels in known:
            said = " and ".join(f"{name} {value}" for name, value in labels)
            raise SourceError(f"gives more than one row{said and f' for {said}'}")
        known[labels] = row
    return known


def _grown(
    key: tuple[str, str, _Labels], row: Mapping[str, Any], figure: Figure, memory: Memory
) -> float | None:
    """How much the part grew by how much the whole did; none at first, and when they began anew."""
    part, whole = _number(row["part"], figure), _number(row["whole"], figure)
    before = memory.counters.get(key)
    memory.counters[key] = (part, whole)
    if before is None or part < before[0] or whole <= before[1]:
        return None
    return (part - before[0]) / (whole - before[1])


def _number(value: Any, figure: Figure) -> float:
    # What is false where a number is meant must not become a zero.
    known = isinstance(value, bool | int | float | Decimal)
    if not known or (isinstance(value, bool) and figure.unit != "bool"):
        raise SourceError(f"gives {fit(repr(value), 60)}, where a number is meant")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise SourceError(f"gives {number}, which is no figure")
    return number


def _label(value: Any) -> str:
    if not isinstance(value, str | int):
        raise SourceError(f"gives {fit(repr(value), 60)}, where a label is meant")
    return fit(str(value), _LONGEST_LABEL)
