"""Who has an incident, and who is called next: an acknowledgement, and two clocks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from synthetic.notify import notes
from synthetic.notify.grouping import worst
from synthetic.notify.routing import (
    PAGER,
    Place,
    Told,
    calling,
    destinations,
    hears,
    parcels_for,
    tell,
)
from synthetic.notify.scene import Around, Scene, acknowledge_within
from synthetic.plan.model import Plan
from synthetic.store.values import Incident, Severity


def acknowledge(
    incident: Incident, by: str, now: datetime, plan: Plan, around: Around | None = None
) -> Told:
    """Somebody takes it: the clock of answers stops, and whoever was told hears who has it."""
    taken = replace(incident, acknowledged_at=now, acknowledged_by=by)
    note = notes.acknowledged(taken, Scene(plan, now, around=around or Around()))
    told, parcels = tell(taken, note, ())
    return replace(told, reminded_at=incident.reminded_at), parcels


def call_anew(
    incident: Incident, aware: Incident, scene: Scene, severity: Severity, places: Sequence[Place]
) -> Told:
    """It got worse: whoever is called by it is called anew, and the pages of before are over.

    ``incident`` is what people know, ``aware`` what they will.
    """
    call = notes.stamp(scene) if calling((*incident.told_to, *places)) else incident.call
    note = notes.raised(replace(incident, call=call), scene, severity)
    told, parcels = tell(replace(aware, call=call), note, places)
    over = [place for place in calling(incident.told_to) if place[0] == PAGER]
    ended = parcels_for(notes.replaced(incident, scene), over, scene.now)
    return told, (*parcels, *ended)


def stand_down(incident: Incident, scene: Scene) -> Told:
    """Once nothing of it calls any more, its pages are over; what calls later is news again."""
    called = calling(incident.told_to)
    if not called or calling(destinations(scene.plan, scene.alerts)):
        return incident, ()
    calm = replace(
        incident,
        told=worst(one.severity for one in scene.alerts),
        told_to=tuple(place for place in incident.told_to if place not in called),
        called_at=None,
        asked_at=None,
        tier=0,
        unanswered=0,
    )
    note = notes.calmed(incident, scene)
    return calm, parcels_for(note, [one for one in called if hears(one, note.event)], note.at)


def escalate(incident: Incident, scene: Scene) -> Told:
    """Call the next person where one of the clocks has run out; that of resolution goes first."""
    moved, parcels = _unresolved(incident, scene)
    return (moved, parcels) if parcels else _unanswered(incident, scene)


def _unanswered(incident: Incident, scene: Scene) -> Told:
    """The clock of Part E: acknowledged within the rule's SLA, else the next person is called."""
    limit = acknowledge_within(scene.alerts)
    called = max(incident.unanswered, incident.tier) + 1
    if incident.asked_at is None or incident.acknowledged_at or limit is None:
        return incident, ()
    if called >= len(scene.plan.tiers) or scene.now - incident.asked_at < limit:
        return incident, ()
    later = replace(incident, unanswered=called)
    who = scene.plan.tiers[called].who
    note = notes.unanswered(later, scene, who, limit)
    return tell(later, note, _by_name(later, who), again=True)


def _unresolved(incident: Incident, scene: Scene) -> Told:
    """The clock of Part G: resolved within a tier's time, else it moves up."""
    moved = incident.tier + 1
    if incident.called_at is None or moved >= len(scene.plan.tiers):
        return incident, ()
    limit = timedelta(seconds=scene.plan.tiers[incident.tier].after)
    if scene.now - incident.called_at < limit:
        return incident, ()
    later = replace(incident, tier=moved)
    who = scene.plan.tiers[moved].who
    note = notes.unresolved(later, scene, who, limit)
    return tell(later, note, _by_name(later, who), again=True)


def _by_name(incident: Incident, who: str) -> list[Place]:
    """Where a person is called: at each channel that calls, as the place of that name."""
    channels = dict.fromkeys(channel for channel, _ in calling(incident.told_to))
    return [(channel, who) for channel in channels]
