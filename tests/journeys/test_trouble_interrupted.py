"""Runs that are cut short leave a valid record, no process, no feed, and nothing in the product."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from synthetic.journeys.cleanup import LEDGER, Ledger
from synthetic.run import is_alive
from tests.journeys.conftest import Smoke, Standin, Start
from tests.journeys.running import Finished, Running, wait_for

INTERRUPTED = 2
LONG_CALL = {"SYNTHETIC_MEDIA_WATCH_S": "8"}
# Workers without a controller are told to end after 5 s, and ended by force 10 s later.
ORPHANED_S = 25


def starting(running: Running) -> None:
    wait_for((running.reports / "latest").exists, 20, "a record")


def during(step: str) -> Callable[[Running], None]:
    return lambda running: running.passes(step)


def ctrl_c(running: Running) -> None:
    """A terminal tells the whole process group."""
    os.killpg(running.process.pid, signal.SIGINT)


def sigterm(running: Running) -> None:
    """A supervisor tells the process that it started."""
    running.process.terminate()


def nothing_is_left(running: Running, within_s: float) -> None:
    wait_for(lambda: not running.left(), within_s, f"{running.left()} ended")


TERMINATES = """
import os, signal

def pytest_configure(config):
    os.kill(os.getpid(), signal.SIGTERM)
    print("configured all the same", flush=True)
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "2 workers"])
def test_a_signal_while_pytest_is_set_up_waits_until_it_is(
    start: Start, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "terminates.py").write_text(TERMINATES)
    run = start("-p", "terminates", *arguments, env={"PYTHONPATH": str(tmp_path)}).finish(20)
    assert run.code == INTERRUPTED, run.output
    run.tells("configured all the same", "INCONCLUSIVE")
    cut_short(run)


@pytest.mark.parametrize(
    ("moment", "arguments", "stop"),
    [
        (starting, (), ctrl_c),
        (during("sign-up form opens"), (), sigterm),
        (during("chat, guest to host"), (), ctrl_c),
        (during("leave"), (), sigterm),
        (starting, ("-n", "2"), sigterm),
        (during("log in"), ("-n", "2"), ctrl_c),
        (during("chat, guest to host"), ("-n", "2"), sigterm),
    ],
    ids=[
        "start-int",
        "sign-up-term",
        "call-int",
        "end-term",
        "2-start-term",
        "2-int",
        "2-call-term",
    ],
)
def test_a_signal_ends_it_in_order(
    start: Start,
    moment: Callable[[Running], None],
    arguments: tuple[str, ...],
    stop: Callable[[Running], None],
) -> None:
    running = start(*arguments, env=LONG_CALL)
    moment(running)
    running.family()
    stop(running)
    run = running.finish(within_s=20)
    nothing_is_left(running, 5)
    assert run.code == INTERRUPTED, run.output
    cut_short(run)
    assert run.record.finished_at is not None
    assert not (running.media / run.record.run_id).exists()
    run.tells("INCONCLUSIVE")


def cut_short(run: Finished) -> None:
    assert (run.record.verdict, run.record.origin) == ("inconclusive", "runner")
    assert run.record.notifications == ()


@pytest.mark.fault("killed", "the run is killed", "inconclusive | runner")
@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "2 workers"])
def test_after_a_kill_nothing_runs_on(start: Start, arguments: tuple[str, ...]) -> None:
    running = start(*arguments, env=LONG_CALL)
    running.passes("chat, guest to host")
    running.family()
    running.process.kill()
    run = running.finish(within_s=5)
    nothing_is_left(running, ORPHANED_S)
    cut_short(run)
    assert run.record.finished_at is None


def test_the_next_run_removes_what_a_killed_one_left(
    start: Start, smoke: Smoke, standin: Standin
) -> None:
    running = start(env={**standin.env, **LONG_CALL})
    running.passes("create session")
    running.process.kill()
    killed = running.finish(within_s=5)
    nothing_is_left(running, 10)
    folder = killed.reports / "runs" / killed.record.run_id
    ledger = Ledger(folder / LEDGER)
    left = ledger.left()
    assert [thing.kind for thing in left] == ["session", "account"]
    assert not is_alive(folder)

    elsewhere = smoke("-k", "site")
    assert elsewhere.code == 0
    assert ledger.left() == left, "another target's"
    assert not (running.media / killed.record.run_id).exists()

    assert smoke("-k", "site", env=standin.env).code == 0
    assert ledger.left() == []
    asked = httpx.post(f"{standin.url}/api/auth/login", json={"email": left[0].owner})
    assert asked.status_code == 404
