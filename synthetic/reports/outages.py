"""What incidents say of a moment and of a period: state, who answered in time, recovery. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from synthetic.evaluate.availability import mean_time_to_recovery
from synthetic.reports.document import Figure, Item, Listing, State, clean
from synthetic.reports.period import Period
from synthetic.reports.words import instant, span
from synthetic.store.digest import Labels
from synthetic.store.values import Incident, Severity, Transition

WORST_FIRST: tuple[Severity, ...] = ("critical", "high", "medium", "low")
PRIORITIES: Mapping[Severity, str] = {"critical": "P1", "high": "P2", "medium": "P3", "low": "P4"}
_COLOURS: Mapping[Severity, tuple[str, State]] = {
    "critical": ("Red", "failed"),
    "high": ("Red", "failed"),
    "medium": ("Yellow", "degraded"),
    "low": ("Green", "ok"),
}
_HOW = "Red: a critical or high incident is open; Yellow: a medium one; Green: none of these"


@dataclass(frozen=True)
class Health:
    """The state of the product: ``colour`` in a word, and the sentence that says why."""

    colour: str
    state: State
    why: str


def as_of(
    incidents: Iterable[Incident],
    at: datetime,
    transitions: Iterable[Transition] = (),
    severities: Mapping[str, Severity] = {},
) -> tuple[Incident, ...]:
    """Incidents as they were at a moment: what happened later is not known yet.

    ``transitions`` tell which alerts had fired by then, ``severities`` how bad each rule is. What
    was taken in by another incident is told with that one.
    """
    fired = [
        (one.rule, one.labels, one.at)
        for one in transitions
        if one.state == "firing" and one.at <= at
    ]
    known = (one for one in incidents if one.opened_at <= at)
    then = (_rewound(one, at, fired, severities) for one in known)
    apart = (one for one in then if one.part_of is None or one.closed_at is None)
    return tuple(sorted(apart, key=lambda one: one.opened_at))


def _rewound(
    one: Incident,
    at: datetime,
    fired: Iterable[tuple[str, Labels, datetime]],
    severities: Mapping[str, Severity],
) -> Incident:
    closed = one.closed_at if one.closed_at and one.closed_at <= at else None
    answered = bool(one.acknowledged_at and one.acknowledged_at <= at)
    members = tuple(
        dict.fromkeys(
            (rule, labels)
            for rule, labels, when in fired
            if (rule, labels) in one.members and when >= one.opened_at
        )
    )
    worst = min((severities.get(rule, "low") for rule, _ in members), key=_rank, default=None)
    # What never had its quorum was never told as bad as its rule says; what had it later, counts as
    # that bad from the first.
    told = one.severity if worst is None else max(worst, one.severity, key=_rank)
    promised = one.promised and tuple(each for each in one.promised if each[1] <= at)
    return replace(
        one,
        closed_at=closed,
        acknowledged_at=one.acknowledged_at if answered else None,
        acknowledged_by=one.acknowledged_by if answered else None,
        members=members or one.members,
        severity=told,
        promised=promised,
    )


def _rank(severity: Severity) -> int:
    return WORST_FIRST.index(severity)


def open_now(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Those not closed, the worst first, then the oldest."""
    left = (one for one in incidents if one.closed_at is None)
    return tuple(sorted(left, key=lambda one: (_rank(one.severity), one.opened_at)))


def health(incidents: Sequence[Incident], heard_at: datetime | None, at: datetime) -> Health:
    """Green, Yellow or Red by the worst open incident; without any word of late, unknown.

    ``heard_at`` is when anything that shows the product at work was last observed, recently.
    """
    left = open_now(incidents)
    if left:
        colour, state = _COLOURS[left[0].severity]
        more = f", and {len(left) - 1} more" if len(left) > 1 else ""
        many = "an incident is open" if len(left) == 1 else f"{len(left)} incidents are open"
        if state != "ok" or heard_at:
            return Health(colour, state, f"{many}: {described(left[0], at)}{more}")
    if heard_at is None:
        return Health("Unknown", "unknown", "nothing was observed of late, so nobody can tell")
    return Health("Green", "ok", f"no incident is open; last observed {instant(heard_at)}")


def health_figure(now: Health) -> Figure:
    """The state as a line, saying how it was found."""
    return Figure("System health", now.colour, now.state, remark=f"{now.why}. {_HOW}")


def described(one: Incident, at: datetime) -> str:
    """One incident in words: how bad, what, since when, whether anybody has it."""
    who = (
        f"acknowledged by {clean(one.acknowledged_by or 'somebody', 60)}"
        if one.acknowledged_at
        else "not acknowledged"
    )
    lasts = f"for {span(at - one.opened_at)}"
    return f"{clean(one.title)} ({one.severity}), {lasts}, {who}"


def in_period(incidents: Iterable[Incident], within: Period) -> tuple[Incident, ...]:
    """Those that were open at any time of it."""
    return tuple(
        one
        for one in incidents
        if one.opened_at <= within.end and (one.closed_at is None or one.closed_at > within.start)
    )


def listed(
    label: str, incidents: Sequence[Incident], severities: Sequence[Severity], at: datetime
) -> Listing:
    """Incidents of some severities, each with when it was and how it stands."""
    shown = [one for one in incidents if one.severity in severities]
    items = tuple(
        Item(f"{PRIORITIES[one.severity]} {clean(one.title)}", _standing(one, at)) for one in shown
    )
    return Listing(label, items, state="failed" if open_now(shown) else None)


def _standing(one: Incident, at: datetime) -> str:
    opened = instant(one.opened_at)
    if one.closed_at is None:
        return f"opened {opened}, still open after {span(at - one.opened_at)}"
    return f"opened {opened}, resolved after {span(one.closed_at - one.opened_at)}"


def resolved(incidents: Sequence[Incident]) -> Figure:
    """How many of them are over."""
    if not incidents:
        return Figure("Resolved", "nothing to resolve")
    over = sum(one.closed_at is not None for one in incidents)
    state: State = "ok" if over == len(incidents) else "failed"
    return Figure("Resolved", f"{over} of {len(incidents)}", state)


def ended(incidents: Iterable[Incident], within: Period) -> tuple[Incident, ...]:
    """Those that were over within a period."""
    return tuple(one for one in incidents if one.closed_at and one.closed_at in within)


def recovery(incidents: Iterable[Incident], within: Period) -> timedelta | None:
    """How long those that ended in a period took on average."""
    over = ended(incidents, within)
    return mean_time_to_recovery((one.opened_at, one.closed_at) for one in over)
