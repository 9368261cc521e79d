"""What the database keeps beside runs and samples: alerts, incidents, notes, silences. Values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from synthetic.store.digest import Labels

State = Literal["inactive", "pending", "firing", "resolved", "superseded"]
Severity = Literal["critical", "high", "medium", "low"]
Event = Literal[
    "opened", "raised", "joined", "reminder", "acknowledged", "escalated", "resolved", "superseded",
    "report", "run", "undelivered",
]  # fmt: skip


@dataclass(frozen=True)
class Alert:
    """Where one rule stands for one label set; its identity is ``rule`` and ``labels``.

    ``since`` is when the condition began to hold, ``fired_at`` when it became an alert,
    ``kept_since`` when the condition ceased to hold while ``keep_firing_for`` still runs, ``seen``
    when a sample last said anything: a firing alert whose samples stopped is ``stale``. One that
    too few locations see, by its rule, is ``below_quorum``.
    """

    rule: str
    labels: Labels
    state: State
    since: datetime
    value: float
    fired_at: datetime | None = None
    ended_at: datetime | None = None
    kept_since: datetime | None = None
    seen: datetime | None = None
    stale: bool = False
    below_quorum: bool = False


@dataclass(frozen=True)
class Transition:
    """A change of an alert's state, at the instant of an evaluation; the JSON of contract 6."""

    at: datetime
    rule: str
    state: State
    value: float | None
    labels: Labels


@dataclass(frozen=True)
class Incident:
    """What one cause broke, as people are told of it: once, with one thread and one page.

    ``id`` is also what every channel knows it by. ``severity`` is the worst so far, ``members`` the
    alerts that ever belonged to it, ``tier`` how far it was escalated for want of a resolution and
    ``unanswered`` how many were called for want of an acknowledgement. ``call`` tells the call that
    holds from earlier ones, each of which somebody must take; the first has no name.

    What people know may lag behind, since silences hold it back: ``told`` is the severity they
    were told, ``told_of`` the members, ``told_to`` the places (pairs of a channel and its place),
    ``reminded_at`` when they last heard anything. Two clocks run: from ``called_at``, when
    somebody was first called, to a resolution; from ``asked_at``, when somebody was last asked to
    take it, to an acknowledgement. ``part_of`` is the incident that took this one in, as the same
    outage. ``promised`` is since when which of its rules promise something, as one that too few
    locations see does not; of incidents from before that was kept, nothing: all of them do.
    """

    id: str
    target: str
    cause: str
    title: str
    severity: Severity
    opened_at: datetime
    members: tuple[tuple[str, Labels], ...]
    closed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    tier: int = 0
    unanswered: int = 0
    reminded_at: datetime | None = None
    told: Severity | None = None
    called_at: datetime | None = None
    asked_at: datetime | None = None
    told_to: tuple[tuple[str, str | None], ...] = ()
    told_of: tuple[tuple[str, Labels], ...] = ()
    part_of: str | None = None
    call: str = ""
    promised: tuple[tuple[str, datetime], ...] | None = None


@dataclass(frozen=True)
class Note:
    """A message for people, before any channel dresses it; every text is plain and untrusted.

    ``key`` names this message, ``incident`` what it is about (its thread, page, issue), ``call``
    which of the incident's calls (each is a page of its own). ``facts``
    and ``links`` are pairs of a label and a text or an address, ``sections`` parts of a longer
    message, each a heading and its lines.
    """

    key: str
    incident: str
    event: Event
    title: str
    story: str
    target: str
    at: datetime
    severity: Severity | None = None
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    call: str = ""


@dataclass(frozen=True)
class Parcel:
    """A note on its way to one place of one channel: a row of the outbox.

    ``due_at`` is when it may be tried (again), ``begun_at`` when a try began whose end nobody
    knows (the process died: it may have been sent), ``reference`` what the channel calls it.
    """

    id: str
    channel: str
    place: str | None
    note: Note
    created_at: datetime
    due_at: datetime
    tries: int = 0
    begun_at: datetime | None = None
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    reference: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Silence:
    """Notifications of a target's cause or rule (``*``: all) are held back until ``ends_at``.

    A maintenance window is a silence that was set beforehand.
    """

    id: str
    target: str
    matches: str
    begins_at: datetime
    ends_at: datetime
    reason: str
    by: str
