"""What a report is written from: plan, figures, incidents, items and baselines at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from synthetic.evaluate.history import Gauge
from synthetic.evaluate.phases import phase_at
from synthetic.evaluate.rules import beyond
from synthetic.plan.model import BELOW, Comparison, Metric, Plan, Row, Span, Unit
from synthetic.reports.actions import Action
from synthetic.reports.baselines import Baseline
from synthetic.reports.document import State
from synthetic.reports.measured import Measuring, What
from synthetic.reports.period import Period
from synthetic.store.values import Incident

WATCHED = ("run_failed", "outcome", "request_failed", "site_up", "health_up", "error_rate")
"""Observations, and a figure of others, that show that somebody looked at the product."""


@dataclass(frozen=True)
class Reading:
    """Everything as it was known ``at`` a moment; ``within`` is the period reported on.

    ``incidents`` and ``actions`` hold nothing that happened later.
    """

    plan: Plan
    measuring: Measuring
    at: datetime
    within: Period
    target: str
    incidents: tuple[Incident, ...] = ()
    actions: tuple[Action, ...] = ()
    baselines: Mapping[str, Baseline] | None = None
    launch_at: datetime | None = None

    def row(self, name: str | None) -> Row | None:
        """A row of the plan by its id."""
        return next((row for row in self.plan.rows if name and row.id == name), None)

    def held(self, row: Row | None, what: What) -> Row | None:
        """What a figure is held against: its own row, else what the plan says of that figure.

        This phase's word counts before that of all phases; of another phase's the target alone.
        """
        if row and (row.target is not None or row.alert is not None or row.setting):
            return row
        phase = phase_at(self.plan, self.launch_at, self.at)
        ranks = {phase: 0, None: 1}
        fitting = (
            one
            for one in self.plan.rows
            if one.metric == what.metric
            and one.target is not None
            and tuple(sorted(one.where.items())) == what.where
        )
        best = min(fitting, key=lambda one: ranks.get(one.phase, 2), default=None)
        if best and best.phase not in ranks:
            return best.model_copy(update={"alert": None, "compare": None})
        return best

    def metric(self, name: str) -> Metric | None:
        """A metric of the plan; none for an observation."""
        return self.plan.metrics.get(name)

    @property
    def up_to_now(self) -> Period:
        """The period, on to the moment of the report: what people recorded since belongs to it."""
        return Period(self.within.start, max(self.at, self.within.end))

    def gauge(self, what: What) -> Gauge | None:
        """A figure over the period."""
        return self.measuring.one(what, self.within)

    def gauge_before(self, what: What) -> Gauge | None:
        """The same over the period before."""
        return self.measuring.one(what, self.within.before)


def judged(row: Row, metric: Metric | None, value: float) -> State | None:
    """How a value stands to a row's target and alert line; None where it has neither."""
    if beyond(row, value):
        return "failed"
    if row.target is None:
        return None if row.alert is None else "ok"
    return "ok" if _reached(row, metric, value) else "degraded"


def _reached(row: Row, metric: Metric | None, value: float) -> bool:
    target = row.target
    if isinstance(target, Span):
        above = target.min is None or value >= target.min
        return above and (target.max is None or value <= target.max)
    if target is None:
        return True
    return value >= target if wanted(row, metric) == ">" else value <= target


def wanted(row: Row, metric: Metric | None) -> Comparison | None:
    """On which side of its target a value should lie: away from the alert, or the better way."""
    if row.compare:
        return ">" if row.compare in BELOW else "<"
    if metric is None or metric.better is None:
        return None
    return ">" if metric.better == "higher" else "<"


def unit_of(row: Row | None, metric: Metric | None) -> Unit:
    """The unit in which a value is said."""
    return (row.unit if row else None) or (metric.unit if metric else None) or "count"
