"""Drains the outbox: begin, send, mark; what does not arrive is tried again, and given up loudly.

Parcels about one incident at one place go in their order, each waiting for the one before, so that
a thread begins with its first message; only calls wait for nothing but calls. Nothing else waits:
a channel that fails is left alone for the rest of the round. Pages are tried again at once, then
taken to another channel. What another process made is left to it where only it has the channel.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from synthetic.errors import DeliveryError, MessageRefused, PlaceUnusable
from synthetic.notify.channels.model import Channel
from synthetic.notify.notes import STANDIN
from synthetic.notify.queues import Queue, back_off, calls, overtaken, queue_of, urgent_first
from synthetic.notify.routing import OPERATORS, parcels_for
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Note, Parcel
from synthetic.wording import fit

CONSOLE = "console"
INSTEAD = "by "
"""The reference of what another channel took begins so, with its name behind: ``by console``."""
DOUBLED = "notification_doubled"
"""A sample of 1 for each message that was sent again though it may have arrived."""
OVERTAKEN = "overtaken by later news"
"""Why a reminder or an acknowledgement that means nothing any more was given up."""
LONGEST = timedelta(days=1)
"""After this it is no news any more."""
PRESSING_S = (1.0, 2.0, 4.0, 8.0)
"""Pauses between the tries of a page within one process, seconds."""
PRESSING_FOR = timedelta(seconds=60)
"""All pages of a drain together are tried at a channel that fails for so long, then elsewhere."""
EVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
"""By then all that waits is due."""
_PATIENCE = timedelta(seconds=15)  # for a channel that asks to wait while a page is pressed
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
    target: str,
    made: Collection[str] = (),
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    chance: random.Random,
    about_standin: bool = False,
    fallback: str = CONSOLE,
) -> Delivered:
    """Try what is due about ``target``. ``channels`` are those configured, the console always
    among them.

    What concerns a stand-in is only shown, unless ``about_standin``. So is what has no channel, if
    this process made it (``made`` are the ids); the rest of that is left to who has the channel.
    Pages that do not arrive go through the channel ``fallback``.
    """
    here = about_standin or target != STANDIN
    until = clock() + PRESSING_FOR
    work = _Draining(store, channels, clock, wait, chance, here, fallback, until, set(made))
    work.go_over([one for one in store.due(EVER) if one.note.target == target])
    work.press()
    return work.tally


@dataclass
class _Draining:
    store: Store
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    chance: random.Random
    real: bool
    fallback: str
    until: datetime
    made: set[str]
    tally: Delivered = field(default_factory=Delivered)
    broken: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    pressed: dict[str, int] = field(default_factory=dict)
    again: list[Parcel] = field(default_factory=list)
    replaced: set[tuple[str, str]] = field(default_factory=set)
    meant: dict[str, list[str]] = field(default_factory=dict)

    def go_over(self, waiting: Sequence[Parcel]) -> None:
        """Try each that is due and at the head of its queue, queues with pages first."""
        for parcel in waiting:
            self.meant.setdefault(parcel.note.key, []).append(_where(parcel))
        held: set[tuple[Queue, bool]] = set()
        now, past = self.clock(), overtaken(waiting)
        for parcel in urgent_first(waiting):
            queue, call = queue_of(parcel), calls(parcel)
            under_way = parcel.begun_at is not None and parcel.due_at > now
            behind = (queue, True) in held or (not call and (queue, False) in held)
            resting = self._carrier(parcel).name in self.broken and not call
            if parcel.id in past and not under_way:
                self.store.give_up(parcel, now, OVERTAKEN)
            elif behind or parcel.due_at > now or resting or not self._deliver(parcel):
                held.add((queue, call))

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
        if self.real and parcel.channel not in self.channels and parcel.id not in self.made:
            return self._leave(parcel)
        if calls(parcel) and carrier.name in self.silent and self.clock() >= self.until:
            self._count(put_off=1, problem=f"{carrier.name} took too long over other pages")
            self._elsewhere(parcel)
            return False
        if not self.store.begin(parcel, self.clock()):
            return False
        try:
            reference = self._carried(parcel, carrier)
        except MessageRefused as error:
            self._give_up(parcel, str(error))
            return True
        except DeliveryError as error:
            return self._failed(parcel, carrier, error)
        except Exception as error:  # a fault in one channel holds up no other
            _log.exception("the channel %s broke over %s", carrier.name, parcel.id)
            fault = DeliveryError(f"{type(error).__name__}: {error}")
            return self._failed(parcel, carrier, fault)
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
        wanted = (parcel.channel, self.fallback) if calls(parcel) else (parcel.channel,)
        named = [name for name in wanted if self.real and name in self.channels]
        return self.channels[named[0] if named else CONSOLE]

    def _thread(self, parcel: Parcel) -> str | None:
        if not parcel.note.incident:
            return None
        known = self.store.parcels(parcel.note.incident)
        here = (one for one in known if queue_of(one) == queue_of(parcel) and one.id != parcel.id)
        called = (one.reference for one in here if one.reference)
        return next((name for name in called if not name.startswith(INSTEAD)), None)

    def _leave(self, parcel: Parcel) -> bool:
        """It is for a process that has the channel; after a day there is none."""
        late = self.clock() > parcel.created_at + LONGEST
        if late and self.store.begin(parcel, self.clock()):
            self._give_up(parcel, f"for a day nobody who has {parcel.channel} took it")
        return late

    def _failed(self, parcel: Parcel, carrier: Channel, error: DeliveryError) -> bool:
        """Put it off, or give it up when it is no news any more; a page is pressed."""
        now, problem = self.clock(), fit(str(error), _LONGEST_PROBLEM)
        tries, asked_s = parcel.tries + 1, error.retry_after_s
        pause = back_off(tries, asked_s, self.chance)
        if now + pause > parcel.created_at + LONGEST:
            self._give_up(parcel, f"given up after {tries} tries: {problem}")
            return True
        if not calls(parcel):
            if not isinstance(error, PlaceUnusable):
                self.broken.add(carrier.name)
            self._put_off(parcel, now + pause, problem)
            return False
        self.silent.add(carrier.name)
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
        self.made |= {parcel.id for parcel in parcels}
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
