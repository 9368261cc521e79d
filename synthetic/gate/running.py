"""Runs of the suite against a side, each a process of its own, whose records are read back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
from pydantic import ValidationError

from synthetic._settings_product import TargetPass
from synthetic.errors import SettingsError
from synthetic.gate.model import Ran, Side
from synthetic.journeys.first_visit import NO_PASS, by_client
from synthetic.reports.baseline import deployment_of
from synthetic.results import GATE, Run
from synthetic.store.run_folder import not_writable
from synthetic.wording import harmless

DRAIN_S = 10.0
"""How long a run that was told to end may take to write its record."""
_LOOK_WITHIN_S = 5.0
_LONGEST_PAGE = 200_000
_BUILD = re.compile(r"""(?:data-dpl-id=["']|[?&]dpl=)(dpl_\w{8,64})""")


def command_of(suite: str) -> list[str]:
    """What runs a suite."""
    return [sys.executable, "-m", "pytest", "-m", suite]


def environment(url: str, reports: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Of a run against ``url``, which is never more than the value of a variable."""
    ours = {
        "SYNTHETIC_BASE_URL": url,
        "SYNTHETIC_TRIGGER": GATE,
        "SYNTHETIC_REPORTS_DIR": str(reports),
    }
    return {**os.environ, **more, **ours}


@dataclass
class Runner:
    """Runs the suite against one side; ``more`` are settings that are others for it."""

    side: Side
    url: str
    reports: Path
    argv: Sequence[str]
    target_pass: TargetPass = NO_PASS
    more: Mapping[str, str] = field(default_factory=dict)
    drain_s: float = DRAIN_S
    _known: set[str] = field(default_factory=set)

    def run(self, limit_s: float) -> Ran:
        """One run, ended after ``limit_s``; raises :class:`ReportsNotWritable`."""
        began = time.monotonic()

        def left_s() -> float:
            return limit_s - (time.monotonic() - began)

        before = deployment_at(self.url, self.target_pass, left_s())
        in_time = self._process(left_s())
        found, folder = self._record()
        # Both of one page: others of the product may be deployed apart from it.
        after = deployment_at(self.url, self.target_pass, left_s()) if in_time else None
        return Ran(
            side=self.side,
            run=found,
            took_s=time.monotonic() - began,
            deployments=tuple(dict.fromkeys(filter(None, (before, after)))),
            folder=folder,
            trouble=None if in_time and found else self._trouble(in_time, limit_s),
            cut_off=not in_time,
        )

    def _trouble(self, in_time: bool, limit_s: float) -> str:
        log = self.reports / "pytest.log"
        if not in_time:
            return f"the run was ended after {limit_s:.0f} s, when the time was up"
        return f"the run left no record: {log} shows how far it came"

    def _process(self, limit_s: float) -> bool:
        """Whether the run ended by itself. Nothing that it started stays behind."""
        log = self.reports / "pytest.log"
        try:
            self.reports.mkdir(parents=True, exist_ok=True)
            output = log.open("ab")
        except OSError as error:
            raise not_writable(log, error) from error
        with output:
            process = subprocess.Popen(
                self.argv,
                env=environment(self.url, self.reports, self.more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            process.wait(max(0.0, limit_s))
        except subprocess.TimeoutExpired:
            return False
        finally:
            _end(process, self.drain_s)
        return True

    def _record(self) -> tuple[Run | None, Path | None]:
        """The record of the run that was made last, unless it is known already."""
        try:
            run_id = (self.reports / "latest").read_text("utf-8").strip()
            folder = self.reports / "runs" / run_id
            if run_id in self._known:
                return None, None
            self._known.add(run_id)
            return Run.from_json((folder / "run.json").read_bytes()), folder
        except (OSError, ValidationError):
            return None, None


def _end(process: subprocess.Popen[bytes], drain_s: float) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(drain_s)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def deployment_at(
    url: str, target_pass: TargetPass, within_s: float = _LOOK_WITHIN_S
) -> str | None:
    """Which deployment answers now, where its headers or its page say so in time."""
    found: list[str | None] = []
    ends_at = time.monotonic() + min(within_s, _LOOK_WITHIN_S)
    # What drips is always in time for the next read: only another thread can leave it be.
    look = Thread(target=lambda: found.append(_look(url, target_pass, ends_at)), daemon=True)
    look.start()
    look.join(max(0.0, ends_at - time.monotonic()))
    return found[0] if found else None


def _look(url: str, target_pass: TargetPass, ends_at: float) -> str | None:
    try:
        with httpx.Client(timeout=_LOOK_WITHIN_S, follow_redirects=True) as client:
            by_client(target_pass, url, client)
            with client.stream("GET", url) as answer:
                said = deployment_of(answer.headers)
                return harmless(said)[:200] if said else _named_in(answer, ends_at)
    except (httpx.HTTPError, httpx.InvalidURL, SettingsError):  # the run itself will say so
        return None


def _named_in(answer: httpx.Response, ends_at: float) -> str | None:
    page = ""
    for part in answer.iter_text():
        page += part
        if len(page) > _LONGEST_PAGE or time.monotonic() > ends_at:
            break
    build = _BUILD.search(page)
    return build[1] if build else None
