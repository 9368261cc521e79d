"""Which runs are begun when: scheduled ones, bursts, and the full suite in an outage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from synthetic.results import Run
from synthetic.watch.work import Errand
from tests.runs import failed, journey, run, step
from tests.unit.watch.worlds import MIDNIGHT, World

HOUR = timedelta(hours=1)


def gaps(times: Sequence[datetime]) -> list[timedelta]:
    """How far moments lie apart."""
    return [later - earlier for earlier, later in pairwise(times)]


def ended(errand: Errand, at: datetime, *, bad: bool) -> Run:
    """The run that an errand leaves, of half a minute, all of it before now."""
    end = failed("no", feature="chat") if bad else step(feature="chat")
    more: dict[str, Any] = {"verdict": "failed", "origin": "target"} if bad else {}
    more["trigger"] = "burst" if errand.suite == "burst" else "watch"
    more["suite"] = "smoke+full" if errand.suite == "burst" else errand.suite
    more |= {"started_at": at, "finished_at": at + timedelta(seconds=30)}
    return run(journey(end), run_id=f"{errand.suite}-{at:%d%H%M%S}", **more)


def test_a_restart_starts_no_smoke_if_one_was_just_done() -> None:
    last = ended(Errand("smoke"), MIDNIGHT + 1.9 * HOUR, bad=False)
    world = World(now=MIDNIGHT + 2 * HOUR, runs=[last])
    world.passes("3h")
    (first,) = world.at("smoke")
    assert first - MIDNIGHT == pytest.approx(4 * HOUR, abs=timedelta(minutes=2))


def test_a_run_of_anothers_is_waited_for() -> None:
    world = World(busy=True)
    world.passes("30m")
    assert world.count("smoke") == 0
    world.busy = False
    world.passes("1m")
    assert world.count("smoke") == 1


def test_what_failed_is_run_again_until_it_works_and_then_left_alone() -> None:
    def ends(errand: Errand, at: datetime) -> Run:
        return ended(errand, at, bad=at < MIDNIGHT + timedelta(minutes=6))

    world = World(ends=ends, every={"smoke": "2h"})
    world.passes("1h")
    bursts = world.at("burst meet")
    assert gaps([MIDNIGHT, *bursts]) == [timedelta(minutes=2)] * 3
    assert world.count("full") == 1  # once the burst was over
    assert world.at("full")[0] == bursts[-1]


def test_a_long_outage_has_one_burst_and_one_full_run() -> None:
    world = World(ends=lambda errand, at: ended(errand, at, bad=True), every={"smoke": "2h"})
    world.passes("5h")
    assert world.count("burst meet") == 12
    (full,) = world.at("full")
    assert full - MIDNIGHT == pytest.approx(timedelta(minutes=10.5), abs=timedelta(seconds=1))
    assert world.count("smoke") == 3


@pytest.mark.parametrize("bad", [False, True])
def test_an_outage_at_another_location_is_looked_at_once(*, bad: bool) -> None:
    world = World(ends=lambda errand, at: ended(errand, at, bad=bad), every={"smoke": "2h"})
    world.passes("30m")
    world.elsewhere = world.now
    world.passes("1h")
    at_once = [] if bad else [MIDNIGHT + HOUR / 2]  # who sees it too need not look again
    assert world.at("smoke")[1:] == at_once


def test_the_next_outage_has_a_full_run_of_its_own() -> None:
    def ends(errand: Errand, at: datetime) -> Run:
        return ended(errand, at, bad=at.hour in (2, 6))

    world = World(ends=ends, every={"smoke": "2h"}, look="1m")
    world.passes("8h")
    assert [at.hour for at in world.at("full")] == [2, 6]


def test_runs_that_leave_no_record_are_not_asked_for_again_and_again() -> None:
    world = World(
        ends=lambda errand, at: ended(errand, at, bad=True) if at == MIDNIGHT else None,
        every={"smoke": "2h"},
    )
    world.passes("1h")
    assert [what for _, what in world.did if "burst" in what or "full" in what] == [
        "burst meet", "full",
    ]  # fmt: skip


def test_after_a_long_sleep_it_looks_before_it_runs_anything() -> None:
    bad = ended(Errand("smoke"), MIDNIGHT, bad=True)
    world = World(now=MIDNIGHT + timedelta(minutes=1), runs=[bad])
    world.passes("20s")
    world.now += 9 * HOUR
    world.runs.append(ended(Errand("smoke"), world.now - timedelta(minutes=5), bad=False))
    world.passes("5m")
    assert [what for _, what in world.did if what.startswith(("burst", "smoke", "full"))] == []


def test_where_there_are_no_journeys_nothing_is_run_whatever_failed_before() -> None:
    bad = ended(Errand("smoke"), MIDNIGHT - timedelta(minutes=5), bad=True)
    world = World(every={"probe": "1m"}, runs=[bad], elsewhere=MIDNIGHT)
    world.passes("3h")
    assert {what for _, what in world.did} == {"probe"}
