"""Features: each against its objective, the worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from synthetic.dashboard.figures import Reading
from synthetic.dashboard.glance import Glance
from synthetic.dashboard.health import worst
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.shares import Hour, Hours, hours, of_hours
from synthetic.dashboard.watched import Watched
from synthetic.evaluate.gauges import matches
from synthetic.evaluate.slo import Budget, budget
from synthetic.plan.model import Plan
from synthetic.reports.document import State
from synthetic.reports.period import LENGTHS
from synthetic.results import Feature

ORDER: tuple[State | None, ...] = ("failed", "degraded", "unknown", "ok", None)
"""The worst first; what nobody knows before what is well."""
_ANY = "feature_success"
_OF_PROBES = ("site", "health")


@dataclass(frozen=True)
class Row:
    """A feature: its success, whether it works now, how long it takes, and how much of the
    failures that a month allows is left."""

    feature: str
    state: State
    success: Reading
    works: Reading
    takes: Reading
    budget: Budget | None
    hours: tuple[Hour, ...]


@dataclass(frozen=True)
class Features:
    """What the page shows."""

    rows: tuple[Row, ...]
    tried: bool


def view(watched: Watched, asked: Asked) -> Features:
    """The page now."""
    glance = Glance.now(watched, asked)
    own = _own(watched.plan)
    answers = hours(glance.ask, "outcome", glance.at)
    rows = [
        _row(glance, feature, own.get(feature), answers)
        for feature in get_args(Feature)
        if feature not in _OF_PROBES
    ]
    rows.sort(key=lambda one: (ORDER.index(one.state), -_short(one), one.feature))
    return Features(tuple(rows), any(row.success.value is not None for row in rows))


def _own(plan: Plan) -> Mapping[str, str]:
    """The metric that is the success rate of one feature alone, by feature."""
    return {
        one.derive.where["feature"]: name
        for name, one in plan.metrics.items()
        if one.derive
        and one.derive.stat == "share"
        and one.derive.of == ("outcome",)
        and "feature" in one.derive.where
    }


def _row(glance: Glance, feature: str, own: str | None, answers: Hours) -> Row:
    success = glance.rate(own) if own else glance.rate(_ANY, feature=feature)
    works = glance.reading("feature_up", feature=feature)
    up: State | None = None if works.value is None else "ok" if works.value else "failed"
    state = worst(one for one in (success.state, works.state, up) if one != "unknown")
    if state == "ok" and works.value is None:  # it did well once, and nobody tries it any more
        state = "unknown"
    target = success.held.target.target if success.held.target else None
    left = None
    if own and isinstance(target, int | float) and 0 < target < 100:
        left = budget(glance.watched.plan, own, target, LENGTHS["month"], glance.at, glance.ask)
    of_this = {"feature": feature, "burst": "no"}
    return Row(
        feature, state or "unknown", success, works,
        glance.reading("feature_p95", feature=feature), left,
        of_hours(answers, lambda labels: matches(labels, of_this)),
    )  # fmt: skip


def _short(row: Row) -> float:
    """By how much a rate falls short of everything."""
    return 100 - row.success.value if row.success.value is not None else 0


PAGE = Page("/features", "Features", "features.html", view)
