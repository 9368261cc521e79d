"""One outage is one notification: which alerts are one incident, and who is told of it. Pure.

What is owed follows from where an incident stands and what people were told of it, never from a
change alone: what a silence held back is told when it ends, and deciding twice says nothing twice.
Good news is not held back, since a page that stays open goes on calling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from synthetic.notify import escalation, notes
from synthetic.notify.grouping import Firing, cause_of, firing, gather, rank, rules_of, worst
from synthetic.notify.routing import (
    CALLS,
    REMIND_AFTER,
    Place,
    Told,
    destinations,
    hears,
    parcels_for,
    tell,
)
from synthetic.notify.scene import Around, Scene, matches
from synthetic.plan.model import Plan
from synthetic.store.values import (
    Alert,
    Incident,
    Note,
    Parcel,
    Severity,
    Silence,
    Transition,
)


@dataclass(frozen=True)
class Decision:
    """Incidents that changed, and what people are told of them."""

    incidents: tuple[Incident, ...] = ()
    parcels: tuple[Parcel, ...] = ()


def decide(
    plan: Plan,
    target: str,
    incidents: Iterable[Incident],
    alerts: Sequence[Alert],
    now: datetime,
    *,
    transitions: Iterable[Transition] = (),
    silences: Iterable[Silence] = (),
    around: Around | None = None,
) -> Decision:
    """What becomes of the open ``incidents`` of a target, now that its alerts are ``alerts``.

    ``transitions`` are those of this evaluation: they tell a rule that a phase took away from one
    that is good again. ``around`` only adds to what is said.
    """
    before = {incident.id: incident for incident in incidents}
    fire = firing(plan, alerts)
    taken_away = {(one.rule, one.labels) for one in transitions if one.state == "superseded"}
    coming = _causes_pending(plan, alerts)
    quiet = [one.matches for one in silences if one.begins_at <= now < one.ends_at]
    after = {one.id: one for one in gather(plan, target, before.values(), fire, now)}
    parcels: list[Parcel] = []
    for incident in list(after.values()):
        own = tuple(one for one in fire if one.key in incident.members)
        scene = Scene(plan, now, own, around or Around())
        if incident.part_of:
            told = _closed(incident, notes.taken_in(incident, scene, after[incident.part_of]))
        elif own:
            told = _lasting(incident, scene, quiet)
        elif incident.cause in coming:
            told = incident, ()
        else:
            gone = not taken_away.isdisjoint(incident.members)
            told = _over(incident, scene, gone=gone)
        after[incident.id] = told[0]
        parcels += told[1]
    changed = tuple(one for one in after.values() if before.get(one.id) != one)
    return Decision(changed, tuple(parcels))


def _causes_pending(plan: Plan, alerts: Iterable[Alert]) -> set[str]:
    """Causes of what is about to fire: an outage is not over while its next rule waits."""
    rows = rules_of(plan)
    return {
        cause_of(rows[one.rule]) for one in alerts if one.state == "pending" and one.rule in rows
    }


def _over(incident: Incident, scene: Scene, *, gone: bool) -> Told:
    note = (notes.superseded if gone else notes.resolved)(incident, scene)
    return _closed(replace(incident, closed_at=scene.now), note)


def _closed(incident: Incident, note: Note) -> Told:
    """Every place that was told hears the end of it."""
    places = [place for place in incident.told_to if hears(place, note.event)]
    return incident, parcels_for(note, places, note.at)


def _lasting(incident: Incident, scene: Scene, quiet: Collection[str]) -> Told:
    """An incident that goes on, as far as silences let people hear of it."""
    heard = tuple(
        one for one in scene.alerts if not any(matches(scene.plan, what, one) for what in quiet)
    )
    if not heard:
        return incident, ()
    scene = replace(scene, alerts=heard)
    severity = worst(one.severity for one in heard)
    incident, parcels = _news(incident, scene, severity)
    if not parcels and _calls(incident, scene, severity):
        incident, parcels = escalation.escalate(incident, scene)
    if not parcels and _reminder_due(incident, severity, scene.now):
        return tell(incident, notes.reminder(incident, scene, severity), ())
    return incident, parcels


def _news(incident: Incident, scene: Scene, severity: Severity) -> Told:
    """What people do not know yet: that it opened, got worse, or that more broke."""
    if incident.told is None:
        note = notes.opened(incident, scene, severity)
    elif rank(severity) < rank(incident.told):
        note = notes.raised(incident, scene, severity)
    elif newly := _unheard_of(incident, scene):
        note = notes.joined(incident, scene, severity, newly)
    else:
        return incident, ()
    known = dict.fromkeys((*incident.told_of, *(one.key for one in scene.alerts)))
    told = severity if incident.told is None else worst((severity, incident.told))
    aware = replace(incident, told=told, told_of=tuple(known))
    return tell(aware, note, _destinations(aware, scene, told))


def _unheard_of(incident: Incident, scene: Scene) -> list[Firing]:
    """Alerts of the incident's own cause from a place, or of a thing, of which nobody was told.

    Another figure of the same is no news; that another cause lies behind it all is.
    """
    rows = rules_of(scene.plan)
    own = [one for one in scene.alerts if cause_of(one.row) == incident.cause]
    told = [
        labels
        for rule, labels in incident.told_of
        if rule in rows and cause_of(rows[rule]) == incident.cause
    ]
    if not told:
        return own
    known = {pair for labels in told for pair in labels if pair[0] != "source"}
    names = {name for name, _ in known}
    return [
        one
        for one in own
        if any(pair[0] in names and pair not in known for pair in one.alert.labels)
    ]


def _destinations(incident: Incident, scene: Scene, severity: Severity) -> tuple[Place, ...]:
    """Where routes send it at a severity, by the types of alerts that its own cause brought."""
    rules = {rule for rule, _ in incident.members}
    types = {
        row.type
        for row in rules_of(scene.plan).values()
        if row.id in rules and cause_of(row) == incident.cause
    }
    return destinations(scene.plan, severity, types, incident.cause)


def _calls(incident: Incident, scene: Scene, severity: Severity) -> bool:
    """Whether what is left of it would get somebody out of bed."""
    return any(channel in CALLS for channel, _ in _destinations(incident, scene, severity))


def _reminder_due(incident: Incident, severity: Severity, now: datetime) -> bool:
    after = REMIND_AFTER.get(severity)
    return after is not None and now - (incident.reminded_at or now) >= after
