"""Runs on their way into the tables; every function is given a writer's transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, delete, select

from synthetic.results import Run
from synthetic.store import schema
from synthetic.store.insertion import put, sign_of
from synthetic.store.observations import Observed, Series, observed
from synthetic.store.rollup import Cell, cell_of, closed, fold, late
from synthetic.store.rows import PARTS, head_of, parts_of
from synthetic.store.sampling import AHEAD, EARLIEST, SAMPLE, ids_of
from synthetic.store.schema import micros

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # not where the backslash is itself a text's
_ROOM = 1_000_000  # microseconds by which samples may have been moved
# What SQLAlchemy would make of it, but for a tenth of a millisecond: the whole takes a few.
_KNOWN = """
SELECT COALESCE(known.id, (SELECT COALESCE(MAX(id), 0) + 1 FROM runs)) AS number,
known.digest, known.finished_at, known.arrived
FROM (SELECT 1 AS one) AS always LEFT JOIN runs AS known ON known.run_id = """


def save(connection: Connection, run: Run, arrived: datetime, *, again: bool = False) -> bool:
    """Store a run, or what it grew to; whether anything changed.

    A record without an end never takes the place of one that has it. With ``again`` the rows are
    made anew though the record has not changed.
    """
    head, parts = head_of(run), parts_of(run)
    text = to_json([head, *(part.rows for part in parts)])
    # NUL means nothing to anybody, and PostgreSQL takes none.
    if rb"\u0000" in text and _NUL.search(text.decode()):
        plain = Run.from_json(_NUL.sub("\\1\ufffd", run.to_json()))
        return save(connection, plain, arrived, again=again)
    digest = hashlib.sha256(text).hexdigest()
    sign = sign_of(connection.dialect)
    known = connection.exec_driver_sql(_KNOWN + sign, (run.run_id,)).one()
    if known.digest == digest and not again:
        return False
    if known.finished_at and not run.finished_at:
        return False
    touched = forget(connection, known.number) if known.digest else set[Cell]()
    found = _observed(run, arrived)
    head |= {"id": known.number, "digest": digest, "arrived": known.arrived or micros(arrived)}
    if found:
        head["observed_from"] = min(values[0][0] for values in found.values())
        head["observed_to"] = max(values[-1][0] for values in found.values())
    put(connection, schema.runs, tuple(head), [tuple(head.values())])
    for part in parts:
        rows = [(known.number, *row) for row in part.rows]
        put(connection, part.table, ("run", *part.names), rows)
    fold(connection, touched | _insert(connection, found, head, micros(arrived)))
    return True


def forget(connection: Connection, number: int) -> set[Cell]:
    """Take a run out; the hours in which it was observed, to be folded."""
    samples, runs = schema.samples, schema.runs
    run = connection.execute(select(runs).where(runs.c.id == number)).one()
    touched = set[Cell]()
    if run.observed_from is not None:
        its = _its(run.target, run.observed_from, run.observed_to, number)
        found = connection.execute(select(samples.c.series, samples.c.at).where(*its))
        touched = late(connection, found)
        connection.execute(delete(samples).where(*its))
    for table in PARTS:
        connection.execute(delete(table).where(table.c.run == number))
    connection.execute(delete(runs).where(runs.c.id == number))
    return touched


def keep_only(connection: Connection, run_ids: Collection[str]) -> int:
    """Forget the other runs; how many those were."""
    known = connection.execute(select(schema.runs.c.id, schema.runs.c.run_id)).all()
    gone = [row.id for row in known if row.run_id not in run_ids]
    fold(connection, {cell for number in gone for cell in forget(connection, number)})
    return len(gone)


def _observed(run: Run, arrived: datetime) -> dict[Series, Observed]:
    """What was observed in a run, but for times out of range."""
    first, last = micros(EARLIEST), micros(arrived + AHEAD)
    found = observed(run)
    for series, values in list(found.items()):
        if values[0][0] < first or values[-1][0] > last:
            found[series] = [one for one in values if first <= one[0] <= last]
    return {series: values for series, values in found.items() if values}


def _insert(
    connection: Connection, found: dict[Series, Observed], head: Mapping[str, Any], arrived: int
) -> set[Cell]:
    """Insert the samples of a run; the hours in which they lie, of those rolled up already.

    Where another run was observed at the same moment, a microsecond later will do.
    """
    ids = ids_of(connection, head["target"], found)
    same = (arrived, head["id"])
    # In the order of the table's key, which saves a third of the time.
    ordered = sorted((ids[series], values) for series, values in found.items() if series in ids)
    rows: list[tuple[Any, ...]] = [
        (one, at, value, *same) for one, values in ordered for at, value in values
    ]
    touched = late(connection, rows)
    shut = closed(connection, touched)
    if shut:
        rows = [row for row in rows if cell_of(row) not in shut]
    samples = schema.samples.c
    while put(connection, schema.samples, SAMPLE, rows, "keep") < len(rows):
        its = _its(head["target"], head["observed_from"], head["observed_to"], head["id"])
        stored = connection.execute(select(samples.series, samples.at).where(*its))
        there = {(one, at) for one, at in stored}
        rows = [(one, at + 1, *more) for one, at, *more in rows if (one, at) not in there]
        touched |= late(connection, rows)
    return touched - shut


def _its(target: str, first: int, last: int, number: int) -> tuple[ColumnElement[bool], ...]:
    """What tells the samples of a run, found by their series and times."""
    samples = schema.samples.c
    ours = select(schema.series.c.id).where(schema.series.c.target == target)
    return (
        samples.series.in_(ours),
        samples.at.between(first, last + _ROOM),
        samples.run == number,
    )
