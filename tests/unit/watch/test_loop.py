"""What is done when, over simulated days."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from synthetic.errors import StoreLocked
from synthetic.plan.load import load
from synthetic.settings import Settings
from synthetic.watch import calendar
from synthetic.watch.cadence import cadence_of
from tests.unit.watch.worlds import MIDNIGHT, World

HOUR = timedelta(hours=1)


def test_a_day_has_its_number_of_everything_and_nothing_drifts() -> None:
    world = World(look="2m")
    world.passes("1d")
    assert [world.count(name) for name in ("probe", "source", "evaluate")] == [1440, 1440, 1440]
    assert (world.count("smoke"), world.count("beat")) == (12, 1440)
    # The first is done at once; the others lie on the half minute, after that minute's probes.
    assert {at.second for at in world.at("evaluate")[1:]} == {30}
    late = [at.second + at.microsecond / 1e6 for at in world.at("probe")[1:]]
    assert max(late) < 6
    assert len(set(late)) > 1000


def test_the_full_suite_comes_at_its_slot_and_not_at_the_start() -> None:
    world = World(now=MIDNIGHT + HOUR, every={"full": "6h"}, look="5m")
    world.passes("12h")
    assert [round((at - MIDNIGHT) / HOUR) for at in world.at("full")] == [6, 12]


def test_a_watch_that_is_begun_anew_every_day_runs_the_full_suite() -> None:
    world = World(now=MIDNIGHT + 13 * HOUR, every={"full": "1d"}, look="5m")
    world.passes("23h")
    assert world.count("full") == 1


def test_nine_hours_of_sleep_are_made_up_for_once() -> None:
    world = World(calendar=calendar.read(), now=MIDNIGHT + HOUR)
    world.passes("1h")
    before = {name: world.count(name) for name in ("probe", "source", "evaluate", "smoke", "full")}
    world.now += 9 * HOUR
    asyncio.run(_settled(world))
    after = {name: world.count(name) - count for name, count in before.items()}
    assert after == {"probe": 1, "source": 1, "evaluate": 1, "smoke": 1, "full": 0}
    names = {what for at, what in world.did if at == world.now and " of " in what}
    assert names == {
        "standup of 30 09:00", "daily of 30 09:15", "triage of 30 09:30",
        "optimisation of 30 10:00", "engineering of 30 10:00", "verification of 30 10:00",
        "monthly-performance of 30 10:00",
    }  # fmt: skip
    assert world.watcher.tallies["probe"].skipped == 539


async def _settled(world: World) -> None:
    world.watcher.changed = asyncio.Event()
    await world.watcher.settle(world.now)


def test_a_clock_that_is_put_back_stops_nothing() -> None:
    world = World(now=MIDNIGHT + 8 * HOUR, calendar=calendar.read())
    world.passes("2h")
    world.now -= HOUR
    before = world.count("probe"), world.count("evaluate")
    world.passes("10m")
    assert world.count("probe") - before[0] >= 9
    assert world.count("evaluate") - before[1] >= 9
    world.passes("110m")
    again = [what for _, what in world.did if what.startswith("standup")]
    assert set(again) == {"standup of 30 09:00"}  # its parcel is the same, and goes out once


def test_a_clock_that_jumped_a_year_ahead_and_back_stops_nothing() -> None:
    world = World(calendar=calendar.read(), look="2m")
    world.passes("10m")
    world.now += timedelta(days=365)
    world.passes("1m")
    world.now -= timedelta(days=365)
    before = world.count("probe"), world.count("smoke")
    world.passes("10h")
    assert 598 <= world.count("probe") - before[0] <= 600
    assert 4 <= world.count("smoke") - before[1] <= 5
    assert "standup of 30 09:00" in {what for _, what in world.did}


def test_a_phase_of_the_launch_has_its_own_cadence() -> None:
    launch = MIDNIGHT + 10 * HOUR + timedelta(minutes=7)
    settings = Settings(launch_at=launch)

    def smokes(now: datetime) -> dict[str, timedelta]:
        return {"smoke": cadence_of(load(), settings, now)["smoke"]}

    world = World(now=launch, launch_at=launch, cadence=smokes, look="1m")
    world.passes("26h")
    after = [at - launch for at in world.at("smoke")]
    counts = [sum(begin * HOUR <= one < end * HOUR for one in after)
              for begin, end in ((0, 1), (1, 4), (4, 8), (8, 12), (12, 24))]  # fmt: skip
    assert counts == [4, 6, 8, 4, 6]
    assert all(one % timedelta(minutes=15) < timedelta(minutes=2) for one in after)


def test_settings_win_over_the_phase() -> None:
    settings = Settings.model_validate({"watch": {"probe_every": "5s", "smoke_every": "30m"}})
    every = cadence_of(load(), settings, MIDNIGHT)
    assert (every["probe"], every["smoke"]) == (timedelta(seconds=5), timedelta(minutes=30))
    assert (every["evaluate"], every["full"]) == (timedelta(minutes=1), timedelta(days=1))


def test_trouble_in_one_thing_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    world = World(breaks={"probe": StoreLocked("others hold it"), "evaluate": ValueError("oh")})
    world.passes("5m")
    assert (world.count("probe"), world.count("evaluate"), world.count("source")) == (5, 5, 5)
    tallies = world.watcher.tallies
    assert (tallies["probe"].troubles, tallies["evaluate"].faults) == (5, 5)
    said = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert {one.getMessage() for one in said if not one.exc_info} == {"probe: others hold it"}
    assert len([one for one in said if one.exc_info]) == 5  # a fault of ours has its traceback


def test_the_dead_mans_switch_hears_of_rounds_that_were_done_alone() -> None:
    world = World(breaks={"evaluate": StoreLocked("others hold it")})
    world.passes("5m")
    assert world.count("beat") == 0


def test_a_report_that_could_not_be_sent_is_sent_a_minute_later() -> None:
    world = World(now=MIDNIGHT + 8.9 * HOUR, calendar=calendar.read())
    world.breaks["standup of 30 09:00"] = StoreLocked("others hold it")
    world.passes("8m")
    world.breaks.clear()
    world.passes("1h")
    assert world.count("standup of 30 09:00") == 3
    assert world.count("daily of 30 09:15") == 1


def test_a_report_that_comes_too_late_is_left_out_and_that_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(now=MIDNIGHT + 8 * HOUR, calendar={"standup": calendar.read()["standup"]})
    world.passes("1m")
    world.now += 5 * HOUR
    world.passes("1h")
    assert [what for _, what in world.did if "standup" in what] == ["no standup of 30 09:00"]
    said = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert said == [
        "report standup of 2026-11-30 09:00:00+00:00 is too late to be of use, and is left out"
    ]


def test_who_does_not_hold_the_watch_stands_by_and_takes_over() -> None:
    world = World(holds=False)
    world.passes("10m")
    assert world.did == []
    world.holds = True
    world.passes("1m")
    assert (world.count("probe"), world.count("smoke")) == (1, 1)
    world.holds = False
    world.passes("1m")
    before = len(world.did)
    world.passes("10m")
    assert len(world.did) == before


def test_the_watch_tells_how_it_is() -> None:
    world = World(breaks={"source": StoreLocked("others hold it")})
    world.passes("3m")
    failures = [one for one in world.kept if one.metric == "watch_failures"]
    last = {one.labels["task"]: one.value for one in failures if one.at == failures[-1].at}
    assert (last["source"], last["probe"]) == (2, 0)
    assert {one.labels["location"] for one in failures} == {"local"}
