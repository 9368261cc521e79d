"""Which alerts are one outage: by their cause, and by what may lie behind it. Pure.

An incident belongs to one cause, and takes in alerts of causes that it explains, as long as one of
its own cause fires that explains them. When a deeper cause shows up later than what it explains,
the incident that called somebody first, else the oldest of the target's, becomes its own and takes
the others in, so that people keep the thread and the page they have.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from synthetic.evaluate.quorum import as_told
from synthetic.evaluate.titles import cause_of, rules_of, title_of
from synthetic.plan.model import OVER_OBSERVATIONS, Plan, Row
from synthetic.store.digest import Labels
from synthetic.store.values import Alert, Incident, Severity

WORST_FIRST: tuple[Severity, ...] = ("critical", "high", "medium", "low")
DOUBTS = frozenset({"monitoring"})
"""Causes on our own side: they call nobody, and prolong no incident of the target's."""
Key = tuple[str, Labels]
TOGETHER = timedelta(hours=1)
"""What one cause breaks shows within this; what looks back further does not tell of now."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Firing:
    """An alert that fires, with the rule of the plan behind it, as severe as it is told."""

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


@dataclass(frozen=True)
class Outage:
    """An incident, and those of its alerts that fire, the worst first."""

    incident: Incident
    alerts: tuple[Firing, ...] = ()

    @property
    def own(self) -> tuple[Firing, ...]:
        """Those of the incident's own cause."""
        return tuple(one for one in self.alerts if cause_of(one.row) == self.incident.cause)


def firing(plan: Plan, alerts: Iterable[Alert]) -> tuple[Firing, ...]:
    """Alerts that fire by a rule of the plan, the worst first, then the oldest."""
    rows = rules_of(plan)
    found = [
        Firing(alert, as_told(rows[alert.rule], alert))
        for alert in alerts
        if alert.state == "firing" and alert.rule in rows
    ]
    return tuple(sorted(found, key=_worst_first))


def _worst_first(one: Firing) -> tuple[int, datetime, Key]:
    return rank(one.severity), one.alert.fired_at or one.alert.since, one.key


