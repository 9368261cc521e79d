"""Samples on their way into the tables; every function is given a writer's transaction."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import isfinite

from sqlalchemy import Connection, select

from synthetic.results import Sample
from synthetic.store import schema
from synthetic.store.database import SERIES
from synthetic.store.digest import Labels
from synthetic.store.insertion import put
from synthetic.store.observations import Series
from synthetic.store.rollup import cell_of, closed, fold, late
from synthetic.store.schema import EPOCH, labels_of, labels_text, micros

EARLIEST = EPOCH.replace(year=2000)
"""A clock that was never set is not believed."""
AHEAD = timedelta(minutes=5)
"""How far another machine's clock may be ahead of ours."""
LONGEST_LABELS = 2000
"""Characters of a sample's metric and labels, as JSON."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_CLOSED = "the samples of its hour have expired: nobody could tell it from a duplicate"

SAMPLE = ("series", "at", "value", "arrived", "run")
"""The columns of a sample."""


@dataclass(frozen=True)
class Refused:
    """A sample that was not taken: its place among those given, from 0, and why."""

    place: int
    reason: str


@dataclass(frozen=True)
class Added:
    """What became of samples: how many are new, how many were there, and which were refused."""

    stored: int
    duplicates: int
    refused: tuple[Refused, ...] = ()


def add(connection: Connection, target: str, given: Sequence[Sample], arrived: datetime) -> Added:
    """Store samples that came by themselves; those refused are none of the duplicates.

    Of two at one time in one series the first to arrive stays. Any time since the year 2000 will
    do, in any order, but none more than five minutes ahead of ``arrived``, and none in an hour
    whose samples have expired: nobody could tell a late one from a duplicate.
    """
    reasons = [reason_against(sample, arrived) for sample in given]
    good = {place: _series(given[place]) for place, reason in enumerate(reasons) if not reason}
    ids = ids_of(connection, target, good.values())
    places = {place: (ids[one], micros(given[place].at)) for place, one in good.items()}
    cells = late(connection, places.values())
    shut = closed(connection, cells)
    values: dict[tuple[int, int], float] = {}
    for place, where in places.items():
        if shut and cell_of(where) in shut:
            reasons[place] = _CLOSED
        else:
            values.setdefault(where, given[place].value)
    rows = [(one, at, value, micros(arrived), None) for (one, at), value in values.items()]
    stored = put(connection, schema.samples, SAMPLE, rows, "keep")
    fold(connection, cells - shut)
    refused = tuple(Refused(place, reason) for place, reason in enumerate(reasons) if reason)
    return Added(stored, len(given) - len(refused) - stored, refused)


def ids_of(connection: Connection, target: str, wanted: Collection[Series]) -> dict[Series, int]:
    """The ids of a target's series, also of those ``wanted`` anew, but for what can be none."""
    targets: dict[str, dict[Series, int]] = connection.info.setdefault(SERIES, {})
    known = targets.setdefault(target, {})
    if any(one not in known for one in wanted):
        known |= _known(connection, target)
    new = {one for one in wanted if one not in known and not reason_against_series(*one)}
    if new:
        rows = [(target, metric, labels_text(labels)) for metric, labels in new]
        put(connection, schema.series, ("target", "metric", "labels"), rows)
        known |= _known(connection, target)
    return known


def _known(connection: Connection, target: str) -> dict[Series, int]:
    series = schema.series.c
    wanted = select(series.metric, series.labels, series.id).where(series.target == target)
    return {(metric, labels_of(text)): one for metric, text, one in connection.execute(wanted)}


def reason_against(sample: Sample, arrived: datetime) -> str | None:
    """Why a sample cannot be taken."""
    if not isfinite(sample.value):
        return "the value is not a finite number"
    if sample.at.tzinfo is None:
        return "the time has no zone"
    if sample.at > arrived + AHEAD:
        return "the time is more than 5 minutes ahead of ours"
    if sample.at < EARLIEST:
        return "the time is before the year 2000"
    return reason_against_series(*_series(sample))


def _series(sample: Sample) -> Series:
    return sample.metric, tuple(sorted(sample.labels.items()))


@lru_cache(maxsize=1000)
def reason_against_series(metric: str, labels: Labels) -> str | None:
    """Why there can be no such series."""
    if len(metric) + len(labels_text(labels)) > LONGEST_LABELS:
        return f"metric and labels are longer than {LONGEST_LABELS} characters"
    if not all(map(_NAME.fullmatch, (metric, *(name for name, _ in labels)))):
        return "the names of metric and labels should be letters, digits and _"
    return None
