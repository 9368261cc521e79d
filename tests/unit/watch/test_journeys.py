"""Journeys run in a process of their own, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from synthetic.errors import ReportsNotWritable, RunnerError
from synthetic.store.alive import hold, under_way
from synthetic.watch import journeys
from synthetic.watch.work import Errand

SMOKE = Errand("smoke")
STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
signal.pause()
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"  # dead, and not yet collected by whoever adopted it


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("code", [0, 1, 6])
def test_a_run_that_told_its_verdict_is_no_trouble(tmp_path: Path, code: int) -> None:
    asyncio.run(journeys.run(SMOKE, tmp_path, python(f"raise SystemExit({code})")))


def test_a_run_without_a_verdict_is_trouble_and_its_output_is_kept(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match=r"ended with 3 and no verdict: see .*watch-smoke\.log"):
        asyncio.run(journeys.run(SMOKE, tmp_path, python("print('oh'); raise SystemExit(3)")))
    assert (tmp_path / "watch-smoke.log").read_text() == "oh\n"


def test_a_run_that_finds_no_journeys_says_where_and_what_to_do(tmp_path: Path) -> None:
    said = r"smoke run found no journeys in /.+ \(start the watch in a checkout, .+watch-smoke\.log"
    with pytest.raises(RunnerError, match=said):
        asyncio.run(journeys.run(SMOKE, tmp_path, python("raise SystemExit(5)")))


@pytest.mark.parametrize(("suite", "trigger"), [("smoke", "watch"), ("burst", "burst")])
def test_a_run_knows_who_started_it(tmp_path: Path, suite: str, trigger: str) -> None:
    code = "import os; print(os.environ['SYNTHETIC_TRIGGER'])"
    errand = Errand(suite, ("meet",) if suite == "burst" else ())  # type: ignore[arg-type]
    asyncio.run(journeys.run(errand, tmp_path, python(code)))
    assert (tmp_path / f"watch-{suite}.log").read_text() == f"{trigger}\n"


def test_what_does_not_end_when_told_to_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    told = tmp_path / "pids"

    async def scene() -> None:
        command = python(STUBBORN, str(told))
        run = asyncio.create_task(journeys.run(SMOKE, tmp_path, command, drain_s=0.1))
        await until(lambda: told.exists() and bool(told.read_text()))
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await until(lambda: all(is_gone(int(pid)) for pid in told.read_text().split()))

    asyncio.run(scene())


def test_a_run_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journeys, "LIMIT_S", {"smoke": 0.5})
    with pytest.raises(RunnerError, match="was ended after 0 min"):
        asyncio.run(journeys.run(SMOKE, tmp_path, ["sleep", "60"]))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReportsNotWritable):
        asyncio.run(journeys.run(SMOKE, tmp_path / "none", python("")))


def test_each_errand_has_its_journeys() -> None:
    assert journeys.command_of(SMOKE)[1:] == ["-m", "pytest", "-m", "smoke"]
    assert journeys.command_of(Errand("full"))[1:] == ["-m", "pytest", "-m", "full"]
    burst = journeys.command_of(Errand("burst", ("test_a", "test_b")))
    assert burst[1:] == ["-m", "pytest", "-m", "smoke or full", "-k", "test_a or test_b"]


def test_a_run_is_under_way_as_long_as_its_process_lives(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "20261130-a"
    folder.mkdir(parents=True)
    assert not under_way(tmp_path)
    lock = hold(folder)
    assert under_way(tmp_path)
    lock.close()
    assert not under_way(tmp_path)
    assert not under_way(Path(os.devnull))