def rank(severity: Severity) -> int:
    """The place of a severity, the worst first."""
    return WORST_FIRST.index(severity)


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of at least one."""
    return min(severities, key=rank)


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


def explains(plan: Plan, deep: Firing, one: Firing) -> bool:
    """Whether ``deep`` may lie behind ``one``: its cause may, and they began together.

    However late something begins, a critical alert explains it that tells of now.
    """
    if cause_of(deep.row) not in behind(plan, cause_of(one.row)):
        return False
    later = one.alert.since - deep.alert.since
    tells_of_now = deep.severity == "critical" and _memory(plan, deep.row.metric) <= TOGETHER
    return later >= -TOGETHER and (later <= TOGETHER or tells_of_now)


def _memory(plan: Plan, metric: str | None) -> timedelta:
    """For how long after an outage a figure may still be bad because of it."""
    found = plan.metrics.get(metric) if metric else None
    if found is None or found.derive is None or found.derive.stat == "latest":
        return timedelta()
    if found.derive.stat in OVER_OBSERVATIONS:
        return timedelta(seconds=found.derive.window)
    return max(_memory(plan, one) for one in found.derive.of)


def gather(
    plan: Plan,
    target: str,
    incidents: Iterable[Incident],
    alerts: Iterable[Firing],
    now: datetime,
    fresh: Collection[Key] = (),
) -> tuple[Outage, ...]:
    """The incidents, with every firing alert in one of them; what is taken in, is closed.

    An alert stays where it is, unless its cause has an incident of its own. Those of ``fresh``,
    which fire only now, stay nowhere, nor do those of our own side: they are part of another
    incident only while what explains them fires.
    """
    ours = [Outage(incident) for incident in incidents if incident.closed_at is None]
    known = {one.incident.id for one in ours}
    for one in sorted(alerts, key=lambda one: one.key not in fresh):
        home = _home(ours, one, stays=one.key not in fresh)
        if home is None:
            ours.append(Outage(_opened(plan, target, one, now), (one,)))
        else:
            ours[ours.index(home)] = _with(plan, home, one, now)
    return _taken_in(plan, ours, known, now)


def _home(ours: Sequence[Outage], one: Firing, *, stays: bool) -> Outage | None:
    """The incident of its cause, else the one that it was in."""
    cause = cause_of(one.row)
    of_cause = [each for each in ours if each.incident.cause == cause]
    stays = stays and cause not in DOUBTS
    before = [each for each in ours if stays and one.key in each.incident.members]
    return next(iter((*of_cause, *reversed(before))), None)


def whose(target: str) -> str:
    """A few characters that tell targets apart in names."""
    return hashlib.sha256(target.encode()).hexdigest()[:4]


def _opened(plan: Plan, target: str, one: Firing, now: datetime) -> Incident:
    cause = cause_of(one.row)
    name = re.sub(r"[^a-z0-9]+", "-", cause.lower()).strip("-")
    opened = Incident(
        id=f"{now:%Y%m%dT%H%M%SZ}-{name}-{whose(target)}",
        target=target,
        cause=cause,
        title=one.row.title,
        severity=one.severity,
        opened_at=now,
        members=(one.key,),
        promised=_promised((), one, now),
    )
    return replace(opened, title=title_of(plan, opened))


def _with(plan: Plan, home: Outage, one: Firing, now: datetime) -> Outage:
    incident = home.incident
    members = tuple(dict.fromkeys((*incident.members, one.key)))
    severity = worst((incident.severity, one.severity))
    alerts = tuple(sorted((*home.alerts, one), key=_worst_first))
    known = replace(incident, members=members, severity=severity)
    if one.key not in incident.members:
        known = replace(known, title=title_of(plan, known))
    if incident.promised is not None:
        known = replace(known, promised=_promised(incident.promised, one, now))
    return Outage(known, alerts)


def _promised(
    known: tuple[tuple[str, datetime], ...], one: Firing, now: datetime
) -> tuple[tuple[str, datetime], ...]:
    """Since when which rules promise something, of which this may be one more from now on."""
    promises = one.row.acknowledge_within or one.row.resolve_within
    if not promises or one.row.id in dict(known):
        return known
    return (*known, (one.row.id, now))


def _taken_in(
    plan: Plan, ours: Sequence[Outage], known: set[str], now: datetime
) -> tuple[Outage, ...]:
    """The incidents once each that a deeper one explains has become part of it."""
    left, closed = list(ours), list[Outage]()
    for deep in ours:
        family = [one for one in left if one is deep or _lies_behind(plan, deep, one)]
        if deep not in left or len(family) == 1:
            continue
        kept = min(family, key=lambda one: _kept_first(one.incident, deep.incident))
        others = [one.incident for one in family if one is not kept]
        left = [one for one in left if one not in family]
        alerts = sorted((alert for one in family for alert in one.alerts), key=_worst_first)
        left.append(Outage(_merged(kept.incident, others, deep.incident), tuple(alerts)))
        closed += [
            Outage(replace(one, closed_at=now, part_of=kept.incident.id))
            for one in others
            if one.id in known
        ]
    return (*left, *closed)


def _lies_behind(plan: Plan, deep: Outage, one: Outage) -> bool:
    return any(
        explains(plan, first, then) for first in deep.own for then in (one.own or one.alerts)
    )


def _kept_first(one: Incident, deep: Incident) -> tuple[datetime, bool, datetime, bool, str]:
    ours = one.cause in DOUBTS  # an outage does not begin with our doubt
    return one.called_at or _NEVER, ours, one.opened_at, one is not deep, one.id


def _merged(kept: Incident, others: Sequence[Incident], deep: Incident) -> Incident:
    members = dict.fromkeys(key for one in (kept, *others) for key in one.members)
    return replace(
        kept,
        cause=deep.cause,
        title=deep.title,
        severity=worst(one.severity for one in (kept, *others)),
        members=tuple(members),
        promised=_earliest(kept.promised, others),
    )


def _earliest(
    known: tuple[tuple[str, datetime], ...] | None, others: Iterable[Incident]
) -> tuple[tuple[str, datetime], ...] | None:
    if known is None:
        return None
    since = dict(known)
    for rule, moment in (pair for one in others for pair in one.promised or ()):
        since[rule] = min(moment, since.get(rule, moment))
    return tuple(since.items())
