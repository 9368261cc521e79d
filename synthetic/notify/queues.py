"""What of the outbox goes before what, what waits for what, and how long. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta

from synthetic.notify.routing import CALLS, PAGER
from synthetic.store.values import Parcel

Queue = tuple[str, str, str | None]
_CALLING = ("opened", "raised", "escalated")
_FIRST, _MOST = timedelta(seconds=15), timedelta(minutes=30)  # back-off between rounds


def calls(parcel: Parcel) -> bool:
    """Whether somebody must be reached by it now."""
    return parcel.channel in CALLS and parcel.note.event in _CALLING


def queue_of(parcel: Parcel) -> Queue:
    """What goes in order: all of an incident at a place; what has no incident waits for nobody.

    All pages of an incident are one queue, whoever they call: a call that comes after the
    resolution would open it again.
    """
    place = None if parcel.channel == PAGER else parcel.place
    return (parcel.note.incident or parcel.id, parcel.channel, place)


def urgent_first(waiting: Sequence[Parcel]) -> list[Parcel]:
    """Whole queues in which somebody is called before the rest, each in its order."""
    urgent = {queue_of(one) for one in waiting if calls(one)}
    return sorted(waiting, key=lambda one: queue_of(one) not in urgent)


def overtaken(waiting: Iterable[Parcel]) -> frozenset[str]:
    """The ids of reminders that anything follows in their queue, and of acknowledgements that a
    call follows, which is not what was acknowledged."""
    found: set[str] = set()
    followed: set[Queue] = set()
    called: set[Queue] = set()
    for parcel in reversed(list(waiting)):
        queue = queue_of(parcel)
        by = {"reminder": followed, "acknowledged": called}.get(parcel.note.event, set())
        if queue in by:
            found.add(parcel.id)
        followed.add(queue)
        if calls(parcel):
            called.add(queue)
    return frozenset(found)


def back_off(tries: int, asked_s: float | None, chance: random.Random) -> timedelta:
    """How long to wait after so many tries: 15 s, doubled each time up to 30 min, a quarter more
    or less by chance, and never shorter than the channel asked for."""
    plain = min(_MOST, _FIRST * (1 << min(tries - 1, 10)))
    spread = plain * chance.uniform(0.75, 1.25)
    return max(spread, timedelta(seconds=asked_s or 0))
