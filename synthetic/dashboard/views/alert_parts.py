"""What an incident consists of, for people: its alerts with their figures, and its messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from synthetic.dashboard.states import OF_SEVERITY
from synthetic.evaluate.quorum import as_told
from synthetic.evaluate.titles import rules_of
from synthetic.notify.grouping import Firing
from synthetic.notify.scene import against, named
from synthetic.plan.model import Plan
from synthetic.reports.document import State, clean
from synthetic.reports.words import span
from synthetic.store.values import Alert, Incident, Parcel, Severity

_CHANNELS = {
    "slack": "Slack",
    "pagerduty": "PagerDuty",
    "sms": "SMS",
    "email": "e-mail",
    "jira": "Jira",
    "sentry": "Sentry",
    "webhook": "webhook",
    "console": "console",
}
MOST_MESSAGES = 30


@dataclass(frozen=True)
class Member:
    """An alert: ``word`` is its state, ``value`` its figure against what the plan allows."""

    rule: str
    title: str
    severity: Severity | None
    state: State
    word: str
    value: str
    where: str
    since: datetime | None
    waits: str = ""


@dataclass(frozen=True)
class Message:
    """A message, and the places that it went to, each with what became of it there."""

    title: str
    event: str
    at: datetime
    places: tuple[tuple[str, str], ...]


def members_of(
    plan: Plan, incident: Incident, alerts: Sequence[Alert], now: datetime
) -> tuple[Member, ...]:
    """All alerts that ever belonged to an incident, those that fire first."""
    known = {(one.rule, one.labels): one for one in alerts}
    left = [member(plan, known[key], now) for key in incident.members if key in known]
    over = [_gone(plan, rule) for rule, labels in incident.members if (rule, labels) not in known]
    return tuple(sorted((*left, *over), key=lambda one: one.state in ("ok", "unknown")))


def member(plan: Plan, alert: Alert, now: datetime) -> Member:
    """One alert as it stands."""
    row = rules_of(plan).get(alert.rule)
    if row is None:
        return _gone(plan, alert.rule)
    row = as_told(row, alert)
    one = Firing(alert, row)
    due = alert.since + timedelta(seconds=row.for_)
    waits = f"fires in {span(due - now)} unless it ends" if due > now else ""
    return Member(
        rule=row.id,
        title=named(plan, one),
        severity=row.severity,
        state=_state(alert, one.severity),
        word=_word(alert),
        value=against(plan, one),
        where=clean(dict(alert.labels).get("location") or "", 40),
        since=alert.since,
        waits=waits if alert.state == "pending" else "",
    )


def _gone(plan: Plan, rule: str) -> Member:
    row = rules_of(plan).get(rule)
    title = row.title if row else clean(rule, 80)
    return Member(rule, title, row.severity if row else None, "ok", "over", "", "", None)


def _state(alert: Alert, severity: Severity) -> State:
    if alert.state not in ("firing", "pending"):
        return "ok"
    if alert.stale:
        return "unknown"
    return "degraded" if alert.state == "pending" else OF_SEVERITY[severity]


def _word(alert: Alert) -> str:
    if alert.stale:
        return "firing, no new figures"
    return "over" if alert.state in ("resolved", "superseded", "inactive") else alert.state


def told(parcels: Iterable[Parcel]) -> tuple[Message, ...]:
    """What was told to whom, the newest first."""
    ordered = sorted(parcels, key=lambda one: (one.created_at, one.note.key))
    messages = [
        Message(
            title=clean(note.title),
            event=note.event,
            at=note.at,
            places=tuple((_place(one), _became(one)) for one in group),
        )
        for note, group in (
            (group[0].note, group)
            for group in (list(found) for _, found in groupby(ordered, lambda one: one.note.key))
        )
    ]
    return tuple(messages[: -MOST_MESSAGES - 1 : -1])


def _place(parcel: Parcel) -> str:
    channel = _CHANNELS.get(parcel.channel, clean(parcel.channel, 40))
    return f"{channel} {clean(parcel.place, 40)}" if parcel.place else channel


def _became(parcel: Parcel) -> str:
    if parcel.sent_at:
        return "shown on the console" if (parcel.reference or "").startswith("by ") else "sent"
    problem = f": {clean(parcel.problem, 120)}" if parcel.problem else ""
    return f"given up{problem}" if parcel.given_up_at else f"waits{problem}"
