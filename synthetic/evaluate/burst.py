"""Which features need another run soon, after they failed for certain. Pure.

A schedule of hours cannot show "for 5 minutes": after a confirmed failure the same feature is run
again, until it recovers, we were asked to slow down, or enough is enough. Between those runs
nothing is known, and nothing is said. What enough was of is tried once more whenever a smoke run
passed that did not try it, such as a journey of the full suite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from synthetic.results import APART, Feature, Journey, Run
from synthetic.store.observations import BURST

SPACING = timedelta(seconds=90)
MOST_RUNS = 12
LONGEST = timedelta(minutes=30)
"""Longer than any of the plan's rules over features must hold (Part E: 10 minutes)."""
RECENT = timedelta(hours=6)
"""What failed earlier has been given up, or is seen again by a scheduled run; what the last full
suite showed is looked at for longer."""


@dataclass(frozen=True)
class Wanted:
    """A run of one feature, by the journeys that showed it failing, not before ``due``."""

    feature: Feature
    journeys: tuple[str, ...]
    due: datetime


@dataclass(frozen=True)
class _Outage:
    journeys: tuple[str, ...]
    since: datetime
    last: datetime
    runs: int = 0
    left_alone: bool = False
    again: datetime | None = None

    def due(self) -> datetime | None:
        """When its journeys should be run, if at all: once ``again`` after they were given up."""
        soon = self.last + SPACING
        if self.left_alone:
            return None
        if self.runs < MOST_RUNS and soon <= self.since + LONGEST:
            return soon
        return max(soon, self.again) if self.again else None


def recent(runs: Iterable[Run], now: datetime) -> tuple[Run, ...]:
    """Of all runs of one target at one location, which may lack their journeys, those that
    another may have to follow."""
    known = [one for one in runs if one.trigger not in APART]
    full = (one for one in known if one.suite == "full" and one.trigger != BURST)
    told = (one.started_at for one in full if one.verdict != "inconclusive")
    start = min(now - RECENT, max(told, default=now))
    return tuple(one for one in known if one.started_at >= start)


def wanted(runs: Iterable[Run]) -> tuple[Wanted, ...]:
    """The runs that are due next, given those of one target at one location so far.

    Features in the order of the alphabet.
    """
    broken: dict[Feature, _Outage] = {}
    over = [(one.finished_at, one) for one in runs if one.finished_at and one.trigger not in APART]
    for ended, run in sorted(over, key=lambda one: one[0]):
        working, limited = _working(run), refused(run)
        for feature, outage in list(broken.items()):
            tried = any(journey.name in outage.journeys for journey in run.journeys)
            if tried and feature in working:
                del broken[feature]
            else:
                broken[feature] = _later(outage, run, ended, tried, limited)
        for feature, journeys in _failing(run).items():
            broken.setdefault(feature, _Outage(journeys, ended, ended, left_alone=limited))
    return tuple(
        Wanted(feature, outage.journeys, due)
        for feature, outage in sorted(broken.items())
        if (due := outage.due())
    )


def _later(outage: _Outage, run: Run, ended: datetime, tried: bool, limited: bool) -> _Outage:
    smoke = run.suite == "smoke" and run.trigger != BURST
    works = smoke and run.verdict in ("passed", "degraded")
    return replace(
        outage,
        last=ended if tried else outage.last,
        runs=outage.runs + (tried and run.trigger == BURST),
        left_alone=outage.left_alone or limited,
        again=None if tried else ended if works else outage.again,
    )


def refused(run: Run) -> bool:
    """Whether the target said that we ask too often."""
    errors = (step.error for journey in run.journeys for step in journey.steps)
    return any(one is not None and one.type == "RateLimited" for one in errors) or any(
        request.status == 429 and not request.expected for request in run.requests
    )


def _failing(run: Run) -> dict[Feature, tuple[str, ...]]:
    """Features that failed for certain, by the target, each with the journeys that show it."""
    if (run.verdict, run.origin) != ("failed", "target"):
        return {}
    found: dict[Feature, tuple[str, ...]] = {}
    for journey in _last_attempts(run):
        for step in journey.steps:
            if (step.status, journey.origin) == ("failed", "target"):
                found[step.feature] = (*found.get(step.feature, ()), journey.name)
    return {feature: tuple(dict.fromkeys(names)) for feature, names in found.items()}


def _working(run: Run) -> set[Feature]:
    """Features of which every step that was taken, in the last attempts, passed."""
    ends: dict[Feature, set[str]] = {}
    for journey in _last_attempts(run):
        for step in journey.steps:
            ends.setdefault(step.feature, set()).add(step.status)
    return {feature for feature, seen in ends.items() if "passed" in seen and "failed" not in seen}


def _last_attempts(run: Run) -> Iterable[Journey]:
    last: dict[str, Journey] = {}
    for journey in run.journeys:
        if journey.name not in last or journey.attempt >= last[journey.name].attempt:
            last[journey.name] = journey
    return last.values()
