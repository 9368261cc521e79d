"""Who hears of what: routes of the plan, and which channels are spared which events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from synthetic.evaluate.titles import cause_of
from synthetic.notify.grouping import DOUBTS, Firing
from synthetic.plan.model import Destination, Plan
from synthetic.store.values import Event, Incident, Note, Parcel, Severity

Place = tuple[str, str | None]
"""A channel, and which of its places."""

REMIND_AFTER: Mapping[Severity, timedelta] = {
    "critical": timedelta(minutes=30),
    "high": timedelta(hours=2),
    "medium": timedelta(days=1),
}
PAGER = "pagerduty"
CALLS = frozenset({PAGER, "sms"})
"""Channels that get somebody out of bed; an escalation calls its person there by name."""
OPERATORS: Place = ("slack", "#ops-alerts")
"""Those who run the monitor (Part E, "MONITORING/INFRASTRUCTURE")."""
# What a channel is not told of an incident that it knows; those not named hear everything.
SPARED: Mapping[str, frozenset[Event]] = {
    PAGER: frozenset({"joined", "reminder", "escalated"}),
    "sms": frozenset({"joined", "reminder", "escalated", "acknowledged"}),
    "jira": frozenset({"reminder"}),
    "sentry": frozenset({"joined", "reminder", "escalated", "acknowledged"}),
}


def destinations(plan: Plan, alerts: Iterable[Firing]) -> tuple[Place, ...]:
    """Where the plan's routes send any of these, each place once; the console where none does."""
    found = [
        (to.channel, to.place)
        for one in alerts
        for route in plan.routes
        if route.takes(one.severity, one.row.type)
        for to in route.to
        if to.channel not in CALLS or cause_of(one.row) not in DOUBTS
    ]
    return tuple(dict.fromkeys(found)) or (("console", None),)


def calling(places: Iterable[Place]) -> tuple[Place, ...]:
    """Those of the places that get somebody out of bed."""
    return tuple(place for place in places if place[0] in CALLS)


def hears(place: Place, event: Event) -> bool:
    """Whether a place that knows of the incident is told of this, too."""
    return event not in SPARED.get(place[0], frozenset())


def parcels_for(
    note: Note, places: Iterable[Place | Destination], now: datetime
) -> tuple[Parcel, ...]:
    """The note on its way to each place; the same note and place make the same parcel."""
    pairs = [(one.channel, one.place) if isinstance(one, Destination) else one for one in places]
    return tuple(
        Parcel(
            id=f"{note.key}@{channel}{f':{place}' if place else ''}",
            channel=channel,
            place=place,
            note=note,
            created_at=now,
            due_at=now,
        )
        for channel, place in dict.fromkeys(pairs)
    )


Told = tuple[Incident, tuple[Parcel, ...]]
"""An incident after people were told of it, and by what."""


def tell(incident: Incident, note: Note, places: Iterable[Place], *, again: bool = False) -> Told:
    """Send a note to ``places``, and to those that know of the incident and want to hear of this.

    Of ``places`` only those are told whatever it is that know nothing yet, unless ``again``.
    Whoever took the incident before it called, or got worse, is asked again.
    """
    new = [place for place in places if again or place not in incident.told_to]
    old = [place for place in incident.told_to if hears(place, note.event)]
    known = tuple(dict.fromkeys((*incident.told_to, *new)))
    told = replace(incident, told_to=known, reminded_at=note.at)
    if calling(known):
        if note.event in ("opened", "raised", "escalated"):
            told = replace(told, asked_at=note.at, called_at=told.called_at or note.at)
        if note.event == "raised":
            told = replace(told, acknowledged_at=None, acknowledged_by=None)
    return told, parcels_for(note, (*new, *old), note.at)
