"""A run from its start to its end: record, verdict, sinks and message. One per invocation."""

from __future__ import annotations

import fcntl
import logging
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from synthetic import settings as settings_module
from synthetic.errors import DeliveryError, ReportsNotWritable
from synthetic.evaluate.figures import past_alert
from synthetic.evaluate.verdict import exit_code, verdict_of
from synthetic.journeys.target import STANDIN, EmbeddedStandin, label_of, revision
from synthetic.media.mark import new_nonce
from synthetic.results import REPRO, Run
from synthetic.settings import Settings
from synthetic.sinks import jsonl, pushgateway
from synthetic.sinks.samples import samples_of
from synthetic.store.run_folder import RunFolder, new_run_id, not_writable
from synthetic.wording import harmless

ALIVE = "alive.lock"
_LABEL_WITHIN_S = 3
_UNKNOWN = {"verdict": "inconclusive", "origin": "runner"}
_log = logging.getLogger(__name__)


@dataclass
class Invocation:
    """What the process that owns a run keeps of it."""

    settings: Settings
    suite: str
    nonce: int
    folder: RunFolder
    record: Run
    standin: EmbeddedStandin | None
    lock: IO[str]
    troubles: list[str] = field(default_factory=list)
    """What could not be delivered, in sentences."""
    shown: list[str] = field(default_factory=list)
    """Messages that had no channel to go to."""
    finished: Run | None = None
    _environ: dict[str, str] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The settings that an embedded stand-in gives, once it is ready."""
        if self._environ is None:
            self._environ = self.standin.ready() if self.standin else {}
            self.settings = settings_module.load(environ={**os.environ, **self._environ})
        return self._environ

    @property
    def feeds_dir(self) -> Path:
        """Where this run's camera feeds are made; removed at its end."""
        return self.settings.media_dir / "runs" / self.record.run_id


def begin(suite: str, now: datetime, randomness: random.Random) -> Invocation:
    """Open the record of a new run; raises ``SettingsError`` and ``ReportsNotWritable``."""
    settings = settings_module.load()
    run_id = new_run_id(now, randomness)
    base_url = str(settings.base_url) if settings.base_url else None
    standin = None if base_url else EmbeddedStandin.start()
    try:
        record = Run(
            run_id=run_id,
            suite=suite,
            target=label_of(base_url, _LABEL_WITHIN_S) if base_url else STANDIN,
            location=settings.location,
            trigger=settings.trigger,
            revision=revision(),
            started_at=now,
        )
        folder = RunFolder.create(settings.reports_dir, record)
        lock = _hold(folder.path / ALIVE)
    except BaseException:
        if standin:
            standin.stop()
        raise
    _sweep(settings.media_dir / "runs", settings.reports_dir / "runs")
    nonce = new_nonce(randomness)
    return Invocation(settings, suite, nonce, folder, record, standin, lock)


def finish(invocation: Invocation, *, interrupted: bool, all_passed: bool, now: datetime) -> Run:
    """Close the record, deliver samples and message, and let go of everything.

    An interrupted run stays ``inconclusive`` by the ``runner``, and nobody is told. So does a
    verdict that pytest contradicts: something broke outside of any journey.
    """
    run = invocation.record
    try:
        run = _closed(invocation.folder.fold(), now, interrupted)
        if not all_passed and exit_code(run.verdict) == 0:
            run = run.model_copy(update=_UNKNOWN)
            invocation.troubles.append("a test broke before its journey began: see above")
        invocation.folder.write(run)
        if not interrupted:
            run = _deliver(invocation, run, _going_on_from(now))
        invocation.finished = run
        return run
    except ReportsNotWritable:
        invocation.finished = run.model_copy(update=_UNKNOWN)
        raise
    finally:
        if invocation.standin:
            invocation.standin.stop()
        shutil.rmtree(invocation.feeds_dir, ignore_errors=True)
        invocation.lock.close()


def _closed(run: Run, now: datetime, interrupted: bool) -> Run:
    ended = {"finished_at": now, "duration_s": round((now - run.started_at).total_seconds(), 3)}
    if interrupted:
        return run.model_copy(update=ended)
    verdict, origin = verdict_of(run.journeys)
    if verdict == "passed" and past_alert(run):
        verdict, origin = "degraded", "target"
    return run.model_copy(update={**ended, "verdict": verdict, "origin": origin})


def _deliver(invocation: Invocation, run: Run, clock: Callable[[], datetime]) -> Run:
    settings = invocation.settings
    if run.trigger == REPRO:  # somebody looks on: it tells nobody and bends no rate
        return run
    samples = samples_of(run)
    with _noting(invocation.troubles):
        jsonl.append(settings.reports_dir, samples)
    with _noting(invocation.troubles):
        if settings.pushgateway_url:
            url, limit_s = str(settings.pushgateway_url), settings.sink_timeout_s
            pushgateway.push(url, run, samples, timeout_s=limit_s)
    with _noting(invocation.troubles):
        from synthetic.after_run import follow  # a database and a plan, which no step needs

        show = invocation.shown.append
        run, troubles = follow(run, settings, invocation.folder, clock=clock, show=show)
        invocation.troubles += troubles
        invocation.folder.write(run)
    return run


def _going_on_from(now: datetime) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


@contextmanager
def _noting(troubles: list[str]) -> Iterator[None]:
    # The verdict is on disk by now: what cannot be handed on is said, and changes nothing.
    try:
        yield
    except (DeliveryError, ReportsNotWritable) as error:
        troubles.append(harmless(str(error)))


def _hold(path: Path) -> IO[str]:
    try:
        lock = path.open("w")
    except OSError as error:
        raise not_writable(path, error) from error
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def is_alive(folder: Path) -> bool:
    """Whether the process that owns a run still lives; its lock ends with it."""
    path = folder / ALIVE
    if not path.exists():
        return False
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _sweep(feeds: Path, runs: Path) -> None:
    for left in feeds.glob("*"):
        if not is_alive(runs / left.name):
            shutil.rmtree(left, ignore_errors=True)


def utc_now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def merged(environ: Mapping[str, str]) -> Settings:
    """The settings in a process that was told an embedded stand-in's."""
    return settings_module.load(environ={**os.environ, **environ})
