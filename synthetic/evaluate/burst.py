"""Which features need another run soon, after they failed for certain. Pure.

A schedule of hours cannot show "for 5 minutes": after a confirmed failure the same feature is run
again, until it recovers, we were asked to slow down, or enough is enough. Between those runs
nothing is known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from synthetic.results import REPRO, Feature, Journey, Run
from synthetic.store.observations import BURST

SPACING = timedelta(seconds=90)
MOST_RUNS = 12
LONGEST = timedelta(minutes=30)
"""Longer than any of the plan's rules over features must hold (Part E: 10 minutes)."""


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


def wanted(runs: Iterable[Run]) -> tuple[Wanted, ...]:
    """The runs that are due next, given those of one target at one location so far.

    Features in the order of the alphabet. One that was given up is left alone until it was seen
    to work again.
    """
    broken: dict[Feature, _Outage] = {}
    over = [(one.finished_at, one) for one in runs if one.finished_at and one.trigger != REPRO]
    for ended, run in sorted(over, key=lambda one: one[0]):
        working, refused = _working(run), _refused(run)
        for feature, outage in list(broken.items()):
            tried = any(journey.name in outage.journeys for journey in run.journeys)
            if tried and feature in working:
                del broken[feature]
            else:
                broken[feature] = _later(outage, run, ended, tried, refused)
        for feature, journeys in _failing(run).items():
            broken.setdefault(feature, _Outage(journeys, ended, ended, left_alone=refused))
    due = (
        Wanted(feature, outage.journeys, outage.last + SPACING)
        for feature, outage in sorted(broken.items())
        if outage.runs < MOST_RUNS and not outage.left_alone
        and outage.last + SPACING <= outage.since + LONGEST
    )  # fmt: skip
    return tuple(due)


def _later(outage: _Outage, run: Run, ended: datetime, tried: bool, refused: bool) -> _Outage:
    return replace(
        outage,
        last=ended if tried else outage.last,
        runs=outage.runs + (tried and run.trigger == BURST),
        left_alone=outage.left_alone or refused,
    )


def _refused(run: Run) -> bool:
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
