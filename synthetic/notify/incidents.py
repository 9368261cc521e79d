"""One outage is one notification: which alerts are one incident, and who is told of it. Pure.

What is owed follows from where an incident stands and what people were told of it, never from a
change alone: what a silence held back is told when it ends, and deciding twice says nothing twice.
Good news is not held back, since a page that stays open goes on calling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from synthetic.evaluate.titles import cause_of, rules_of
from synthetic.notify import escalation, notes
from synthetic.notify.grouping import Firing, Key, firing, gather, rank, worst
from synthetic.notify.routing import (
    REMIND_AFTER,
    Place,
    Told,
    calling,
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
    that is good again, and what fires only now. ``around`` only adds to what is said.
    """
    before = {incident.id: incident for incident in incidents}
    fire = firing(plan, alerts)
    changes = {(one.rule, one.labels): one.state for one in transitions}
    fresh = {key for key, state in changes.items() if state == "firing"}
    coming = _causes_pending(plan, alerts)
    loud = _not_silenced(plan, target, fire, silences, now)
    outages = gather(plan, target, before.values(), fire, now, fresh)
    after = {one.incident.id: one.incident for one in outages}
    parcels: list[Parcel] = []
    for incident, own in ((one.incident, one.alerts) for one in outages):
        scene = Scene(plan, now, own, around or Around())
        if incident.part_of:
            told = _closed(incident, notes.taken_in(incident, scene, after[incident.part_of]))
        elif own:
            told = _lasting(incident, scene, loud, waits=incident.cause in coming)
        elif incident.cause in coming:
            told = incident, ()
        else:
            gone = any(changes.get(key) == "superseded" for key in incident.members)
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


def _not_silenced(
    plan: Plan, target: str, fire: Sequence[Firing], silences: Iterable[Silence], now: datetime
) -> set[Key]:
    quiet = [
        one.matches
        for one in silences
        if one.target == target and one.begins_at <= now < one.ends_at
    ]
    return {one.key for one in fire if not any(matches(plan, what, one, fire) for what in quiet)}


def _over(incident: Incident, scene: Scene, *, gone: bool) -> Told:
    note = (notes.superseded if gone else notes.resolved)(incident, scene)
    return _closed(replace(incident, closed_at=scene.now), note)


def _closed(incident: Incident, note: Note) -> Told:
    """Every place that was told hears the end of it."""
    places = [place for place in incident.told_to if hears(place, note.event)]
    return incident, parcels_for(note, places, note.at)


def _lasting(incident: Incident, scene: Scene, loud: Collection[Key], *, waits: bool) -> Told:
    """An incident that goes on, as far as silences let people hear of it."""
    over: tuple[Parcel, ...] = ()
    if not waits:
        incident, over = escalation.stand_down(_own_forgotten(incident, scene), scene)
    scene = replace(scene, alerts=tuple(one for one in scene.alerts if one.key in loud))
    if not scene.alerts:
        return incident, over
    severity = scene.alerts[0].severity
    places = destinations(scene.plan, scene.alerts)
    incident, parcels = _news(incident, scene, severity, places)
    if not parcels and calling(places):
        incident, parcels = escalation.escalate(incident, scene)
    if not parcels and _reminder_due(incident, severity, scene.now):
        incident, parcels = tell(incident, notes.reminder(incident, scene, severity), ())
    return incident, (*over, *parcels)


def _own_forgotten(incident: Incident, scene: Scene) -> Incident:
    """Once only what it explained is left, its own cause is news again when it comes back."""
    causes = {key: cause_of(row) for key, row in rules_of(scene.plan).items()}
    if incident.cause in {cause_of(one.row) for one in scene.alerts}:
        return incident
    left = tuple(key for key in incident.told_of if causes.get(key[0]) != incident.cause)
    return replace(incident, told_of=left)


def _news(incident: Incident, scene: Scene, severity: Severity, places: Sequence[Place]) -> Told:
    """What people do not know yet: that it opened, got worse, or that more broke.

    Whom it did not call yet, and what lies behind it and calls, make it worse.
    """
    known = dict.fromkeys((*incident.told_of, *(one.key for one in scene.alerts)))
    told = severity if incident.told is None else worst((severity, incident.told))
    aware = replace(incident, told=told, told_of=tuple(known))
    if incident.told is None:
        return tell(aware, notes.opened(incident, scene, severity), places)
    newly, deeper = _unheard_of(incident, scene)
    calls = set(calling(places)) - set(incident.told_to)
    if deeper:
        calls |= set(calling(destinations(scene.plan, newly)))
    if calls or rank(severity) < rank(incident.told):
        return escalation.call_anew(incident, aware, scene, severity, places)
    if newly:
        return tell(aware, notes.joined(incident, scene, severity, newly), places)
    return incident, ()


def _unheard_of(incident: Incident, scene: Scene) -> tuple[list[Firing], bool]:
    """Alerts of the incident's own cause from a place, or of a thing, of which nobody was told;
    and whether nobody was told of this cause at all.

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
        return own, True
    known = {pair for labels in told for pair in labels if pair[0] != "source"}
    names = {name for name, _ in known}
    newly = [
        one
        for one in own
        if any(pair[0] in names and pair not in known for pair in one.alert.labels)
    ]
    return newly, False


def _reminder_due(incident: Incident, severity: Severity, now: datetime) -> bool:
    after = REMIND_AFTER.get(severity)
    return after is not None and now - (incident.reminded_at or now) >= after
