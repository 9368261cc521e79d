"""The day for real: ``synthetic watch`` on a stand-in that is broken and mended by schedule.

Everything is as users have it: processes, browsers, the network of this machine; only the troubles
come one after the other, each for a share of the time that is given. The truth is worked out of
the samples that the watch stored.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from benchmarks import day_truth
from benchmarks.day_script import Rows, Series
from benchmarks.day_truth import NO_DATA, Transition
from benchmarks.report import Figure
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.store import schema
from synthetic.store.history import Store
from synthetic.store.schema import labels_of

TARGET = "stand-in"
SYNTHETIC = str(Path(sys.executable).parent / "synthetic")
READS = ("list", "profile", "history")
"""Endpoints that probes ask, by the names of their faults."""
_NO_BROWSER = "/nonexistent/browser"
_LOOK_EVERY_S = 1.0
_ENOUGH_FOR_MEMORY = timedelta(minutes=30)


@dataclass(frozen=True)
class Trouble:
    """From which share of the time to which the stand-in has these faults; without any, the watch
    is stopped as a machine that sleeps is. ``interval_s`` is that of what shows it."""

    name: str
    begins: float
    ends: float
    faults: tuple[str, ...]
    interval_s: float | None = None


TROUBLES = (
    Trouble("site", 0.08, 0.16, ("landing-500", "health-500")),
    Trouble("database", 0.24, 0.32, ("health-database",)),
    Trouble("API", 0.40, 0.48, tuple(f"{one}-500" for one in READS), 300),
    Trouble("brown-out", 0.54, 0.64, tuple(f"{one}-flaky=0.4" for one in READS), 300),
    Trouble("slow", 0.68, 0.80, tuple(f"{one}-slow=6" for one in READS)),
    Trouble("silent", 0.86, 0.93, ()),
)


@dataclass(frozen=True)
class Lived:
    """When it began, when each trouble did begin and end, and the watch's memory meanwhile."""

    began: datetime
    ended: datetime
    troubles: tuple[tuple[Trouble, datetime, datetime], ...]
    memory: tuple[int, ...]


def run(
    length: timedelta, every: timedelta, *, browsers: bool
) -> tuple[Sequence[Figure], list[str]]:
    """The figures, and what was missed or told without cause, in sentences."""
    with tempfile.TemporaryDirectory() as folder:
        with ExitStack() as stack:
            standin = stack.enter_context(_started([SYNTHETIC, "standin", "--breakable"]))
            environ = {
                **os.environ,
                **standin["env"],
                "SYNTHETIC_REPORTS_DIR": folder,
                "SYNTHETIC_WATCH__PROBE_EVERY": f"{every.total_seconds():g}s",
                "SYNTHETIC_WATCH__EVALUATE_EVERY": f"{every.total_seconds():g}s",
                "SYNTHETIC_WATCH__SMOKE_EVERY": f"{length.total_seconds() / 8:g}s",
            }
            if not browsers:
                environ["SYNTHETIC_BROWSER_PATH"] = _NO_BROWSER
            watch = stack.enter_context(_started([SYNTHETIC, "watch"], environ))
            lived = _live(length, standin["url"], watch["process"])
        with Store.open(None, Path(folder)) as store:
            return _judged(store, load(), lived, every)


def _live(length: timedelta, url: str, watch: subprocess.Popen[str]) -> Lived:
    """Break and mend by schedule."""
    began = datetime.now(UTC)
    memory: list[int] = []
    troubles: list[tuple[Trouble, datetime, datetime]] = []

    def until(share: float) -> datetime:
        moment = began + share * length
        while (left := (moment - datetime.now(UTC)).total_seconds()) > 0:
            memory.append(psutil.Process(watch.pid).memory_info().rss)
            time.sleep(min(left, _LOOK_EVERY_S))
        return datetime.now(UTC)

    for trouble in TROUBLES:
        begun = until(trouble.begins)
        with _trouble(trouble, url, watch):
            ended = until(trouble.ends)
        troubles.append((trouble, begun, ended))
    return Lived(began, until(1), tuple(troubles), tuple(memory))


@contextmanager
def _trouble(trouble: Trouble, url: str, watch: subprocess.Popen[str]) -> Iterator[None]:
    if not trouble.faults:
        watch.send_signal(signal.SIGSTOP)
        yield
        watch.send_signal(signal.SIGCONT)
        return
    breaks = [word for fault in trouble.faults for word in ("--break", fault)]
    tell = [SYNTHETIC, "standin", "--at", url]
    subprocess.run([*tell, *breaks], check=True, stdout=sys.stderr)
    yield
    subprocess.run([*tell, "--mend"], check=True, stdout=sys.stderr)


