"""What pages asked for, what the answers held, and their WebSockets, as events: pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from synthetic.reports.summary_events import Event, State
from synthetic.reports.summary_evidence import ActorEvidence, Answer, Socket
from synthetic.results import Request
from synthetic.wording import milliseconds

_MOST_SOCKETS = 20  # the newest of each actor
_LONG = timedelta(seconds=1)
# How Chromium begins where a connection was never had, however long it took.
_NEVER_OPENED = re.compile("connection establishment|handshake", re.IGNORECASE)
_Key = tuple[str, str, datetime]


def asked(
    evidence: Sequence[ActorEvidence], recorded: Sequence[Request], own: str
) -> Iterator[Event]:
    """Every request once: from the record, and what pages asked besides the product's endpoints.

    ``own`` is the product's host, which is not told.
    """
    held: Mapping[_Key, Answer] = {
        (side.actor, one.method, one.at): one for side in evidence for one in side.answers
    }
    for one in recorded:
        answer = held.get((one.actor, one.method, one.at))
        good: State = "odd" if answer and answer.odd else "ok"
        yield Event(
            at=one.at,
            actor=one.actor,
            kind="request",
            state=good if one.expected else "failed",
            text=f"{one.method} {one.endpoint}",
            detail=answered(one.status, one.duration_ms),
            said=answer.said if answer else "",
        )
    known = {(one.actor, one.method, one.at) for one in recorded}
    yield from _others(evidence, known, held, own)


def _others(
    evidence: Sequence[ActorEvidence], known: set[_Key], held: Mapping[_Key, Answer], own: str
) -> Iterator[Event]:
    """Documents, scripts, other hosts."""
    for side in evidence:
        for one in side.exchanges:
            key = (side.actor, one.method, one.at)
            if key in known:
                continue
            good = one.status is not None and one.status < 400
            where = _elsewhere(one.url, own)
            amiss: State = "odd" if where else "failed"
            yield Event(
                at=one.at,
                actor=side.actor,
                kind="request",
                state="ok" if good else amiss,
                text=f"{one.method} {where}{path_of(one.url)}",
                detail=answered(one.status, one.duration_ms),
                said=held[key].said if key in held else "",
            )


def sockets(evidence: Sequence[ActorEvidence], own: str) -> Iterator[Event]:
    """WebSockets as they opened, and as they closed or failed."""
    for side in evidence:
        for one in side.sockets[-_MOST_SOCKETS:]:
            name = f"WebSocket {_elsewhere(one.url, own)}{path_of(one.url)}"
            yield from _lived(one, side.actor, name)


def _lived(one: Socket, actor: str, name: str) -> Iterator[Event]:
    ended = one.closed_at or one.opened_at
    stood = ended - one.opened_at
    after = f"after {milliseconds(stood.total_seconds() * 1000)}"
    if one.error:
        late = stood > _LONG
        if late and not _NEVER_OPENED.search(one.error):
            yield Event(one.opened_at, actor, "socket", "ok", f"{name} opened")
        told = after if late else ""
        yield Event(ended, actor, "socket", "odd", f"{name} failed", told, said=one.error)
    elif one.closed_at is None:
        yield Event(one.opened_at, actor, "socket", "ok", f"{name} opened", "and stayed open")
    else:
        yield Event(one.opened_at, actor, "socket", "ok", f"{name} opened")
        yield Event(ended, actor, "socket", "unknown", f"{name} closed", after)


def own_host(target: str, evidence: Sequence[ActorEvidence]) -> str:
    """The host of a run's target; that of one without an address is who was asked most."""
    if host := _host(target):
        return host
    hosts = Counter(_host(one.url) for side in evidence for one in side.exchanges)
    return hosts.most_common(1)[0][0] if hosts else ""


def _elsewhere(url: str, own: str) -> str:
    host = _host(url)
    return "" if host == own else host


def _host(url: str) -> str:
    """Empty where the address is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def path_of(url: str) -> str:
    """The path of an address, without what follows it: queries carry secrets."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "(no address)"


def answered(status: int | None, duration_ms: float | None) -> str:
    """A status and the time it took, as far as known."""
    took = "" if duration_ms is None else f" · {milliseconds(duration_ms)}"
    return f"{'no answer' if status is None else status}{took}"
