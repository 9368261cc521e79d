"""All rules of a plan at one moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from synthetic.evaluate.arrivals import NO_DATA, Arrivals, arrivals, missed
from synthetic.evaluate.gauges import Gauging
from synthetic.evaluate.history import Ask, Gauge
from synthetic.evaluate.quorum import counted
from synthetic.evaluate.rules import OPEN, advance, changed, superseded
from synthetic.plan.model import Phase, Plan
from synthetic.store.values import Alert, Transition


@dataclass(frozen=True)
class Evaluation:
    """What is known of the rules' metrics, the alerts as they stand, and what changed.

    Among the alerts are those that just ended; ``arrived`` makes the next evaluation cheaper.
    """

    gauges: Mapping[str, tuple[Gauge, ...]]
    alerts: tuple[Alert, ...]
    transitions: tuple[Transition, ...]
    arrived: Arrivals


def evaluate(
    plan: Plan,
    phase: Phase,
    alerts: Iterable[Alert],
    ask: Ask,
    now: datetime,
    arrived: Arrivals | None = None,
) -> Evaluation:
    """Hold history against the rules of a phase; ``alerts`` are those before ``now``.

    An alert whose rule the phase does not have is superseded.
    """
    before = [one for one in alerts if one.state in OPEN]
    by_rule: dict[str, list[Alert]] = {}
    for one in before:
        by_rule.setdefault(one.rule, []).append(one)
    working = Gauging(plan, ask)
    rules = plan.rules(phase)
    after: list[Alert] = []
    changes: list[Transition] = []
    gauges = {row.metric: working.gauge(row.metric, now) for row in rules if row.metric}
    for row in rules:
        known = gauges[row.metric] if row.metric else ()
        stand, moved = advance(row, by_rule.pop(row.id, ()), known, now)
        after += counted(row, stand, known, now)
        changes += moved
    came = arrivals(working, now, arrived)
    stand, moved = missed(plan, came, by_rule.pop(NO_DATA.id, ()))
    after += stand
    changes += moved
    for old in (one for gone in by_rule.values() for one in gone):
        new = superseded(old, now)
        after.append(new)
        changes += changed(old, new, now)
    return Evaluation(gauges, tuple(after), tuple(changes), came)
