"""Drains the outbox: begin, send, mark; what does not arrive is tried again, and given up loudly.

Parcels about one incident at one place go in their order, each waiting for the one before, so that
a thread begins with its first message. Nothing else waits: a channel that fails is left alone for
the rest of the round. Pages are tried again at once, then taken to another channel.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels.model import Channel
from synthetic.notify.notes import STANDIN
from synthetic.notify.routing import CALLS, OPERATORS, parcels_for
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Note, Parcel
from synthetic.wording import fit

CONSOLE, PAGER = "console", "pagerduty"
INSTEAD = "by "
"""The reference of what another channel took begins so, with its name behind: ``by console``."""
DOUBLED = "notification_doubled"
"""A sample of 1 for each message that was sent again though it may have arrived."""
LONGEST = timedelta(days=1)
"""After this it is no news any more."""
PRESSING_S = (1.0, 2.0, 4.0, 8.0)
"""Pauses between the tries of a page within one process, seconds."""
EVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
"""By then all that waits is due."""
_FIRST, _MOST = timedelta(seconds=15), timedelta(minutes=30)  # back-off between rounds
_PATIENCE = timedelta(seconds=15)  # for a channel that asks to wait while a page is pressed
_CALLING = ("opened", "raised", "escalated")
_LONGEST_PROBLEM = 300
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What became of parcels: ``sent`` to their channels, ``shown`` on the console instead,
    ``put_off``, ``given_up``, and ``doubled``: sent again though they may have arrived."""

    sent: int = 0
    shown: int = 0
    put_off: int = 0
    given_up: int = 0
    doubled: int = 0
    problems: tuple[str, ...] = ()


def drain(
    store: Store,
    channels: Mapping[str, Channel],
    *,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    chance: random.Random,
    about_standin: bool = False,
    fallback: str = CONSOLE,
) -> Delivered:
    """Try what is due. ``channels`` are those configured, the console always among them.

    What concerns a stand-in is only shown, unless ``about_standin``; so is what has no channel.
    Pages that do not arrive go through the channel ``fallback``.
    """
    work = _Draining(store, channels, clock, wait, chance, about_standin, fallback)
    work.go_over(store.due(EVER))
    work.press()
    return work.tally


def back_off(tries: int, asked_s: float | None, chance: random.Random) -> timedelta:
    """How long to wait after so many tries: 15 s, doubled each time up to 30 min, a quarter more
    or less by chance, and never shorter than the channel asked for."""
    plain = min(_MOST, _FIRST * (1 << min(tries - 1, 10)))
    spread = plain * chance.uniform(0.75, 1.25)
    return max(spread, timedelta(seconds=asked_s or 0))


def calls(parcel: Parcel) -> bool:
    """Whether somebody must be reached by it now."""
    return parcel.channel in CALLS and parcel.note.event in _CALLING


_Queue = tuple[str, str, str | None]


def _queue(parcel: Parcel) -> _Queue:
    """What goes in order: all of an incident at a place; what has no incident waits for nobody.

    A page is one, whoever it calls: a call after its resolution would open it again.
    """
    place = None if parcel.channel == PAGER else parcel.place
    return (parcel.note.incident or parcel.id, parcel.channel, place)


