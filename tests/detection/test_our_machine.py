"""What our own machine runs out of, or loses at the last moment, is blamed on nobody else."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.detection import troubles
from tests.detection.test_ours import IMPATIENT, blamed_on
from tests.journeys.conftest import Smoke, Standin, Start

PATIENCE_S = 10
# A plugin of the run's own process, so that the moment is the very one between test and teardown.
CRASHES = """
import contextlib, psutil, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            arguments = one.cmdline()
            fed = any(part.endswith("/host.mjpeg") for part in arguments)
            if fed and not any(part.startswith("--type=") for part in arguments):
                one.kill()
                one.wait(5)
"""


@pytest.mark.fault(
    "page-out-of-memory", "a page of ours gets no more memory in a call", "inconclusive | runner"
)
@pytest.mark.parametrize("role", ["host", "guest"])
def test_a_page_gets_no_more_memory(start: Start, standin: Standin, role: str) -> None:
    running = start("-k", "meet", env={**standin.env, **IMPATIENT, "SYNTHETIC_MEDIA_WATCH_S": "4"})
    running.passes("chat, guest to host")
    troubles.page_out_of_memory(running, role)
    run = running.finish()
    blamed_on(run, "runner")
    run.tells(f"BrowserDied: the browser of {role} ended by itself", "out-of-memory")


@pytest.mark.fault("out-of-memory", "we ourselves get no more memory", "inconclusive | runner")
def test_we_get_no_more_memory(start: Start, standin: Standin) -> None:
    running = start("-k", "meet", env={**standin.env, **IMPATIENT})
    running.passes("sign up")
    troubles.no_more_memory(psutil.Process(running.process.pid))
    # Python may wait for ever for a thread that could not begin: then somebody has to end it.
    for end in (running.process.terminate, running.process.kill):
        with suppress(subprocess.TimeoutExpired):
            running.process.wait(PATIENCE_S)
        end()
    run = running.finish()
    blamed_on(run, "runner")
    assert run.code not in (0, 1), run.output


@pytest.mark.fault("browser-dies-last", "a browser crashes when all is over", "passed | - | - | -")
def test_a_browser_that_crashes_at_the_end_takes_no_verdict_along(
    smoke: Smoke, standin: Standin, tmp_path: Path
) -> None:
    (tmp_path / "crashes_at_the_end.py").write_text(CRASHES)
    env = {**standin.env, "PYTHONPATH": str(tmp_path)}
    run = smoke("-k", "meet", "-p", "crashes_at_the_end", env=env)
    assert (run.code, run.record.verdict, run.record.origin) == (0, "passed", None), run.output


@pytest.mark.fault("allure-down", "nothing can be written for Allure", "passed, and told")
def test_allures_results_cannot_be_written(smoke: Smoke, standin: Standin, tmp_path: Path) -> None:
    in_the_way = tmp_path / "reports" / "allure-results"
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file")
    run = smoke("-k", "site", env=standin.env)
    assert (run.code, run.record.verdict) == (0, "passed"), run.output
    run.tells("warning: Allure's evidence is left out: ", "allure-results", "is no folder")


@pytest.mark.fault(
    "allure-breaks", "Allure's results are taken away in the run", "passed, and told"
)
def test_allures_results_are_taken_away(start: Start, standin: Standin) -> None:
    running = start("-k", "meet", env=standin.env)
    running.passes("sign up")
    results = running.reports / "allure-results"
    shutil.rmtree(results)
    results.write_text("a file")
    run = running.finish()
    assert (run.code, run.record.verdict) == (0, "passed"), run.output
    run.tells("warning: Allure's evidence could not be written: ")
