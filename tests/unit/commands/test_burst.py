"""What failed is run again, by name and apart, until it works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from synthetic.commands.burst import go_on
from synthetic.results import Run
from tests.runs import at, failed, journey, run, step


class World:
    """Runs that take half a minute, in which chat works again after so many."""

    def __init__(self, recovers_after: int) -> None:
        self.left = recovers_after
        self.now = at(30)
        self.runs = [self.ended("schedule")]
        self.started: list[tuple[tuple[str, ...], datetime]] = []
        self.records = True

    def ended(self, trigger: str) -> Run:
        bad = self.left > 0
        end = failed("no", feature="chat") if bad else step(feature="chat")
        more: dict[str, Any] = {"verdict": "failed", "origin": "target"} if bad else {}
        more |= {"started_at": self.now - timedelta(seconds=30), "finished_at": self.now}
        more["run_id"] = f"run-{self.left}"
        return run(journey(end), trigger=trigger, **more)

    def run(self, journeys: tuple[str, ...]) -> None:
        self.started.append((journeys, self.now))
        self.left -= 1
        self.wait(30)
        if self.records:
            self.runs.append(self.ended("burst"))

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def goes_on(self) -> int:
        return go_on(lambda: self.runs, self.run, clock=lambda: self.now, wait=self.wait)


def test_what_failed_is_run_until_it_works() -> None:
    world = World(recovers_after=2)
    assert world.goes_on() == 2
    assert world.started == [(("meet",), at(120)), (("meet",), at(240))]


def test_enough_is_enough() -> None:
    assert World(recovers_after=100).goes_on() == 12


def test_what_works_is_left_alone() -> None:
    assert World(recovers_after=0).goes_on() == 0


def test_a_run_that_leaves_no_record_ends_it() -> None:
    world = World(recovers_after=2)
    world.records = False
    assert world.goes_on() == 1
