"""The index of runs made again from their records, and a damaged history replaced by a new one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Select, Table, exc, select
from sqlalchemy.engine import URL

from synthetic.errors import StoreDamaged
from synthetic.results import Run
from synthetic.store import schema
from synthetic.store.database import Database
from synthetic.store.history import Store
from synthetic.store.insertion import put_named
from synthetic.store.rollup import HOUR, set_mark

_AT_ONCE = 20  # runs in one transaction, so that others can write in between
_BESIDE = ("", "-wal", "-shm")  # what SQLite keeps a database in
_STATED = (
    *(schema.alerts, schema.transitions, schema.incidents),
    *(schema.outbox, schema.silences, schema.notes),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rebuilt:
    """How many runs are in the index, how many were dropped from it, and what was no record."""

    runs: int
    dropped: int
    unreadable: tuple[Path, ...]


def rebuild(store: Store, records: Iterable[Path], now: datetime) -> Rebuilt:
    """Make all rows of the runs again whose records these are.

    In a file of our own, runs that have no folder are dropped, unless there is no record at all; a
    server may know runs whose records are on other machines. Each run is replaced as a whole, so
    that whoever asks meanwhile sees the old rows or the new, and an end in the middle leaves
    nothing broken.
    """
    known: list[str] = []
    roots: set[Path] = set()
    unreadable: list[Path] = []
    for batch in _batches(records):
        runs = {path: _read(path) for path in batch}
        unreadable += [path for path, run in runs.items() if run is None]
        good = [run for run in runs.values() if run]
        store.save_again(good, now)
        known += [run.run_id for run in good]
        roots |= {path.parents[1] for path in batch}
    folders = {folder.name for root in roots for folder in root.iterdir()}
    dropped = store.keep_runs(folders) if known and store.database.file else 0
    return Rebuilt(len(known), dropped, tuple(unreadable))


def whole(url: str | None, reports: Path, now: datetime) -> tuple[Store, Path | None]:
    """The history, opened; a damaged file is put aside first, and is the second value.

    Of a damaged one, what came otherwise than by runs is taken over as far as it can be read.
    """
    try:
        store = Store.open(url, reports)
        if store.database.sound():
            return store, None
        store.close()
    except StoreDamaged:
        _log.info("the history is damaged")
    file = Database.at(url, reports).file
    if file is None:
        raise StoreDamaged("the database is damaged: restore it from a backup of the server's")
    aside = file.with_name(f"{file.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    for ending in _BESIDE:
        part = file.with_name(file.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    store = Store.open(url, reports)
    _salvage(Database(URL.create("sqlite", database=str(aside))), store)
    return store, aside


def _salvage(old: Database, store: Store) -> None:
    """What no record holds, table by table, up to where a table breaks off."""
    samples, rollups = schema.samples.c, schema.rollups.c
    series = _readable(old, select(schema.series))
    ids = {row["id"] for row in series}
    figures = {
        schema.samples: select(schema.samples).where(samples.run.is_(None)),
        schema.rollups: select(schema.rollups).where(rollups.closed),
    }
    found: dict[Table, list[dict[str, Any]]] = {schema.series: series}
    for table, rows in figures.items():
        found[table] = [row for row in _readable(old, rows) if row["series"] in ids]
    for table in _STATED:
        found[table] = _readable(old, select(table))
    old.close()
    store.database.write(lambda connection: _take_over(connection, found))


def _take_over(connection: Connection, found: dict[Table, list[dict[str, Any]]]) -> None:
    for table, rows in found.items():
        put_named(connection, table, rows)
    closed = [row["at"] + row["span"] * HOUR for row in found[schema.rollups]]
    if closed:
        set_mark(connection, "closed_to", max(closed))


def _readable(old: Database, rows: Select[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        with old.engine.connect() as connection:
            for row in connection.execution_options(yield_per=1).execute(rows).mappings():
                found.append(dict(row))
    except exc.SQLAlchemyError as error:
        _log.warning("not all could be taken over: %s", error)
    return found


def _read(path: Path) -> Run | None:
    try:
        return Run.from_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        _log.info("%s is no record: %s", path, error)
        return None


def _batches(records: Iterable[Path]) -> Iterator[list[Path]]:
    left = iter(records)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch
