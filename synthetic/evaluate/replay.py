"""What would have changed, and when, over a span of history. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args

from synthetic.evaluate.arrivals import REMEMBERED, Arrivals
from synthetic.evaluate.evaluation import Evaluation, evaluate
from synthetic.evaluate.gauges import lookback
from synthetic.evaluate.history import Answer, Ask, Question
from synthetic.evaluate.phases import phase_at
from synthetic.plan.model import Metric, Phase, Plan
from synthetic.store.values import Alert, Transition


def replay(
    plan: Plan,
    launch_at: datetime | None,
    ask: Ask,
    start: datetime,
    end: datetime,
    every: timedelta,
) -> Iterator[Transition]:
    """Evaluate at ``start``, ``every`` so often, up to and with ``end``, from no alerts on."""
    for _, found in instants(plan, launch_at, ask, start, end, every):
        yield from found.transitions


def instants(
    plan: Plan,
    launch_at: datetime | None,
    ask: Ask,
    start: datetime,
    end: datetime,
    every: timedelta,
) -> Iterator[tuple[datetime, Evaluation]]:
    """All that each of these evaluations finds, with its moment."""
    present = _present(plan, ask, start, end)

    def ask_what_is_there(question: Question) -> Answer:
        return ask(question) if question.metric in present else {}

    plans = {phase: _reduced(plan, phase, present) for phase in get_args(Phase)}
    alerts: tuple[Alert, ...] = ()
    arrived: Arrivals | None = None
    now = start
    while now <= end:
        phase = phase_at(plan, launch_at, now)
        found = evaluate(plans[phase], phase, alerts, ask_what_is_there, now, arrived)
        yield now, found
        alerts, arrived = found.alerts, found.arrived
        now += every


def _present(plan: Plan, ask: Ask, start: datetime, end: datetime) -> frozenset[str]:
    """The names of which anything arrived that the span can depend on."""
    reaches = _reaches(plan)
    return frozenset(
        name for name, reach in reaches.items() if ask(Question(name, start - reach, end))
    )


def _reaches(plan: Plan) -> dict[str, timedelta]:
    """How far back something must have arrived for a moment to know anything by it.

    What is held against an earlier time needs no less of the present.
    """
    reaches = {name: REMEMBERED + 2 * lookback(one) for name, one in plan.metrics.items()}
    for metric in plan.metrics.values():
        derive = metric.derive
        if derive is None:
            continue
        window = max(timedelta(seconds=derive.window), lookback(metric))
        for name in (*derive.of, *([derive.witness] if derive.witness else ())):
            reaches[name] = max(reaches.get(name, REMEMBERED), window)
    return reaches


def _reduced(plan: Plan, phase: Phase, present: frozenset[str]) -> Plan:
    """The plan with only that phase's rules, and metrics, of which anything can be known."""
    alive = {name: one for name, one in plan.metrics.items() if _alive(plan, one, present)}
    rows = tuple(row for row in plan.rules(phase) if row.metric in alive)
    return plan.model_copy(update={"rows": rows, "metrics": alive})


def _alive(plan: Plan, metric: Metric, present: frozenset[str]) -> bool:
    if metric.name in present:
        return True
    if metric.derive is None:
        return False
    names = {*metric.derive.of, metric.derive.witness} - {None}
    if names & present:
        return True
    return any(
        _alive(plan, plan.metrics[name], present)
        for name in metric.derive.of
        if name in plan.metrics and name != metric.name
    )
