"""A page of a target's runs, the newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from synthetic.results import Run, Verdict
from synthetic.store import schema
from synthetic.store.rows import run_of

_FAILING = (schema.journeys, schema.steps)


@dataclass(frozen=True)
class Only:
    """Which runs are wanted; what is none is any."""

    verdict: Verdict | None = None
    suite: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Listed:
    """``runs`` with those of their attempts and steps alone that failed, of ``total`` there are.

    ``suites`` and ``locations`` are all that the target's runs have.
    """

    runs: tuple[Run, ...]
    total: int
    suites: tuple[str, ...]
    locations: tuple[str, ...]


def listed(connection: Connection, target: str, only: Only, limit: int, offset: int) -> Listed:
    """At most ``limit`` runs after the ``offset`` newest."""
    runs = schema.runs
    wanted = [runs.c.target == target, *_wanted(only)]
    found = connection.execute(
        select(runs)
        .where(*wanted)
        .order_by(runs.c.started_at.desc(), runs.c.run_id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    failures = {
        table: _failures(connection, table, [row.id for row in found]) for table in _FAILING
    }
    return Listed(
        tuple(run_of(row, _of(row.id, failures)) for row in found),
        connection.scalar(select(func.count()).select_from(runs).where(*wanted)) or 0,
        _known(connection, target, runs.c.suite),
        _known(connection, target, runs.c.location),
    )


def _wanted(only: Only) -> list[ColumnElement[bool]]:
    runs = schema.runs.c
    return [runs[name] == value for name, value in vars(only).items() if value is not None]


def _known(connection: Connection, target: str, column: ColumnElement[str]) -> tuple[str, ...]:
    known = select(column).where(schema.runs.c.target == target).distinct()
    return tuple(sorted(connection.scalars(known)))


def _failures(connection: Connection, table: Table, runs: Collection[int]) -> list[Any]:
    failed = select(table).where(table.c.run.in_(runs), table.c.status == "failed")
    return list(connection.execute(failed.order_by(*table.primary_key)).all())


def _of(run: int, failures: dict[Table, list[Any]]) -> dict[Table, list[Any]]:
    return {table: [row for row in rows if row.run == run] for table, rows in failures.items()}
