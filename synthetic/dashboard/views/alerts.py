"""Alerts: what wants somebody, and what may wait? Open incidents, and those of the last week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.dashboard.checks import CheckSeen, seen
from synthetic.dashboard.health import Standing, standing
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.states import OF_SEVERITY
from synthetic.dashboard.views.alert_parts import Member, Message, member, members_of, told
from synthetic.dashboard.views.runbook import address
from synthetic.dashboard.watched import Watched
from synthetic.notify.grouping import Firing, firing
from synthetic.notify.scene import Scene, headline, matches
from synthetic.plan.model import Plan
from synthetic.reports.document import State, clean
from synthetic.reports.outages import open_now
from synthetic.reports.words import span
from synthetic.store.values import Alert, Incident, Severity, Silence

WEEK = timedelta(days=7)
LENGTHS = ("30m", "1h", "2h", "4h", "8h", "24h", "72h")
"""For how long one may ask for quiet here."""


@dataclass(frozen=True)
class Open:
    """An open incident; ``word`` says how it stands, ``line`` what is wrong in one line.

    ``taken`` is whether somebody has it, ``quiet`` the silence that holds all of it back.
    """

    id: str
    title: str
    severity: Severity
    state: State
    word: str
    line: str
    since: datetime
    cause: str
    taken: bool
    by: str
    quiet: Silence | None
    stale: bool
    users: str
    meanwhile: str
    runbook: str
    runbook_at: str | None
    members: tuple[Member, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Over:
    """An incident that is over: how long it took, and whether anybody had it."""

    id: str
    title: str
    severity: Severity
    opened_at: datetime
    took: str
    by: str
    ended: str


@dataclass(frozen=True)
class Alerts:
    """The page."""

    standing: Standing
    open: tuple[Open, ...]
    coming: tuple[Member, ...]
    silences: tuple[Silence, ...]
    over: tuple[Over, ...]
    check: CheckSeen | None
    lengths: tuple[str, ...] = LENGTHS


def alerts(watched: Watched, asked: Asked) -> Alerts:
    """Everything about alerts at this moment."""
    del asked
    now, store, target = watched.clock(), watched.store, watched.target
    known = store.alerts(target)
    incidents = store.incidents(target)
    quiet = tuple(one for one in store.silences(now) if one.target == target)
    cards = [_open(watched, one, known, quiet, now) for one in open_now(incidents)]
    cards.sort(key=_most_pressing)
    inside = {key for one in incidents if one.closed_at is None for key in one.members}
    coming = [
        one for one in known if one.state == "pending" and (one.rule, one.labels) not in inside
    ]
    return Alerts(
        _standing(watched, cards, now),
        tuple(cards),
        tuple(member(watched.plan, one, now) for one in coming),
        quiet,
        tuple(_over(one) for one in reversed(incidents) if _of_late(one, now)),
        seen(store, target, now),
    )


def _most_pressing(one: Open) -> tuple[bool, bool, datetime]:
    """Who nobody has comes first, then the oldest; what is silenced may wait."""
    return one.quiet is not None, one.taken, one.since


def _standing(watched: Watched, cards: Sequence[Open], now: datetime) -> Standing:
    """What wants somebody, in a sentence; that nothing does is only sure while somebody looks."""
    if not cards:
        whole = standing(watched, now)
        if whole.state == "unknown":
            return whole
        return Standing("ok", "Nothing wants you", whole.since, ("No incident is open.",), None)
    waiting = [one for one in cards if not one.taken and one.quiet is None]
    if not waiting:
        many = "1 incident is" if len(cards) == 1 else f"{len(cards)} incidents are"
        said = f"{many} open, and all of it is in somebody's hands or silenced"
        return Standing("degraded", said, None, (), None)
    first, rest = waiting[0], len(cards) - 1
    more = (f"And {rest} more {'is' if rest == 1 else 'are'} open.",) if rest else ()
    return Standing(first.state, f"{first.title}, and nobody has it", first.since, more, None)


def _open(
    watched: Watched,
    incident: Incident,
    alerts: Sequence[Alert],
    silences: Sequence[Silence],
    now: datetime,
) -> Open:
    plan = watched.plan
    own = [one for one in alerts if (one.rule, one.labels) in incident.members]
    fire = firing(plan, own)
    quiet = _quiet(plan, fire, firing(plan, alerts), silences)
    cause = plan.causes.get(incident.cause)
    stale = bool(fire) and all(one.alert.stale for one in fire)
    return Open(
        id=incident.id,
        title=clean(incident.title),
        severity=incident.severity,
        state=OF_SEVERITY[incident.severity],
        word=_word(incident, quiet, stale),
        line=headline(incident, Scene(plan, now, fire)),
        since=incident.opened_at,
        cause=incident.cause,
        taken=incident.acknowledged_at is not None,
        by=clean(incident.acknowledged_by or "", 60),
        quiet=quiet,
        stale=stale,
        users=(cause.noticed if cause else None) or "",
        meanwhile=(cause.workaround if cause else None) or "",
        runbook=cause.runbook if cause else "",
        runbook_at=address(cause.runbook, watched.settings.links.runbook) if cause else None,
        members=members_of(plan, incident, own, now),
        messages=told(watched.store.parcels(incident.id)),
    )


def _quiet(
    plan: Plan, own: Sequence[Firing], fire: Sequence[Firing], silences: Iterable[Silence]
) -> Silence | None:
    """The silence that holds longest of those that hold all of it back."""
    holding = [
        one
        for one in silences
        if own and all(matches(plan, one.matches, each, fire) for each in own)
    ]
    return max(holding, key=lambda one: one.ends_at, default=None)


def _word(incident: Incident, quiet: Silence | None, stale: bool) -> str:
    said = "firing, no new figures" if stale else "firing"
    if incident.acknowledged_at:
        said = "acknowledged"
    return f"{said}, silenced" if quiet else said


def _of_late(one: Incident, now: datetime) -> bool:
    return one.closed_at is not None and one.closed_at > now - WEEK


def _over(one: Incident) -> Over:
    ended = "became part of another" if one.part_of else "resolved"
    took = span((one.closed_at or one.opened_at) - one.opened_at)
    by = clean(one.acknowledged_by or "", 60)
    return Over(one.id, clean(one.title), one.severity, one.opened_at, took, by, ended)


PAGE = Page("/alerts", "Alerts", "alerts.html", alerts)
