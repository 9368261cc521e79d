"""Who hears of what: routes of the plan, and which channels are spared which events. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from synthetic.plan.model import AlertType, Destination, Plan
from synthetic.store.values import Event, Incident, Note, Parcel, Severity

Place = tuple[str, str | None]
"""A channel, and which of its places."""

REMIND_AFTER: Mapping[Severity, timedelta] = {
    "critical": timedelta(minutes=30),
    "high": timedelta(hours=2),
    "medium": timedelta(days=1),
}
CALLS = frozenset({"pagerduty", "sms"})
"""Channels that get somebody out of bed; an escalation calls its person there by name."""
DOUBTS = frozenset({"monitoring"})
"""Causes on our own side: they call nobody."""
OPERATORS: Place = ("slack", "#ops-alerts")
"""Those who run the monitor (Part E, "MONITORING/INFRASTRUCTURE")."""
# What a channel is not told of an incident that it knows; those not named hear everything.
SPARED: Mapping[str, frozenset[Event]] = {
    "pagerduty": frozenset({"joined", "reminder", "escalated"}),
    "sms": frozenset({"joined", "reminder", "escalated", "acknowledged"}),
    "jira": frozenset({"reminder"}),
    "sentry": frozenset({"joined", "reminder", "escalated", "acknowledged"}),
}


def destinations(
    plan: Plan, severity: Severity, types: Collection[AlertType | None], cause: str
) -> tuple[Place, ...]:
    """Where the plan's routes send an incident, each place once; the console where none does."""
    found: dict[Place, None] = {}
    for route in plan.routes:
        by_severity = not route.severities or severity in route.severities
        by_type = not route.types or bool(set(types) & set(route.types))
        if by_severity and by_type:
            found |= dict.fromkeys((to.channel, to.place) for to in route.to)
    calm = [place for place in found if cause not in DOUBTS or place[0] not in CALLS]
    return tuple(calm) or (("console", None),)


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
    Whoever took the incident while it called nobody is asked again once it does.
    """
    new = [place for place in places if again or place not in incident.told_to]
    old = [place for place in incident.told_to if hears(place, note.event)]
    known = tuple(dict.fromkeys((*incident.told_to, *new)))
    told = replace(incident, told_to=known, reminded_at=note.at)
    if any(channel in CALLS for channel, _ in known):
        if note.event in ("opened", "raised", "escalated"):
            told = replace(told, asked_at=note.at)
        if incident.called_at is None:
            told = replace(told, called_at=note.at, asked_at=note.at)
            told = replace(told, acknowledged_at=None, acknowledged_by=None)
    return told, parcels_for(note, (*new, *old), note.at)
