"""What happened to each actor in one attempt, in order of time: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from synthetic.media.mark import ROLES
from synthetic.reports.summary_events import Event, Kind, State
from synthetic.reports.summary_evidence import ActorEvidence, Picture
from synthetic.reports.summary_network import asked, own_host, sockets
from synthetic.results import Finding, Journey, Media, Run, Step
from synthetic.wording import milliseconds

_MOST_EVENTS = 300
_FOLD_FROM = 3
_NOBODY = -1
_SETTLED = ("connected", "completed")
_BROKEN = ("disconnected", "failed")
_MAIL_EARLY = timedelta(seconds=1)


@dataclass(frozen=True)
class Timeline:
    """The events of an attempt; ``left_out`` are those beyond what a page can hold."""

    start: datetime | None
    actors: tuple[str, ...]
    events: tuple[Event, ...]
    unreached: tuple[str, ...]
    left_out: int = 0


def timeline(run: Run, journey: Journey, evidence: Sequence[ActorEvidence]) -> Timeline:
    """All that is known of an attempt, each kind from where it stands best."""
    mine = (journey.name, journey.attempt)
    requests = [one for one in run.requests if (one.journey, one.attempt) == mine]
    media = [one for one in run.media if (one.journey, one.attempt) == mine]
    findings = [one for one in run.findings if (one.journey, one.attempt) == mine]
    reached = [step for step in journey.steps if step.status != "skipped"]
    own = own_host(run.target, evidence)
    events = [
        *map(_step, reached),
        *asked(evidence, requests, own),
        *sockets(evidence, own),
        *_said(evidence, findings),
        *_mails(evidence),
        *(_proof(one, journey) for one in media),
        *_connections(evidence),
        *_first_pictures(evidence),
    ]
    timed = sorted((one for one in events if one.at), key=lambda one: one.at or _NEVER)
    ended = next((step.started_at for step in reached if step.status == "failed"), _NEVER)
    folded = _folded(timed, ended) + [one for one in events if one.at is None]
    start = min((step.started_at for step in reached), default=timed[0].at if timed else None)
    return Timeline(
        start=start,
        actors=_actors(journey, evidence, events),
        events=tuple(folded[:_MOST_EVENTS]),
        unreached=tuple(
            f"{step.actor}: {step.name}" for step in journey.steps if step.status == "skipped"
        ),
        left_out=max(0, len(folded) - _MOST_EVENTS),
    )


_NEVER = datetime.max.replace(tzinfo=UTC)


def _actors(
    journey: Journey, evidence: Sequence[ActorEvidence], events: Sequence[Event]
) -> tuple[str, ...]:
    found = [
        *(one.actor for one in evidence),
        *(step.actor for step in journey.steps),
        *(one.actor for one in events),
    ]
    known = sorted(set(found) & set(ROLES), key=ROLES.index)
    return tuple(dict.fromkeys([*known, *found]))[: len(ROLES)]


def _step(step: Step) -> Event:
    if step.status == "failed":
        return Event(step.started_at, step.actor, "step", "failed", step.name, step=step)
    took = "" if step.latency_ms is None else milliseconds(step.latency_ms)
    return Event(step.started_at, step.actor, "step", "ok", step.name, took, step=step)


def _said(evidence: Sequence[ActorEvidence], findings: Sequence[Finding]) -> Iterator[Event]:
    """Console errors once each, wherever they stand, and what else was odd."""
    consoles = {(side.actor, text) for side in evidence for text in side.errors}
    for side in evidence:
        for text in side.errors:
            yield Event(None, side.actor, "console", "odd", text)
    with_network = {side.actor for side in evidence if side.exchanges}
    for one in findings:
        told = one.kind == "console" and (one.actor, one.text) in consoles
        if told or (one.kind == "request" and one.actor in with_network):
            continue
        kind: Kind = "console" if one.kind == "console" else "finding"
        yield Event(None, one.actor, kind, "odd", one.text)


def _mails(evidence: Sequence[ActorEvidence]) -> Iterator[Event]:
    for side in evidence:
        for mail in side.mails:
            late = ""
            if mail.at and mail.sent_at and mail.at - mail.sent_at > _MAIL_EARLY:
                on_way = (mail.at - mail.sent_at).total_seconds() * 1000
                late = f"on its way for {milliseconds(on_way)}"
            name = mail.subject or "a mail without a subject"
            yield Event(mail.at or mail.sent_at, side.actor, "mail", "ok", name, late)


def _proof(media: Media, journey: Journey) -> Event:
    """Proofs bear no time of their own: they end the step that made them."""
    step = next((one for one in journey.steps if one.name == media.step), None)
    ends = None
    if step is not None:
        after = [one.started_at for one in journey.steps if one.started_at > step.started_at]
        ends = min(after, default=step.started_at)
    figures = [
        None if media.fps is None else f"{media.fps:.0f} frames/s",
        f"{media.width}×{media.height}" if media.width else None,
        None if media.bitrate_kbps is None else f"{media.bitrate_kbps:.0f} kbit/s",
    ]
    return Event(
        at=ends,
        actor=media.to,
        kind="media",
        state="ok" if media.identity == "match" else "failed",
        text=f"{media.kind} of {media.from_}: {media.identity}",
        detail=" · ".join(one for one in figures if one),
    )


def _connections(evidence: Sequence[ActorEvidence]) -> Iterator[Event]:
    for side in evidence:
        states = {
            (at, state)
            for snapshot in side.snapshots
            for connection in snapshot.connections
            for at, state in connection.states
        }
        for at, state in sorted(states):
            calm: State = "ok" if state in _SETTLED else "odd" if state in _BROKEN else "unknown"
            if calm != "unknown":
                yield Event(moment(at), side.actor, "connection", calm, f"connection {state}")


def _first_pictures(evidence: Sequence[ActorEvidence]) -> Iterator[Event]:
    for side in evidence:
        first: dict[str, float] = {}
        for one in all_pictures(side):
            for at, data, *_ in one.entries:
                who = owner_of_mark(data)
                first[who] = min(at, first.get(who, at))
        for who, at in first.items():
            if who == side.actor:  # one's own preview
                continue
            seen = f"first saw {who}" if who else "first saw a picture that names nobody"
            state: State = "ok" if who else "odd"
            yield Event(moment(at), side.actor, "picture", state, seen)


def all_pictures(side: ActorEvidence) -> list[Picture]:
    """Each picture of a page once, with all its entries over all snapshots."""
    entries: dict[tuple[int, str | None], set[tuple[float, int, float | None, float | None, bool]]]
    entries = defaultdict(set)
    owners: dict[tuple[int, str | None], int | None] = {}
    for pictures in [*(snapshot.pictures for snapshot in side.snapshots), side.pictures]:
        for number, one in enumerate(pictures):
            entries[number, one.track] |= set(one.entries)
            owners.setdefault((number, one.track), one.owner)
    return [
        Picture(track=key[1], owner=owners[key], entries=tuple(sorted(found, key=lambda e: e[0])))
        for key, found in entries.items()
    ]


def owner_of_mark(data: int) -> str:
    """The person whom a mark names, with "'s screen" for a shared one; empty for nobody."""
    if data <= _NOBODY:
        return ""
    role = data >> 21
    who = ROLES[role] if role < len(ROLES) else "a stranger"
    return f"{who}'s screen" if data >> 20 & 1 else who


def moment(epoch_ms: float) -> datetime | None:
    """A moment of a page's clock; None for what no clock can have shown."""
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _folded(events: Sequence[Event], ended: datetime) -> list[Event]:
    """Good requests of one actor that nothing else of theirs interrupts become one event.

    Once the last step has begun (``ended``), those whose answer is told stand alone.
    """
    rows: list[Event] = []
    open_row: dict[str, int] = {}
    for event in events:
        quiet = event.kind == "request" and event.state == "ok"
        quiet = quiet and not (event.said and event.at and event.at >= ended)
        at = open_row.get(event.actor)
        if quiet and at is not None:
            rows[at] = replace(rows[at], folded=(*rows[at].folded, event))
        elif quiet:
            open_row[event.actor] = len(rows)
            rows.append(replace(event, folded=(event,)))
        else:
            open_row.pop(event.actor, None)
            rows.append(event)
    return [unfolded for row in rows for unfolded in _unfolded(row)]


def _unfolded(row: Event) -> Sequence[Event]:
    if len(row.folded) < _FOLD_FROM:
        return row.folded or (row,)
    return (
        replace(row, text=f"{len(row.folded)} requests, all answered well", detail="", said=""),
    )
