"""Storing: a run of 60 steps, 200 requests and 20 media rows, with all that is observed in it.

Rows per second of the store, for SQLite and PostgreSQL, beside a bare `executemany` of the very
same rows into the same tables, one transaction a run, both in turns. Goal: at most twice the time.
Then writers are killed (SIGKILL) at random moments: no run that was said to be stored may be gone,
and none may be there by half.

    python -m benchmarks.storing [--runs 40] [--kills 100]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Table, select

from benchmarks.report import Figure, progress
from synthetic.results import Feature, Journey, Latency, Media, Request, Run, Step
from synthetic.store.history import Store
from synthetic.store.rows import PARTS
from synthetic.store.schema import runs, samples
from tests.services.postgresql import running
from tests.stored import TARGET, count
from tests.writers import killed_at_random

GOAL_RATIO = 2.0
STEPS, REQUESTS, MEDIA = 60, 200, 20
_BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
_FEATURES: tuple[Feature, ...] = (
    "signup",
    "login",
    "dashboard",
    "session_create",
    "session_join",
    "video",
    "chat",
)
_ENDPOINTS = ("auth/signup", "auth/verify-otp", "sessions/list", "messages/send", "hms/token")
Rows = Mapping[Table, Sequence[tuple[Any, ...]]]


def one_run(number: int) -> Run:
    """A run of the size that is measured; each begins a minute after the one before."""
    start = _BEGIN + timedelta(minutes=number)
    moments = [start + timedelta(milliseconds=250 * one) for one in range(REQUESTS)]
    journeys = tuple(
        Journey(name=f"test_{name}", status="passed", steps=tuple(_steps(moments, name)))
        for name in range(6)
    )
    return Run(
        run_id=f"run-{number}",
        suite="full",
        target="https://kulti.test/",
        location="eu-west",
        trigger="schedule",
        started_at=start,
        finished_at=moments[-1],
        duration_s=50.0,
        verdict="passed",
        origin=None,
        journeys=journeys,
        requests=tuple(_request(one, moment) for one, moment in enumerate(moments)),
        media=tuple(_media(one) for one in range(MEDIA)),
    )


def _steps(moments: list[datetime], journey: int) -> Iterator[Step]:
    for number in range(STEPS // 6):
        place = journey * 10 + number
        yield Step(
            name=f"step {number}",
            feature=_FEATURES[place % len(_FEATURES)],
            actor=("host", "guest")[number % 2],
            status="passed",
            latency_ms=100.0 + place,
            started_at=moments[place * 3],
            ended_at=moments[place * 3 + 1],
        )


def _request(number: int, at: datetime) -> Request:
    return Request(
        endpoint=f"/api/{_ENDPOINTS[number % len(_ENDPOINTS)]}",
        method="POST",
        status=200,
        duration_ms=20.0 + number,
        at=at,
        actor=("host", "guest")[number % 2],
        journey=f"test_{number % 6}",
        step=f"step {number % 10}",
        expected=True,
    )


def _media(number: int) -> Media:
    figures = {"fps": 28.5, "width": 1280, "height": 720, "bitrate_kbps": 1200.0 + number}
    return Media.model_validate(
        {
            "kind": ("camera", "screen")[number % 2],
            "from": ("host", "guest")[number % 4 // 2],
            "to": ("guest", "host")[number % 4 // 2],
            "journey": f"test_{number % 6}",
            "step": f"step {number % 10}",
            "identity": "match",
            "glass_to_glass_ms": Latency(p50=180.0, p95=240.0),
            "packet_loss": 0.01,
            "frames_seen": 40,
            **figures,
        }
    )


class Bare:
    """A database with the same tables, into which rows go as they are."""

    def __init__(self, url: str | None, folder: Path) -> None:
        with Store.open(url, folder) as store:
            file = store.database.file
        self.sign = "?" if file else "%s"
        self.connection: Any = _sqlite(file) if file else psycopg.connect(url or "")

    def insert(self, rows: Rows) -> float:
        """Seconds that it takes to have them for good."""
        began = time.perf_counter()
        cursor = self.connection.cursor()
        if self.sign == "?":
            cursor.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            signs = ", ".join([self.sign] * len(table.columns))
            cursor.executemany(f"INSERT INTO {table.name} VALUES ({signs})", values)
        cursor.execute("COMMIT") if self.sign == "?" else self.connection.commit()
        return time.perf_counter() - began


def _sqlite(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def rows_of(store: Store, run_id: str) -> dict[Table, list[tuple[Any, ...]]]:
    """What the store made of a run, as the database has it."""
    with store.database.engine.connect() as connection:
        number = connection.scalar(select(runs.c.id).where(runs.c.run_id == run_id))
        columns = {runs: runs.c.id, samples: samples.c.run, **{one: one.c.run for one in PARTS}}
        return {
            table: [
                tuple(_plain(value) for value in row)
                for row in connection.exec_driver_sql(
                    f"SELECT * FROM {table.name} WHERE {column.name} = {number}"
                )
            ]
            for table, column in columns.items()
        }


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def measured(name: str, url: Callable[[], str | None], folder: Path, times: int) -> list[Figure]:
    """Both ways in turns; what is stored bare was stored before, in a third database."""
    arrived, ours, bare = _BEGIN + timedelta(days=30), list[float](), list[float]()
    plain = Bare(url(), folder / "bare")
    with (
        Store.open(url(), folder / "first") as first,
        Store.open(url(), folder / "ours") as store,
    ):
        for number in progress(f"storing in {name}", times + 1):
            run = one_run(number)
            first.save_run(run, arrived)
            rows = rows_of(first, run.run_id)
            began = time.perf_counter()
            store.save_run(run, arrived)
            ours.append(time.perf_counter() - began)
            bare.append(plain.insert(rows))
    plain.connection.close()
    # The first makes the series, and warms up.
    size = sum(map(len, rows.values()))
    our_s, bare_s = statistics.median(ours[1:]), statistics.median(bare[1:])
    title = f"{name}: store / bare `executemany`, time"
    return [
        Figure(title, our_s / bare_s, "×", GOAL_RATIO, times),
        Figure(f"{name}: store", size / our_s, "rows/s", None, times),
        Figure(f"{name}: bare", size / bare_s, "rows/s", None, times),
        Figure(f"{name}: a run, median", 1000 * our_s, "ms", None, times),
    ]


def survived(folder: Path, kills: int) -> Figure:
    """How many runs were lost, or left by half, when their writers were killed."""
    said = killed_at_random(str(folder), kills, most_ms=150)
    with Store.open(None, folder) as store:
        whole = store.database.sound()
        end = _BEGIN + timedelta(days=3)
        stored = [store.run(one.run_id) for one in store.runs(TARGET, _BEGIN, end)]
        good = {one.run_id for one in stored if one and len(one.journeys) == 1}
        observed = count(store, "step_ms")
    halves = len(stored) - len(good) + abs(observed - len(stored))
    lost = len(said - good) + halves + (not whole)
    return Figure("SQLite: runs lost, or kept by half, by kills", lost, "runs", 0, kills)


def run(runs: int = 40, kills: int = 100) -> list[Figure]:
    """SQLite and PostgreSQL, one after the other, and the kills."""
    with tempfile.TemporaryDirectory(prefix="synthetic-") as folder:
        figures = measured("SQLite", lambda: None, Path(folder), runs)
        with running(durable=True) as server:
            figures += measured("PostgreSQL", server.new_database, Path(folder), runs)
        return [*figures, survived(Path(folder), kills)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storing", description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--kills", type=int, default=100)
    arguments = parser.parse_args()
    for figure in run(arguments.runs, arguments.kills):
        print(figure)
