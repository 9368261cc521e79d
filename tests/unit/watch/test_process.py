"""The process around the watch: turns that go on whatever happens, an address, refusals."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from synthetic.cli import main
from synthetic.plan.load import load
from synthetic.settings import Settings
from synthetic.watch import process
from synthetic.watch.process import turns
from tests.unit.watch.worlds import World


def lived(world: World, clock: list[datetime], turns_until: int) -> None:
    """Turns of a watcher until so many were made."""

    async def scene() -> None:
        stopping, turn, made = asyncio.Event(), world.watcher.turn, 0

        async def counted(now: datetime) -> datetime:
            nonlocal made
            made += 1
            if made >= turns_until:
                stopping.set()
            return await turn(now)

        world.watcher.turn = counted  # type: ignore[method-assign]
        await asyncio.wait_for(turns(world.watcher, stopping, lambda: clock[-1]), 10)
        await world.watcher.drain()

    asyncio.run(scene())


def test_what_ended_brings_the_next_turn_at_once() -> None:
    world = World()
    lived(world, [datetime.now(UTC)], 4)
    assert {"probe", "evaluate", "smoke"} <= {what for _, what in world.did}


def test_a_turn_that_breaks_is_told_and_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process, "LONGEST_SLEEP", timedelta(milliseconds=1))
    world, broken = World(), [True]

    def cadence(_: datetime) -> dict[str, timedelta]:
        if broken:
            broken.pop()
            raise ZeroDivisionError
        return {"probe": timedelta(seconds=1)}

    world.watcher.cadence = cadence
    lived(world, [datetime.now(UTC)], 6)
    assert "a turn broke by a fault of ours" in caplog.text
    assert world.count("probe") == 1


def test_outside_of_a_checkout_it_goes_on_without_journeys_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan, now = load(), datetime.now(UTC)
    (tmp_path / "tests" / "smoke").mkdir(parents=True)
    every = process.cadence_here(plan, Settings(), tmp_path)(now)
    assert not caplog.records
    left = process.cadence_here(plan, Settings(), tmp_path / "tests")(now)
    assert every.keys() - left.keys() == {"smoke", "full"}
    (said,) = caplog.messages
    assert f"no journeys are run, since {tmp_path / 'tests'} has no tests/smoke" in said
    assert said.endswith("start the watch in the checkout")


def test_without_a_target_it_refuses_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "")
    assert main(["watch"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("watch needs to be told whom to watch: set SYNTHETIC_BASE_URL")
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "reports").exists()


def test_exposed_it_needs_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:9/")
    assert main(["watch", "--host", "0.0.0.0"]) == 2
    said = capsys.readouterr()
    assert (said.out, "set SYNTHETIC_DASHBOARD__TOKEN" in said.err) == ("", True)


def test_what_would_fail_again_and_again_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("SYNTHETIC_WATCH__PROBE_EVERY", "5m")
    monkeypatch.setattr(process, "store_of", lambda _: pytest.fail("it was begun"))
    assert main(["watch"]) == 2
    assert "SYNTHETIC_WATCH__PROBE_EVERY should be at most 81s" in capsys.readouterr().err
    monkeypatch.setenv("SYNTHETIC_WATCH__PROBE_EVERY", "5s")
    shutil.copytree(str(resources.files("synthetic.plan")), tmp_path / "plan")
    (tmp_path / "plan" / "calendar.toml").write_text('[daly]\nat = 09:00:00\nwithin = "1h"\n')
    monkeypatch.setenv("SYNTHETIC_PLAN_DIR", "plan")
    assert main(["watch"]) == 2
    assert "daly in calendar.toml is no report" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()