def _judged(
    store: Store, plan: Plan, lived: Lived, every: timedelta
) -> tuple[Sequence[Figure], list[str]]:
    from benchmarks.day import compared

    length = (lived.ended - lived.began).total_seconds()
    truth = day_truth.transitions(_series(store, lived.began), plan, "steady", length)
    truth = [one for one in truth if one[0] < length - every.total_seconds()]
    told = _told(store, lived)
    off, missed, extra = compared(_awake(truth, lived, every), _awake(told, lived, every))
    pages = [
        (trouble, _paged(store, begun, ended + every))
        for trouble, begun, ended in lived.troubles
        if _calls(truth, plan, lived, begun, ended)
    ]
    found = [*_punctual(off, missed, extra, every), *_called(pages, every)]
    if lived.ended - lived.began >= _ENOUGH_FOR_MEMORY:
        quarter = len(lived.memory) // 4
        growth = max(lived.memory[-quarter:]) / max(lived.memory[quarter : 2 * quarter])
        found.append(Figure("for real: memory, last quarter / second", growth, "×", 1.1, 1))
    return found, [
        *(f"missed: {one}" for one in missed),
        *(f"without cause: {one}" for one in extra),
    ]


def _punctual(
    off: Sequence[float],
    missed: Sequence[Transition],
    extra: Sequence[Transition],
    every: timedelta,
) -> Iterator[Figure]:
    count, most = len(off) + len(missed), max(off, default=0)
    interval = every.total_seconds()
    yield Figure("for real: beginnings and ends, most off", most, "s", interval, count)
    yield Figure("for real: missed", len(missed), "", 0, count)
    yield Figure("for real: without cause", len(extra), "", 0, count)


def _called(pages: Sequence[tuple[Trouble, float | None]], every: timedelta) -> Iterator[Figure]:
    missed = sum(took is None for _, took in pages)
    yield Figure("for real: pages missed", missed, "", 0, len(pages))
    for trouble, took in pages:
        if took is not None:
            most = 2 * (trouble.interval_s or every.total_seconds())
            yield Figure(f"for real: onset to page, {trouble.name}", took, "s", most, 1)


def _series(store: Store, began: datetime) -> Mapping[str, Series]:
    """All samples of the stand-in, straight from the tables."""
    samples, series = schema.samples, schema.series
    wanted = select(series.c.metric, series.c.labels, samples.c.at, samples.c.value)
    wanted = wanted.join(samples, samples.c.series == series.c.id).where(series.c.target == TARGET)
    found: dict[str, Series] = defaultdict(dict)
    wanted = wanted.order_by(samples.c.at)
    for metric, labels, at, value in store.database.read(lambda one: one.execute(wanted).all()):
        rows = found[metric].setdefault(labels_of(labels), Rows())
        rows.add(at / 1e6 - began.timestamp(), value)
    return found


def _told(store: Store, lived: Lived) -> list[Transition]:
    kept = store.transitions(TARGET, lived.began - timedelta(minutes=1), lived.ended)
    return [
        ((one.at - lived.began).total_seconds(), one.rule, one.state, one.labels)
        for one in kept
        if one.state in ("firing", "resolved", "superseded")
    ]


def _awake(those: Sequence[Transition], lived: Lived, every: timedelta) -> list[Transition]:
    """Without *no data* while the watch slept, and just after: whether it is said is chance."""
    asleep = [
        ((begun - lived.began).total_seconds(), (ended + 2 * every - lived.began).total_seconds())
        for trouble, begun, ended in lived.troubles
        if not trouble.faults
    ]
    return [
        one
        for one in those
        if one[1] != NO_DATA or not any(first <= one[0] <= last for first, last in asleep)
    ]


def _calls(
    truth: Sequence[Transition], plan: Plan, lived: Lived, begun: datetime, ended: datetime
) -> bool:
    """Whether anything critical truly began in a trouble."""
    critical = {row.id for row in plan.rules("steady") if row.severity == "critical"}
    moments = [one[0] for one in truth if one[1] in critical and one[2] == "firing"]
    first, last = ((one - lived.began).total_seconds() for one in (begun, ended))
    return any(first <= moment < last for moment in moments)


def _paged(store: Store, begun: datetime, ended: datetime) -> float | None:
    """How long after its onset somebody was called."""
    parcels = (one for each in store.incidents(TARGET) for one in store.parcels(each.id))
    sent = [one.sent_at for one in parcels if one.channel == "pagerduty" and one.sent_at]
    took = [(one - begun).total_seconds() for one in sent if begun <= one <= ended]
    return min(took, default=None)


@contextmanager
def _started(
    command: Sequence[str], environ: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """A process that said in a line of JSON that it is ready; ended at the end."""
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield {**json.loads(process.stdout.readline()), "process": process}
        finally:
            process.terminate()
