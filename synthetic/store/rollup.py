"""Hours and days made of samples. What is rolled up is always right: who writes keeps it so.

An hour holds what is after its start, up to and with its end, as questions do; a day is made of
its hours. Up to ``rolled_to`` every hour and day has its digests, and none where nothing was
observed; a sample that arrives for such an hour makes it, and its day, anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from synthetic.store.insertion import put_named
from synthetic.store.schema import about, micros, rollups, samples, series
from synthetic.store.tally import Tally

HOUR = 3_600_000_000
DAY = 24 * HOUR
GRACE = timedelta(minutes=15)
"""What arrives later than this after its hour costs more."""
_STRIDE = 7 * DAY  # rolled up at once, so that others can write in between
_MOST_IDS = 5_000  # of a list within a statement

_REACHED = "SELECT MAX(value) FROM about WHERE name IN ('rolled_to', 'closed_to')"

Cell = tuple[int, int]
"""A series' id, and the start of an hour or a day."""
_Tallies = dict[Cell, Tally]


def hour_of(at: int) -> int:
    """The start of the hour that a moment belongs to."""
    return (at - 1) // HOUR * HOUR


def cell_of(place: Sequence[Any]) -> Cell:
    """The hour of what begins with a series and a time."""
    return place[0], hour_of(place[1])


def late(connection: Connection, places: Iterable[Sequence[Any]]) -> set[Cell]:
    """The hours of ``places``, each a series and a time, that are rolled up or closed already."""
    limit = connection.exec_driver_sql(_REACHED).scalar() or 0
    return {cell_of(place) for place in places if place[1] <= limit}


def mark(connection: Connection, name: str) -> int | None:
    """A number of ``about``."""
    return connection.scalar(select(about.c.value).where(about.c.name == name))


def set_mark(connection: Connection, name: str, value: int) -> None:
    """Keep a number in ``about``."""
    put_named(connection, about, [{"name": name, "value": value}], "replace")


def closed(connection: Connection, cells: Iterable[Cell]) -> set[Cell]:
    """Those of ``cells`` that take nothing more: what they were made of has expired."""
    found = set[Cell]()
    for day, inside in _by_day(cells).items():
        rows = connection.execute(
            select(rollups.c.series, rollups.c.span, rollups.c.at).where(
                rollups.c.series.in_({one for one, _ in inside}),
                rollups.c.at >= day,
                rollups.c.at < day + DAY,
                rollups.c.closed,
            )
        ).all()
        shut = {(row.series, row.at) for row in rows if row.span == 1}
        whole = {row.series for row in rows if row.span == 24}
        found |= {cell for cell in inside if cell in shut or cell[0] in whole}
    return found


def fold(connection: Connection, cells: Iterable[Cell]) -> None:
    """Make those of ``cells`` anew that are rolled up already, and their days."""
    asked = set(cells)
    if not asked:
        return
    limit = mark(connection, "rolled_to") or 0
    rolled = {cell for cell in asked - closed(connection, asked) if cell[1] < limit}
    for day, inside in _by_day(rolled).items():
        ids = sorted({one for one, _ in inside})
        hours = [hour for _, hour in inside]
        fresh = _hours(connection, ids, min(hours), max(hours) + HOUR)
        _drop(connection, 1, inside)
        _put(connection, 1, {cell: fresh[cell] for cell in inside & fresh.keys()})
        if day + DAY <= limit:
            _drop(connection, 24, [(one, day) for one in ids])
            _put(connection, 24, _days(connection, ids, day, day + DAY))
    if rolled:
        set_mark(connection, "remade", (mark(connection, "remade") or 0) + 1)


def roll_up(connection: Connection, now: datetime) -> bool:
    """Roll up what has ended, a stride of it; whether more is left."""
    end = micros(now - GRACE) // HOUR * HOUR
    start = mark(connection, "rolled_to")
    if start is None:
        start = _oldest(connection)
    if start is None or start >= end:
        return False
    reached = min(end, start // DAY * DAY + _STRIDE)
    ids = connection.scalars(select(series.c.id).order_by(series.c.id)).all()
    for few in (ids[at : at + _MOST_IDS] for at in range(0, len(ids), _MOST_IDS)):
        _put(connection, 1, _hours(connection, few, start, reached))
        _put(connection, 24, _days(connection, few, start // DAY * DAY, reached // DAY * DAY))
    set_mark(connection, "rolled_to", reached)
    return reached < end


def _oldest(connection: Connection) -> int | None:
    """The first hour of which there is anything; what was taken over may be rolled up already."""
    first = select(func.min(samples.c.at)).where(samples.c.series == series.c.id).scalar_subquery()
    at = connection.scalar(select(func.min(first)).select_from(series))
    rolled = connection.scalar(select(func.min(rollups.c.at)))
    starts = [*([] if at is None else [hour_of(at)]), *([] if rolled is None else [rolled])]
    return min(starts, default=None)


def _hours(connection: Connection, ids: Sequence[int], start: int, end: int) -> _Tallies:
    """Digests of the hours from ``start`` to ``end``, out of samples."""
    rows = connection.execute(
        select(samples.c.series, samples.c.at, samples.c.value).where(
            samples.c.series.in_(ids), samples.c.at > start, samples.c.at <= end
        )
    )
    tallies: _Tallies = defaultdict(Tally)
    for one, at, value in rows:
        tallies[one, hour_of(at)].add(at, value)
    return tallies


def _days(connection: Connection, ids: Sequence[int], start: int, end: int) -> _Tallies:
    """Digests of the days from ``start`` to ``end``, out of those of their hours."""
    rows = connection.execute(
        select(rollups).where(
            rollups.c.series.in_(ids),
            rollups.c.span == 1,
            rollups.c.at >= start,
            rollups.c.at < end,
        )
    )
    tallies: _Tallies = defaultdict(Tally)
    for row in rows:
        tallies[row.series, row.at // DAY * DAY].add_rollup(*row[3:10])
    return tallies


def _put(connection: Connection, span: int, tallies: _Tallies) -> None:
    put_named(
        connection, rollups, [tally.row(one, span, at) for (one, at), tally in tallies.items()]
    )


def _drop(connection: Connection, span: int, cells: Iterable[Cell]) -> None:
    gone = delete(rollups).where(
        rollups.c.series == bindparam("one"),
        rollups.c.span == span,
        rollups.c.at == bindparam("start"),
    )
    connection.execute(gone, [{"one": one, "start": at} for one, at in cells])


def _by_day(cells: Iterable[Cell]) -> dict[int, set[Cell]]:
    days: dict[int, set[Cell]] = defaultdict(set)
    for one, hour in cells:
        days[hour // DAY * DAY].add((one, hour))
    return days
