"""A history as five locations make it in days or in a year, straight into a database's tables.

A year is six million samples: probes every five minutes, a smoke test every two hours, and what
sources tell of the product every five minutes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from synthetic.store.digest import Labels
from synthetic.store.history import Store
from synthetic.store.schema import labels_text, micros, samples, series

TARGET = "https://kulti.test/"
END = datetime(2026, 12, 1, 12, tzinfo=UTC)
YEAR_DAYS, FEW_DAYS = 365, 4
LOCATIONS = ("ap-south", "eu-north", "eu-west", "us-east", "us-west")
PROBE_S, SMOKE_S = 300, 7200
FEATURES = (
    "site", "signup", "login", "dashboard", "session_create", "session_join", "video", "chat",
    "recording", "leave",
)  # fmt: skip
ENDPOINTS = (
    "/api/auth/signup", "/api/auth/verify-otp", "/api/sessions/list", "/api/sessions/create",
    "/api/sessions/join", "/api/users/profile", "/api/hms/token", "/api/messages/send",
    "/api/messages/list",
)  # fmt: skip
REQUESTS = 5  # to each endpoint, in a run
_INSERT = "INSERT INTO samples (series, at, value, arrived) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True)
class Series:
    """What is observed every so many seconds, so many times in a row; good or bad, or a figure."""

    metric: str
    labels: Labels
    every_s: int
    values: Literal["mostly 1", "mostly 0", "figures"]
    usual: float = 200.0
    at_once: int = 1


def all_series() -> Iterator[Series]:
    """Everything that is observed."""
    for metric, usual in (("error_rate", 0.4), ("response_p95", 1.2), ("database_cpu", 40.0),
                          ("cache_hit_rate", 90.0), ("active_users", 200.0)):  # fmt: skip
        yield Series(metric, (), PROBE_S, "figures", usual)
    for location in LOCATIONS:
        for one in (*_probes(), *_runs()):
            labels = tuple(sorted((*one.labels, ("location", location))))
            yield Series(one.metric, labels, one.every_s, one.values, one.usual, one.at_once)


def _probes() -> Iterator[Series]:
    source = (("source", "probes"),)
    yield Series("site_ms", source, PROBE_S, "figures")
    for metric in ("site_up", "health_up", "health_database", "health_hms"):
        yield Series(metric, source, PROBE_S, "mostly 1")


def _runs() -> Iterator[Series]:
    for metric in ("run_failed", "run_inconclusive"):
        yield Series(metric, (("suite", "smoke"),), SMOKE_S, "mostly 0")
    yield Series("reconnected", (), SMOKE_S, "mostly 0", at_once=2)
    yield Series("error", (("feature", "video"), ("fingerprint", "no picture")), 86400, "mostly 1")
    for feature in FEATURES:
        whose = (("feature", feature), ("journey", "two_people_meet"))
        yield Series("outcome", (*whose, ("burst", "no")), SMOKE_S, "mostly 1")
        yield Series("works", whose, SMOKE_S, "mostly 1")
        for actor in ("host", "guest"):
            yield Series("step_ms", (("feature", feature), ("actor", actor)), SMOKE_S, "figures")
    for endpoint in ENDPOINTS:
        labels = (("endpoint", endpoint), ("source", "journeys"))
        yield Series("request_failed", labels, SMOKE_S, "mostly 0", at_once=REQUESTS)
        yield Series("request_ms", labels, SMOKE_S, "figures", at_once=REQUESTS)
    for kind, one, other in (("camera", "host", "guest"), ("camera", "guest", "host"),
                             ("screen", "host", "guest")):  # fmt: skip
        which = (("from", one), ("kind", kind), ("to", other))
        for metric, usual in (("media_fps", 28.0), ("media_bitrate_kbps", 1200.0),
                              ("media_height", 720.0), ("media_packet_loss", 0.01),
                              ("media_glass_to_glass_ms", 250.0)):  # fmt: skip
            yield Series(metric, which, SMOKE_S, "figures", usual)
    for page in ("landing", "dashboard", "room"):
        yield Series("page_lcp_ms", (("page", page), ("size", "desktop")), SMOKE_S, "figures")


def fill(store: Store, days: int, seed: int = 1) -> int:
    """Write so many days up to ``END`` and roll them up; how many samples that was."""

    def work(connection: Connection) -> int:
        for number, one in enumerate(all_series()):
            chance = random.Random(f"{seed} {number}")
            row = {"target": TARGET, "metric": one.metric, "labels": labels_text(one.labels)}
            identity = connection.execute(insert(series).values(row)).inserted_primary_key
            assert identity is not None
            rows = [(identity[0], at, value, at) for at, value in _values(one, days, chance)]
            connection.exec_driver_sql(_INSERT, rows)
        return connection.scalar(select(func.count()).select_from(samples)) or 0

    count = store.database.write(work)
    store.roll_up(END)
    return count


def _values(one: Series, days: int, chance: random.Random) -> Iterator[tuple[int, float]]:
    start, every = micros(END - timedelta(days=days)), one.every_s * 1_000_000
    offset = chance.randrange(every // 2)
    for at in range(start + offset, micros(END), every):
        for number in range(one.at_once):
            yield at + number * 1_000_000, _value(one, chance)


def _value(one: Series, chance: random.Random) -> float:
    if one.values == "figures":
        return one.usual * chance.lognormvariate(0, 0.2)
    return float((chance.random() < 0.99) == (one.values == "mostly 1"))


@contextmanager
def history(days: int) -> Iterator[tuple[Store, int]]:
    """A SQLite store that holds so many days, and how many samples they are."""
    with TemporaryDirectory(prefix="synthetic-") as folder, Store.open(None, Path(folder)) as store:
        yield store, fill(store, days)
