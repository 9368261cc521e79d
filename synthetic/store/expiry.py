"""What is removed, and when: single rows first, failures later, figures of hours and days last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from synthetic.store import schema
from synthetic.store.rollup import DAY, HOUR, mark, set_mark
from synthetic.store.rows import PARTS
from synthetic.store.schema import micros


@dataclass(frozen=True)
class Keep:
    """How long what is kept, from when it was and from when it arrived.

    ``samples``: single observations. ``passed``: steps, requests and media of runs that passed;
    ``failed``: those of all others. ``hours``: hourly figures, how runs ended, and what was sent.
    ``days``: daily figures, transitions, incidents and silences.
    """

    samples: timedelta = timedelta(days=35)
    passed: timedelta = timedelta(days=35)
    failed: timedelta = timedelta(days=400)
    hours: timedelta = timedelta(days=400)
    days: timedelta = timedelta(days=3650)


KEEP = Keep()
_AT_ONCE = 20_000  # hours of series, so that others can write in between
_Span = dict[str, int]  # of series "one", from "start" to "end"
_SERIES = select(schema.series.c.id)  # rows are found by their series, and only then by time


def expire(connection: Connection, now: datetime, keep: Keep) -> bool:
    """Remove what is older than it is kept, or a part of it; whether more is left.

    It is done once an hour, however often it is asked for.
    """
    if abs(micros(now) - (mark(connection, "expired_at") or 0)) < HOUR:
        return False
    if _samples(connection, micros(now - keep.samples)):
        return True
    set_mark(connection, "expired_at", micros(now))
    _hours(connection, micros(now - keep.hours))
    rollups = schema.rollups
    past = micros(now - keep.days) // DAY * DAY
    old = (rollups.c.span == 24, rollups.c.closed, rollups.c.at < past)
    connection.execute(delete(rollups).where(rollups.c.series.in_(_SERIES), *old))
    _runs(connection, now, keep)
    _states(connection, now, keep)
    return False


def _samples(connection: Connection, cutoff: int) -> bool:
    """Those of whole hours that are rolled up and of which nothing arrived lately."""
    samples = schema.samples
    limit = min(cutoff // HOUR * HOUR, mark(connection, "rolled_to") or 0)
    found = _groups(
        select(samples.c.series, literal_column(f"(at - 1) / {HOUR} * {HOUR}").label("start"))
        .where(samples.c.series.in_(_SERIES), samples.c.at <= limit)
        .having(func.max(samples.c.arrived) < cutoff)
        .limit(_AT_ONCE)
    )
    spans = _joined(connection.execute(found), HOUR)
    if not spans:
        return False
    within = (samples.c.at > bindparam("start"), samples.c.at <= bindparam("end"))
    connection.execute(delete(samples).where(samples.c.series == bindparam("one"), *within), spans)
    _close(connection, 1, spans)
    reached = max(span["end"] for span in spans)
    set_mark(connection, "closed_to", max(reached, mark(connection, "closed_to") or 0))
    return True


def _hours(connection: Connection, cutoff: int) -> None:
    """Those of whole days of which no sample is left."""
    rollups = schema.rollups
    day: ColumnElement[int] = literal_column(f"at / {DAY} * {DAY}").label("start")
    left = func.sum(case((rollups.c.closed, 0), else_=1))
    ours = rollups.c.series.in_(_SERIES)
    old = (ours, rollups.c.span == 1, rollups.c.at < cutoff // DAY * DAY)
    found = _groups(select(rollups.c.series, day).where(*old).having(left == 0))
    spans = _joined(connection.execute(found), DAY)
    if not spans:
        return
    _close(connection, 24, spans)
    within = (rollups.c.at >= bindparam("start"), rollups.c.at < bindparam("end"))
    gone = delete(rollups).where(rollups.c.series == bindparam("one"), rollups.c.span == 1, *within)
    connection.execute(gone, spans)


def _groups(wanted: Select[Any]) -> Select[Any]:
    return wanted.group_by(text("1"), text("2")).order_by(text("1"), text("2"))


def _joined(cells: Iterable[Sequence[Any]], length: int) -> list[_Span]:
    """Hours or days of series in their order, those that follow each other as one."""
    spans: list[_Span] = []
    for one, start in cells:
        if spans and spans[-1]["one"] == one and spans[-1]["end"] == start:
            spans[-1]["end"] = start + length
        else:
            spans.append({"one": one, "start": start, "end": start + length})
    return spans


def _close(connection: Connection, span: int, spans: Sequence[_Span]) -> None:
    rollups = schema.rollups.c
    within = (rollups.at >= bindparam("start"), rollups.at < bindparam("end"))
    which = (rollups.series == bindparam("one"), rollups.span == span, *within)
    connection.execute(update(schema.rollups).where(*which).values(closed=True), list(spans))


def _runs(connection: Connection, now: datetime, keep: Keep) -> None:
    """Parts of runs, those of failures last, and at the end how they ended."""
    runs = schema.runs.c

    def older(age: timedelta) -> ColumnElement[bool]:
        return and_(runs.started_at < now - age, runs.arrived < now - age)

    spent = or_(and_(runs.verdict == "passed", older(keep.passed)), older(keep.failed))
    for table in PARTS:
        connection.execute(delete(table).where(table.c.run.in_(select(runs.id).where(spent))))
    connection.execute(delete(schema.runs).where(older(max(keep.hours, keep.failed))))


def _states(connection: Connection, now: datetime, keep: Keep) -> None:
    """What was told and sent long ago; never what is still to be done."""
    outbox, past = schema.outbox.c, now - keep.days
    settled = or_(outbox.sent_at.is_not(None), outbox.given_up_at.is_not(None))
    for table, old in (
        (schema.outbox, and_(settled, outbox.created_at < now - keep.hours)),
        (schema.transitions, schema.transitions.c.at < past),
        (schema.incidents, schema.incidents.c.closed_at < past),
        (schema.silences, schema.silences.c.ends_at < past),
        (schema.leases, schema.leases.c.until < now - keep.samples),
    ):
        connection.execute(delete(table).where(old))
