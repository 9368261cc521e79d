"""What people lived through in runs that failed, and which of it tells of an alert. Pure.

A failure tells of an alert whose figure rests on an observation that the failure made, under all
the labels that the alert has: a figure of a journey's feature is told by the newest failure of
just that, and what others measured by none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from synthetic.evaluate.gauges import lookback
from synthetic.notify.slack_message import page_of, reason_of
from synthetic.plan.model import Plan, Row
from synthetic.results import APART, Journey, Run, Step
from synthetic.store.fingerprint import fingerprint
from synthetic.store.observations import BURST
from synthetic.store.values import Alert

_MADE = frozenset({"works", "outcome", "run_failed", "error"})
_LEAKED = frozenset({"security_finding"})
_DOUBTED = frozenset({"run_inconclusive"})


@dataclass(frozen=True)
class Lived:
    """One feature that failed in one attempt: the run's two sentences about it.

    ``reason`` is its first clause, for a headline; ``page`` is what shows it, seen from the
    reports folder; ``made`` are the observations that it left, ``labels`` all that any of these
    has. The run ``began`` before the step ``ended``, which is when they were made.
    """

    story: str
    reason: str
    page: str
    made: frozenset[str]
    labels: Mapping[str, str]
    began: datetime
    ended: datetime


def lived(runs: Iterable[Run]) -> tuple[Lived, ...]:
    """All that the runs, newest first, have to tell.

    Of a run with a verdict, only what it blames on the target; of attempts, the last that failed.
    """
    return tuple(one for run in runs if run.trigger not in APART for one in _of(run))


def _of(run: Run) -> Iterator[Lived]:
    doubt = run.verdict == "inconclusive"
    last = {one.name: one for one in run.journeys if one.status == "failed"}
    for journey in last.values():
        if journey.story is None or not (doubt or journey.origin == "target"):
            continue
        for step in (one for one in journey.steps if one.status == "failed"):
            made = _LEAKED | _MADE if step.error and step.error.type == "Leak" else _MADE
            yield Lived(
                story=journey.story,
                reason=reason_of(journey, step),
                page=page_of(run, journey.name),
                made=_DOUBTED if doubt else made,
                labels=_labels(run, journey, step),
                began=run.started_at,
                ended=step.ended_at or step.started_at,
            )


def _labels(run: Run, journey: Journey, step: Step) -> dict[str, str]:
    error = step.error
    of_error = {"fingerprint": fingerprint(f"{error.type}: {error.message}")} if error else {}
    return {
        "feature": step.feature,
        "journey": journey.name,
        "suite": run.suite,
        "burst": "yes" if run.trigger == BURST else "no",
        "location": run.location,
        "source": "journeys",
        **of_error,
    }


def tells_of(one: Lived, plan: Plan, alert: Alert, row: Row) -> bool:
    """Whether the failure is what the alert's figure shows."""
    metric = plan.metrics.get(row.metric or "")
    if metric is None or one.began <= alert.since - lookback(metric):
        return False
    agrees = _agree(dict(alert.labels), one) and _agree(row.where, one)
    return agrees and _rests_on(plan, metric.name, one, alert.seen)


def _rests_on(plan: Plan, name: str, one: Lived, seen: datetime | None) -> bool:
    metric = plan.metrics.get(name)
    if metric is None or metric.derive is None:
        return name in one.made
    made_of = metric.derive
    if made_of.stat == "first_of" and one.ended != seen:
        return False  # another gave the value, such as probes
    return _agree(made_of.where, one) and any(
        _rests_on(plan, each, one, seen) for each in made_of.of
    )


def _agree(labels: Mapping[str, str], one: Lived) -> bool:
    return labels.items() <= one.labels.items()
