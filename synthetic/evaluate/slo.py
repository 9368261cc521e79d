"""Objectives: how much of the allowed failures is used up, and how fast. Pure.

Windows and factors are those of Google's Site Reliability Workbook, chapter 5, for a month's
objective: a long window says that it matters, a short one that it still goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.evaluate.gauges import Gauging
from synthetic.evaluate.history import Ask
from synthetic.plan.model import Plan

_AD_HOC = "burn rate"  # no metric of a plan can be called so


@dataclass(frozen=True)
class Windows:
    """A pair of windows, and the burn rate that both must exceed."""

    short: timedelta
    long: timedelta
    factor: float


WINDOWS = (
    Windows(timedelta(minutes=5), timedelta(hours=1), 14.4),  # 2 % of a month's budget in an hour
    Windows(timedelta(minutes=30), timedelta(hours=6), 6.0),  # 5 % in six hours
    Windows(timedelta(hours=2), timedelta(days=1), 3.0),  # 10 % in a day
    Windows(timedelta(hours=6), timedelta(days=3), 1.0),  # 10 % in three days
)


@dataclass(frozen=True)
class BurnRate:
    """How many times faster than allowed failures come, over a pair of windows.

    Unknown where a window holds no observations.
    """

    windows: Windows
    short: float | None
    long: float | None

    @property
    def burning(self) -> bool | None:
        """Whether both windows exceed the factor; either one that does not settles it."""
        factor = self.windows.factor
        known = [rate > factor for rate in (self.short, self.long) if rate is not None]
        if not all(known):
            return False
        return True if len(known) == 2 else None


@dataclass(frozen=True)
class Budget:
    """Of the failures that an objective allows over a period: how many per cent are left.

    Less than zero is overspent; ``count`` is how many observations it rests on.
    """

    left: float
    count: int


def burn_rates(
    plan: Plan, metric: str, objective: float, at: datetime, ask: Ask
) -> tuple[BurnRate, ...]:
    """The burn rates of a metric that is a share of observations, against an objective in %."""

    def rate(window: timedelta) -> float | None:
        burn = _burn(plan, metric, objective, window, at, ask)
        return burn[0] if burn else None

    return tuple(BurnRate(pair, rate(pair.short), rate(pair.long)) for pair in WINDOWS)


def budget(
    plan: Plan, metric: str, objective: float, period: timedelta, at: datetime, ask: Ask
) -> Budget | None:
    """What is left of a period's allowance up to ``at``; unknown without observations."""
    burn = _burn(plan, metric, objective, period, at, ask)
    return Budget(100 * (1 - burn[0]), burn[1]) if burn else None


def _burn(
    plan: Plan, metric: str, objective: float, window: timedelta, at: datetime, ask: Ask
) -> tuple[float, int] | None:
    known = plan.metrics.get(metric)
    if known is None or known.derive is None or known.derive.stat != "share":
        return None
    held_to = {"stat": "burn", "objective": objective, "window": window.total_seconds()}
    derive = known.derive.model_copy(update={**held_to, "by": (), "least": 1})
    burning = known.model_copy(update={"name": _AD_HOC, "derive": derive})
    found = Gauging(plan.model_copy(update={"metrics": {_AD_HOC: burning}}), ask).gauge(_AD_HOC, at)
    return (found[0].value, found[0].count or 0) if found else None
