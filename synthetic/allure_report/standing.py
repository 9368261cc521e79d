"""What the plan holds of the features that a journey goes through: how bad, and whose. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synthetic.plan.model import Plan, Row, Severity

_WORDS: dict[Severity | None, str] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "normal",
    "low": "minor",
}
"""Allure's words for the plan's severities, worst first."""
_WORST_FIRST = list(_WORDS)
_WORKS, _MINOR_WORKS = "feature_up", "minor_feature_up"


@dataclass(frozen=True)
class Standing:
    """``severity`` is Allure's word, ``owner`` the place that hears of it first.

    ``rows`` are what fires when one of the features is down, worst first; ``runbooks`` the pages
    for that.
    """

    severity: str
    owner: str
    rows: tuple[Row, ...]
    runbooks: tuple[str, ...]


def standing(plan: Plan, features: Iterable[str]) -> Standing:
    """The worst that the plan makes of these features when they are down."""
    rules = {row.id: row for feature in features for row in _rules(plan, feature)}
    rows = sorted(rules.values(), key=lambda row: _WORST_FIRST.index(row.severity))
    if not rows:  # a plan of one's own may have no rule for them
        return Standing("normal", "console", (), ())
    pages = dict.fromkeys(plan.causes[row.cause].runbook for row in rows if row.cause)
    return Standing(_WORDS[rows[0].severity], _owner(plan, rows[0]), tuple(rows), tuple(pages))


def _rules(plan: Plan, feature: str) -> list[Row]:
    """What fires when the feature is down; those that are not critical share one rule."""
    works = [row for row in plan.rows if row.metric == _WORKS and row.alerts]
    own = [row for row in works if row.where.get("feature") == feature]
    return own or [row for row in plan.rows if row.metric == _MINOR_WORKS and row.alerts]


def _owner(plan: Plan, row: Row) -> str:
    """Where the plan's routes tell of it: a place that has a name, else a channel."""
    told = [
        to
        for route in plan.routes
        if row.severity and route.takes(row.severity, row.type)
        for to in route.to
    ]
    named = [to.place for to in told if to.place]
    return next(iter([*named, *(to.channel for to in told)]), "console")
