"""Samples on their way into the tables; every function is given a writer's transaction."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
from synthetic.store.observations import MOST, Series
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
    reasons, good = _judged(given, arrived)
    ids = ids_of(connection, target, good.values())
    places = {place: (ids[one], micros(given[place].at)) for place, one in good.items()}
    cells = late(connection, places.values())
    shut = closed(connection, cells)
    if shut:
        reasons |= {place: _CLOSED for place, at in places.items() if cell_of(at) in shut}
    added = _put(connection, given, places, reasons, arrived)
    fold(connection, cells - shut)
    return added


def add_known(
    connection: Connection, target: str, given: Sequence[Sample], arrived: datetime
) -> Added | None:
    """The same while others do it too: of series that are known, and for hours that are not rolled
    up. None of it is done where that does not hold of all: who does the rest writes alone."""
    reasons, good = _judged(given, arrived)
    wanted = set(good.values())
    targets: dict[str, dict[Series, int]] = connection.info.setdefault(SERIES, {})
    ids = targets.setdefault(target, {})
    if not ids:
        ids |= _known(connection, target)
    if wanted - ids.keys():
        return None
    places = {place: (ids[one], micros(given[place].at)) for place, one in good.items()}
    if late(connection, places.values()):
        return None
    return _put(connection, given, places, reasons, arrived)


def _judged(given: Sequence[Sample], arrived: datetime) -> tuple[dict[int, str], dict[int, Series]]:
    """By their places among those given: why some are refused, and the series of the others."""
    judged = {place: reason_against(sample, arrived) for place, sample in enumerate(given)}
    good = {place: _series(given[place]) for place, reason in judged.items() if not reason}
    return {place: reason for place, reason in judged.items() if reason}, good


def _put(
    connection: Connection,
    given: Sequence[Sample],
    places: Mapping[int, tuple[int, int]],
    reasons: Mapping[int, str],
    arrived: datetime,
) -> Added:
    values: dict[tuple[int, int], float] = {}
    for place, where in places.items():
        if place not in reasons:
            values.setdefault(where, given[place].value)
    # In one order, or two who store the same could wait for each other.
    rows = [(one, at, value, micros(arrived), None) for (one, at), value in sorted(values.items())]
    stored = put(connection, schema.samples, SAMPLE, rows, "keep")
    refused = tuple(Refused(place, reason) for place, reason in sorted(reasons.items()))
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
    if abs(sample.value) > MOST:
        return f"the value is further from zero than {MOST:g}"
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