@dataclass
class _Draining:
    store: Store
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    chance: random.Random
    about_standin: bool
    fallback: str
    tally: Delivered = field(default_factory=Delivered)
    broken: set[str] = field(default_factory=set)
    pressed: dict[str, int] = field(default_factory=dict)
    again: list[Parcel] = field(default_factory=list)
    replaced: set[tuple[str, str]] = field(default_factory=set)
    meant: dict[str, list[str]] = field(default_factory=dict)

    def go_over(self, waiting: Sequence[Parcel]) -> None:
        """Try each that is due and at the head of its queue, pages first."""
        last = {_queue(parcel): parcel.id for parcel in waiting}
        for parcel in waiting:
            self.meant.setdefault(parcel.note.key, []).append(_where(parcel))
        held: set[_Queue] = set()
        now = self.clock()
        for parcel in sorted(waiting, key=lambda one: not calls(one)):
            queue = _queue(parcel)
            resting = self._carrier(parcel).name in self.broken and not calls(parcel)
            if queue in held or parcel.due_at > now or resting:
                held.add(queue)
            elif parcel.note.event == "reminder" and last[queue] != parcel.id:
                self.store.give_up(parcel, now, "overtaken by later news")
            elif not self._deliver(parcel):
                held.add(queue)

    def press(self) -> None:
        """Try pages again that did not arrive, then take them elsewhere."""
        while self.again:
            pages, self.again = self.again, []
            until = max(page.due_at for page in pages)
            self.wait(max(0.0, (until - self.clock()).total_seconds()))
            for page in pages:
                self._deliver(page)

    def _deliver(self, parcel: Parcel) -> bool:
        """Whether the next of its queue may go."""
        carrier = self._carrier(parcel)
        if not self.store.begin(parcel, self.clock()):
            return False
        try:
            reference = self._carried(parcel, carrier)
        except MessageRefused as error:
            self._give_up(parcel, str(error))
            return True
        except DeliveryError as error:
            return self._failed(parcel, carrier, str(error), error.retry_after_s)
        except Exception as error:  # a fault in one channel holds up no other
            _log.exception("the channel %s broke over %s", carrier.name, parcel.id)
            return self._failed(parcel, carrier, f"{type(error).__name__}: {error}", None)
        self.store.sent(parcel, self.clock(), reference)
        self._count(shown=1) if carrier.name == CONSOLE else self._count(sent=1)
        return True

    def _carried(self, parcel: Parcel, carrier: Channel) -> str | None:
        """What the channel calls the message, which may be there from an earlier try."""
        if carrier.name != parcel.channel:
            self._instead(parcel, carrier)
            return f"{INSTEAD}{carrier.name}"
        thread = self._thread(parcel)
        if parcel.tries and (found := carrier.find(parcel, thread)):
            return found
        if parcel.begun_at and carrier.at_least_once:
            self._doubled(parcel)
        return carrier.send(parcel, thread)

    def _instead(self, parcel: Parcel, carrier: Channel) -> None:
        """Another channel says it, once for all places that it stands in for."""
        if (parcel.note.key, carrier.name) not in self.replaced:
            meant = ", ".join(self.meant.get(parcel.note.key) or [_where(parcel)])
            told = f"{parcel.note.story}\nMeant for {meant}."
            carrier.send(replace(parcel, note=replace(parcel.note, story=told)), None)
            self.replaced.add((parcel.note.key, carrier.name))

    def _carrier(self, parcel: Parcel) -> Channel:
        real = self.about_standin or parcel.note.target != STANDIN
        wanted = (parcel.channel, self.fallback) if calls(parcel) else (parcel.channel,)
        named = [name for name in wanted if real and name in self.channels]
        return self.channels[named[0] if named else CONSOLE]

    def _thread(self, parcel: Parcel) -> str | None:
        if not parcel.note.incident:
            return None
        known = self.store.parcels(parcel.note.incident)
        here = (one for one in known if _queue(one) == _queue(parcel) and one.id != parcel.id)
        called = (one.reference for one in here if one.reference)
        return next((name for name in called if not name.startswith(INSTEAD)), None)

    def _failed(
        self, parcel: Parcel, carrier: Channel, problem: str, asked_s: float | None
    ) -> bool:
        """Put it off, or give it up when it is no news any more; a page is pressed."""
        now, problem = self.clock(), fit(problem, _LONGEST_PROBLEM)
        tries = parcel.tries + 1
        pause = back_off(tries, asked_s, self.chance)
        if now + pause > parcel.created_at + LONGEST:
            self._give_up(parcel, f"given up after {tries} tries: {problem}")
            return True
        if not calls(parcel):
            self.broken.add(carrier.name)
            self._put_off(parcel, now + pause, problem)
            return False
        pressed = self.pressed.get(parcel.id, 0)
        patient = timedelta(seconds=asked_s or 0) <= _PATIENCE
        if pressed < len(PRESSING_S) and patient:
            short = PRESSING_S[pressed] * self.chance.uniform(0.75, 1.25)
            pause = timedelta(seconds=max(short, asked_s or 0))
            self.pressed[parcel.id] = pressed + 1
            self.again.append(replace(parcel, tries=tries, due_at=now + pause, begun_at=None))
            self.store.put_off(parcel, now + pause, problem)
            return False
        self._put_off(parcel, now + pause, problem)
        self._elsewhere(parcel)
        return False

    def _put_off(self, parcel: Parcel, until: datetime, problem: str) -> None:
        self.store.put_off(parcel, until, problem)
        self._count(put_off=1, problem=problem)

    def _give_up(self, parcel: Parcel, problem: str) -> None:
        """Never in silence: the log, and those who run this."""
        now = self.clock()
        self.store.give_up(parcel, now, fit(problem, _LONGEST_PROBLEM))
        self._count(given_up=1, problem=problem)
        _log.error("%s was not delivered: %s", parcel.id, problem)
        if calls(parcel):
            self._elsewhere(parcel)
        elif parcel.note.event != "undelivered":
            place = (CONSOLE, None) if parcel.channel == OPERATORS[0] else OPERATORS
            self._post(parcels_for(_undelivered(parcel, problem, now), [place], now))

    def _elsewhere(self, parcel: Parcel) -> None:
        """A page goes to the fallback channel, once."""
        other = self.fallback if self.fallback != parcel.channel else CONSOLE
        story = f"{parcel.note.story}\n{parcel.channel} cannot be reached, so this comes here."
        note = replace(parcel.note, story=story)
        now = self.clock()
        posted = Parcel(f"{parcel.id}>{other}", other, None, note, created_at=now, due_at=now)
        self._post((posted,))

    def _post(self, parcels: Sequence[Parcel]) -> None:
        self.store.post(parcels)
        for parcel in parcels:
            self._deliver(parcel)

    def _doubled(self, parcel: Parcel) -> None:
        now = self.clock()
        one = Sample(metric=DOUBLED, value=1, at=now, labels={"channel": parcel.channel})
        self.store.add_samples(parcel.note.target, [one], now)
        self._count(doubled=1)

    def _count(self, problem: str = "", **more: int) -> None:
        counts = {name: getattr(self.tally, name) + count for name, count in more.items()}
        problems = (*self.tally.problems, problem) if problem else self.tally.problems
        self.tally = replace(self.tally, **counts, problems=problems)


def _undelivered(parcel: Parcel, problem: str, now: datetime) -> Note:
    return Note(
        key=f"{parcel.id}/undelivered",
        incident="",
        event="undelivered",
        title=fit(f"Not delivered to {_where(parcel)}: {parcel.note.title}", 140),
        story=f"{problem} Whoever it was meant for does not know of it; tell them.",
        target=parcel.note.target,
        at=now,
        severity="high",
        facts=(("Message", parcel.note.title), ("Parcel", parcel.id)),
    )


def _where(parcel: Parcel) -> str:
    return f"{parcel.channel} {parcel.place}" if parcel.place else parcel.channel
