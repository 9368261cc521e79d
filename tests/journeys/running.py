"""A run of the suite as a process: what it prints, records and leaves behind."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from synthetic.results import Run, Step
from synthetic.store.run_folder import RunFolder

LONGEST_RUN_S = 150.0
TRACEBACK = ("Traceback (most recent call last)", "INTERNALERROR", "\n>   ")


def wait_for(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Look every 20 ms until ``condition`` holds; fails the test, naming ``what``, if it never."""
    never, deadline = threading.Event(), time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {within_s:g} s")
        never.wait(0.02)


@dataclass(frozen=True)
class Finished:
    """How a run ended: exit code, everything it printed, and where its records are."""

    code: int
    output: str
    reports: Path

    @property
    def record(self) -> Run:
        """The record that ``latest`` points at, read strictly."""
        run_id = (self.reports / "latest").read_text("utf-8").strip()
        return RunFolder.open(self.reports, run_id).read()

    @property
    def failed(self) -> list[Step]:
        """The steps that failed, in order."""
        steps = [step for journey in self.record.journeys for step in journey.steps]
        return [step for step in steps if step.status == "failed"]

    @property
    def sentence(self) -> str:
        """What the first failed step says: the type of its error, and the message."""
        error = self.failed[0].error
        return f"{error.type}: {error.message}" if error else ""

    @property
    def text(self) -> str:
        """What was printed as one line, since messages are wrapped to the terminal's width."""
        return " ".join(self.output.split())

    def tells(self, *words: str) -> None:
        """Everything a person must read is there, and no traceback with it."""
        assert [word for word in words if word not in self.text] == [], self.output
        assert [sign for sign in TRACEBACK if sign in self.output] == [], self.output


@dataclass
class Running:
    """A run in progress; ``parts`` are its findings so far."""

    process: subprocess.Popen[str]
    log: Path
    reports: Path
    mark: str
    media: Path
    seen: set[psutil.Process] = field(default_factory=set)

    def output(self) -> str:
        """What it printed so far."""
        return self.log.read_text("utf-8", "replace")

    def found(self) -> str:
        """What its parts of the record hold so far, as text."""
        parts = sorted(self.reports.glob("runs/*/parts/*.jsonl"))
        return "".join(part.read_text("utf-8") for part in parts)

    def begins(self, test: str, within_s: float = 60) -> None:
        """Wait until this test, or the file that it stands in, has begun."""
        wait_for(lambda: test in self.output(), within_s, f"{test!r} had begun")

    def passes(self, step: str, within_s: float = 60) -> None:
        """Wait until this step is over; the run must still go on then."""
        done = f'"name":"{step}"'
        wait_for(lambda: done in self.found() or not self.alive, within_s, f"{step!r} was over")
        assert self.alive, self.output()

    @property
    def alive(self) -> bool:
        """Whether the main process runs."""
        return self.process.poll() is None

    def family(self) -> set[psutil.Process]:
        """Every process it has started so far, those of other sessions too."""
        with suppress(psutil.NoSuchProcess):
            self.seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        self.seen |= {process for process in psutil.process_iter() if self._is_ours(process)}
        return self.seen

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return process.environ().get("TROUBLE_RUN") == self.mark
        return False

    def left(self) -> list[str]:
        """The processes of it that still live."""
        return [str(process) for process in self.family() if _lives(process)]

    def finish(self, within_s: float = LONGEST_RUN_S) -> Finished:
        """Wait for its end."""
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the run did not end within {within_s:g} s:\n{self.output()}")
        return Finished(code, self.output(), self.reports)

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        for process in self.family():
            with suppress(psutil.Error):
                process.kill()
        self.process.kill()
        self.process.wait()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
