"""A run from its start to its end: record, verdict, sinks and message. One per invocation."""

from __future__ import annotations

import logging
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
from synthetic.results import APART, Run, Sample
from synthetic.settings import Settings
from synthetic.sinks import jsonl, otlp, pushgateway, victoriametrics
from synthetic.sinks.samples import samples_of
from synthetic.store.alive import hold
from synthetic.store.alive import is_alive as is_alive
from synthetic.store.opening import store_of
from synthetic.store.run_folder import RunFolder, new_run_id
from synthetic.wording import harmless

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
            target=label_of(base_url, lambda: store_of(settings)) if base_url else STANDIN,
            location=settings.location,
            trigger=settings.trigger,
            revision=revision(),
            started_at=now,
        )
        folder = RunFolder.create(settings.reports_dir, record)
        lock = hold(folder.path)
    except BaseException:
        if standin:
            standin.stop()
        raise
    nonce = new_nonce(randomness)
    invocation = Invocation(settings, suite, nonce, folder, record, standin, lock)
    _claim(invocation.feeds_dir, folder.path)
    return invocation


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
        _remove(_owner(invocation.feeds_dir))
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
    if run.trigger in APART:
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
    _export(invocation, run, samples)
    return run


def _export(invocation: Invocation, run: Run, samples: Sequence[Sample]) -> None:
    # After people were told: systems that hang keep nobody waiting.
    exports, limit_s = invocation.settings.exports, invocation.settings.sink_timeout_s
    with _noting(invocation.troubles):
        if exports.victoriametrics_url:
            victoriametrics.push(str(exports.victoriametrics_url), samples, timeout_s=limit_s)
    with _noting(invocation.troubles):
        if exports.otlp_url:
            headers = {name: one.get_secret_value() for name, one in exports.otlp_headers.items()}
            otlp.push(str(exports.otlp_url), run, headers=headers, timeout_s=limit_s)


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


def _owner(feeds: Path) -> Path:
    """What leads from a run's camera feeds to its folder, whose lock tells whether it lives."""
    return feeds.with_name(f"{feeds.name}.owner")


def _claim(feeds: Path, folder: Path) -> None:
    """Say whose the feeds will be, and remove those of runs that ended without doing so.

    Runs that share a cache of media need not share a folder of reports.
    """
    with suppress(OSError):  # whoever makes the feeds says what is wrong with the place
        feeds.parent.mkdir(parents=True, exist_ok=True)
        _owner(feeds).symlink_to(folder.resolve())
    for owner in feeds.parent.glob("*.owner"):
        if not is_alive(owner):
            _remove(owner)


def _remove(owner: Path) -> None:
    shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
    with suppress(OSError):
        owner.unlink()


def utc_now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def merged(environ: Mapping[str, str]) -> Settings:
    """The settings in a process that was told an embedded stand-in's."""
    return settings_module.load(environ={**os.environ, **environ})
