"""Baselines: what day 1 was like, learned once, kept in versions, shown beside figures. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from synthetic.evaluate.history import Ask
from synthetic.plan.model import Plan
from synthetic.reports.measured import Measuring, What
from synthetic.reports.period import Period


@dataclass(frozen=True)
class Baseline:
    """A metric's value over one day; it counts from ``since`` on, until a later version does."""

    metric: str
    version: int
    value: float
    day: date
    since: datetime


_KEPT = TypeAdapter(tuple[Baseline, ...])


def wanted(plan: Plan) -> tuple[str, ...]:
    """The metrics of which the plan wants a baseline, in its order.

    Of a change that is what changes: the plan's row about daily active users alerts of a drop.
    """
    named = (plan.metrics[row.metric] for row in plan.rows if row.baseline and row.metric)
    changing = (
        one.derive.of[0] if one.derive and one.derive.against else one.name for one in named
    )
    return tuple(dict.fromkeys(changing))


def day_1(launch_at: datetime) -> Period:
    """The plan's "day 1": the 24 hours from the launch."""
    return Period(launch_at.astimezone(UTC), launch_at.astimezone(UTC) + timedelta(days=1))


def missing(known: Iterable[Baseline], plan: Plan) -> frozenset[str]:
    """The wanted metrics that have no baseline at all."""
    return frozenset(wanted(plan)) - {one.metric for one in known}


def learned(
    known: Iterable[Baseline],
    plan: Plan,
    ask: Ask,
    within: Period,
    since: datetime,
    *,
    only: Collection[str] | None = None,
) -> tuple[Baseline, ...]:
    """The baselines with a new version of each wanted metric that has another figure ``within``."""
    before = tuple(known)
    newest = {one.metric: one for one in before}
    measuring = Measuring(plan, ask, within.end, within.end)
    fresh = []
    for metric in wanted(plan):
        if only is not None and metric not in only:
            continue
        found, last = measuring.one(What(metric), within), newest.get(metric)
        day = within.start.date()
        if found and (last is None or (last.day, last.value) != (day, found.value)):
            version = last.version + 1 if last else 1
            fresh.append(Baseline(metric, version, found.value, day, since))
    return (*before, *fresh)


def known_at(baselines: Iterable[Baseline], at: datetime) -> Mapping[str, Baseline]:
    """The newest version of each that counts at a moment."""
    return {one.metric: one for one in baselines if one.since <= at}


def as_json(baselines: Iterable[Baseline]) -> list[dict[str, Any]]:
    """As the note keeps them."""
    kept: list[dict[str, Any]] = _KEPT.dump_python(tuple(baselines), mode="json")
    return kept


def from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[Baseline, ...]:
    """From a note."""
    return _KEPT.validate_python(tuple(rows))
