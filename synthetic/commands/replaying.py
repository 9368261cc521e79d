"""What a replay prints: transitions for programs, or who would have been told what for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from synthetic.evaluate.evaluation import Evaluation
from synthetic.evaluate.history import Ask
from synthetic.evaluate.replay import instants
from synthetic.evaluate.titles import rules_of
from synthetic.notify.incidents import decide
from synthetic.plan.model import Plan
from synthetic.reports.words import figure
from synthetic.store.values import Incident, Parcel, Transition
from synthetic.wording import harmless


@dataclass(frozen=True)
class Replay:
    """A plan held against a span of a target's history; nothing is kept or sent."""

    plan: Plan
    target: str
    launch_at: datetime | None
    ask: Ask
    start: datetime
    end: datetime
    every: timedelta

    def transitions(self) -> Iterator[str]:
        """A line of JSON for each transition (contract 6)."""
        for _, found in self._instants():
            yield from map(as_json, found.transitions)

    def told(self) -> Iterator[str]:
        """A line for each transition, and one for each message that it would have led to."""
        open_: tuple[Incident, ...] = ()
        silent = True
        for now, found in self._instants():
            decision = decide(
                self.plan, self.target, open_, found.alerts, now, transitions=found.transitions
            )
            open_ = _still_open(open_, decision.incidents)
            lines = [
                *(changed(self.plan, one) for one in found.transitions),
                *messages(decision.parcels),
            ]
            yield from lines
            silent = silent and not lines
        if silent:
            yield f"Nothing would have changed from {_moment(self.start)} to {_moment(self.end)}."

    def _instants(self) -> Iterator[tuple[datetime, Evaluation]]:
        return instants(self.plan, self.launch_at, self.ask, self.start, self.end, self.every)


def as_json(one: Transition) -> str:
    """A transition as contract 6 has it."""
    said = {
        "at": one.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "rule": one.rule,
        "state": one.state,
        "value": one.value,
        "labels": dict(one.labels),
    }
    return json.dumps(said, ensure_ascii=False)


def _still_open(
    before: tuple[Incident, ...], changed: tuple[Incident, ...]
) -> tuple[Incident, ...]:
    now = {one.id: one for one in (*before, *changed)}
    return tuple(one for one in now.values() if one.closed_at is None)


def changed(plan: Plan, one: Transition) -> str:
    """A transition in one line."""
    row = rules_of(plan).get(one.rule)
    metric = plan.metrics.get(row.metric or "") if row else None
    value = figure(one.value, metric.unit) if metric and one.value is not None else ""
    labels = ", ".join(f"{name}={text}" for name, text in one.labels)
    parts = (one.state, row.title if row else one.rule, value, labels)
    return harmless(f"{_moment(one.at)} {' · '.join(part for part in parts if part)}")


def messages(parcels: tuple[Parcel, ...]) -> Iterator[str]:
    """A line for each note: to whom, and its title."""
    notes: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        notes.setdefault(parcel.note.key, []).append(parcel)
    for each in notes.values():
        to = ", ".join(f"{one.channel} {one.place or ''}".strip() for one in each)
        note = each[0].note
        yield f"{_moment(note.at)} → {harmless(to)}: {harmless(note.title)}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
