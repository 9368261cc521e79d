"""Who has an incident, and who is called next: an acknowledgement, and two clocks. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from synthetic.notify import notes
from synthetic.notify.routing import CALLS, Place, Told, tell
from synthetic.notify.scene import Around, Scene, shortest
from synthetic.plan.model import Plan
from synthetic.store.values import Incident


def acknowledge(
    incident: Incident, by: str, now: datetime, plan: Plan, around: Around | None = None
) -> Told:
    """Somebody takes it: the clock of answers stops, and whoever was told hears who has it."""
    taken = replace(incident, acknowledged_at=now, acknowledged_by=by)
    note = notes.acknowledged(taken, Scene(plan, now, around=around or Around()))
    told, parcels = tell(taken, note, ())
    return replace(told, reminded_at=incident.reminded_at), parcels


def escalate(incident: Incident, scene: Scene) -> Told:
    """Call the next person where one of the clocks has run out; that of resolution goes first."""
    moved, parcels = _unresolved(incident, scene)
    return (moved, parcels) if parcels else _unanswered(incident, scene)


def _unanswered(incident: Incident, scene: Scene) -> Told:
    """The clock of Part E: acknowledged within the rule's SLA, else the next person is called."""
    limit = shortest(one.row.acknowledge_within for one in scene.alerts)
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
    calling = dict.fromkeys(channel for channel, _ in incident.told_to if channel in CALLS)
    return [(channel, who) for channel in calling]
