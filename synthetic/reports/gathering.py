"""What a report is written from, read out of the store; nothing else is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from synthetic.evaluate.history import Ask
from synthetic.evaluate.titles import title_of
from synthetic.plan.model import Plan
from synthetic.reports import actions, baselines, outages
from synthetic.reports.definition import Report
from synthetic.reports.measured import Measuring
from synthetic.reports.period import period
from synthetic.reports.reading import Reading
from synthetic.store.values import Incident, Transition


class History(Protocol):
    """What of the store reports need."""

    def ask(self, target: str, /) -> Ask:
        """Answers questions about observations."""

    def incidents(self, target: str, /) -> tuple[Incident, ...]:
        """All incidents."""

    def transitions(self, target: str, start: datetime, end: datetime, /) -> tuple[Transition, ...]:
        """Changes of alerts after ``start``, up to and with ``end``."""

    def note(self, name: str, /) -> Any | None:
        """A small document."""


def gather(
    history: History, plan: Plan, report: Report, target: str, launch_at: datetime | None,
    at: datetime,
) -> Reading:  # fmt: skip
    """Everything that a report may tell, as it was known at a moment."""
    within = period(at, report.period, whole_days=report.whole_days)
    learned = baselines.from_json(history.note(baselines_note(target)) or ())
    return Reading(
        plan=plan,
        measuring=Measuring(plan, history.ask(target), at, within.end),
        at=at,
        within=within,
        target=target,
        incidents=incidents_at(history, plan, target, within.before.start, at),
        actions=actions.from_json(history.note(actions_note(target)) or ()),
        baselines=baselines.known_at(learned, at),
        launch_at=launch_at,
    )


def incidents_at(
    history: History, plan: Plan, target: str, start: datetime, at: datetime
) -> tuple[Incident, ...]:
    """Incidents since ``start`` as they were at a moment."""
    all_ = [
        one
        for one in history.incidents(target)
        if one.opened_at <= at and (one.closed_at is None or one.closed_at > start)
    ]
    if not all_:
        return ()
    first = min(one.opened_at for one in all_) - timedelta(seconds=1)
    severities = {row.id: row.severity for row in plan.rows if row.severity}
    then = outages.as_of(all_, at, history.transitions(target, first, at), severities)
    return tuple(
        replace(one, title=title_of(plan, one)) if one.closed_at is None else one for one in then
    )


def actions_note(target: str) -> str:
    """The name of the note that holds a target's action items."""
    return f"actions {target}"


def baselines_note(target: str) -> str:
    """The name of the note that holds a target's baselines."""
    return f"baselines {target}"
