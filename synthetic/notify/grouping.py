"""Which alerts are one outage: by their cause, and by what may lie behind it. Pure.

An incident belongs to one cause, and takes in those of causes that it explains. When a deeper
cause shows up later than what it explains, the oldest incident becomes its own and takes the others
in, so that people keep the thread and the page they have.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.plan.model import Plan, Row
from synthetic.store.digest import Labels
from synthetic.store.values import Alert, Incident, Severity

WORST_FIRST: tuple[Severity, ...] = ("critical", "high", "medium", "low")
Key = tuple[str, Labels]


@dataclass(frozen=True)
class Firing:
    """An alert that fires, with the rule of the plan behind it."""

    alert: Alert
    row: Row

    @property
    def key(self) -> Key:
        """The alert's identity."""
        return (self.alert.rule, self.alert.labels)

    @property
    def severity(self) -> Severity:
        """How bad the plan says it is."""
        return self.row.severity or "low"


def firing(plan: Plan, alerts: Iterable[Alert]) -> tuple[Firing, ...]:
    """Alerts that fire by a rule of the plan, the worst first, then the oldest."""
    rows = rules_of(plan)
    found = [
        Firing(alert, rows[alert.rule])
        for alert in alerts
        if alert.state == "firing" and alert.rule in rows
    ]
    return tuple(
        sorted(found, key=lambda one: (rank(one.severity), _began(one), one.row.id, one.key))
    )


def rules_of(plan: Plan) -> dict[str, Row]:
    """What an alert can be of, by its id: the plan's rows, and that data stopped."""
    return {row.id: row for row in (*plan.rows, NO_DATA)}


def _began(one: Firing) -> datetime:
    return one.alert.fired_at or one.alert.since


def rank(severity: Severity) -> int:
    """The place of a severity, the worst first."""
    return WORST_FIRST.index(severity)


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of at least one."""
    return min(severities, key=rank)


def cause_of(row: Row) -> str:
    """The cause that a rule points at; a rule that names none is a cause of its own."""
    return row.cause or row.id


def behind(plan: Plan, cause: str) -> frozenset[str]:
    """All causes that may have brought ``cause`` about, however indirectly."""
    found: set[str] = set()
    asked = [cause]
    while asked:
        entry = plan.causes.get(asked.pop())
        new = set(entry.explained_by) - found if entry else set()
        found |= new
        asked += new
    return frozenset(found - {cause})


def gather(
    plan: Plan, target: str, incidents: Iterable[Incident], alerts: Sequence[Firing], now: datetime
) -> tuple[Incident, ...]:
    """The incidents, with every firing alert in one of them; what is taken in, is closed."""
    known = [incident for incident in incidents if incident.closed_at is None]
    ours = list(known)
    for one in alerts:
        cause = cause_of(one.row)
        home = next((each for each in ours if each.cause == cause), None)
        if home is None:
            ours.append(_opened(plan, target, one, now))
        else:
            ours[ours.index(home)] = _with(home, one)
    return _taken_in(plan, ours, {incident.id for incident in known}, now)


def _opened(plan: Plan, target: str, one: Firing, now: datetime) -> Incident:
    cause = cause_of(one.row)
    name = re.sub(r"[^a-z0-9]+", "-", cause.lower()).strip("-")
    whose = hashlib.sha256(target.encode()).hexdigest()[:4]
    return Incident(
        id=f"{now:%Y%m%dT%H%M%SZ}-{name}-{whose}",
        target=target,
        cause=cause,
        title=_title(plan, one.row),
        severity=one.severity,
        opened_at=now,
        members=(one.key,),
    )


def _title(plan: Plan, row: Row) -> str:
    return plan.causes[row.cause].title if row.cause in plan.causes else row.title


def _with(home: Incident, one: Firing) -> Incident:
    members = home.members if one.key in home.members else (*home.members, one.key)
    return replace(home, members=members, severity=worst((home.severity, one.severity)))


def _taken_in(
    plan: Plan, ours: Sequence[Incident], known: set[str], now: datetime
) -> tuple[Incident, ...]:
    """The incidents once each that a deeper one explains has become part of it."""
    left, closed = list(ours), list[Incident]()
    for deep in ours:
        family = [one for one in left if one is deep or deep.cause in behind(plan, one.cause)]
        if deep not in left or len(family) == 1:
            continue
        eldest = min(family, key=lambda one: (one.opened_at, one is not deep, one.id))
        others = [one for one in family if one is not eldest]
        left = [one for one in left if one not in family]
        left.append(_merged(eldest, others, deep))
        closed += [
            replace(one, closed_at=now, part_of=eldest.id) for one in others if one.id in known
        ]
    return (*left, *closed)


def _merged(eldest: Incident, others: Sequence[Incident], deep: Incident) -> Incident:
    members = dict.fromkeys(key for one in (eldest, *others) for key in one.members)
    return replace(
        eldest,
        cause=deep.cause,
        title=deep.title,
        severity=worst(one.severity for one in (eldest, *others)),
        members=tuple(members),
    )
