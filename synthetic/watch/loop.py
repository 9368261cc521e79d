"""The watch: what is due is begun, side by side, each thing never twice at once.

How to drive it: ``turn(now)`` begins what is due and says when it wants to be called next. What it
began goes on in tasks of the running event loop, and ``changed`` is set whenever one ended, after
which another turn may find more to do. The real process waits for that, for the moment, or for a
signal. A simulated day, in which all that is begun ends at once, is::

    while now < evening:
        now = await watcher.settle(now)

It reads no clock and sleeps nowhere; all it does to the world is in
:class:`~synthetic.watch.work.Work`.

Probes, sources and evaluations pass over a slot while the one before goes on. Of runs there is one
at a time, and those that are due wait for it: bursts come first, then smoke, then full ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from synthetic.errors import SyntheticError
from synthetic.evaluate import burst
from synthetic.results import Sample
from synthetic.watch import calendar, outage
from synthetic.watch.cadence import JOURNEYS, Cadence
from synthetic.watch.calendar import Calendar, Due
from synthetic.watch.figures import Tally, samples_of
from synthetic.watch.schedule import (
    EPOCH,
    MOST_SPREAD,
    SPREAD,
    Beat,
    Chance,
    due_after,
    missed,
    slot_after,
)
from synthetic.watch.work import Errand, Seen, Work

LOOK_EVERY = timedelta(seconds=20)
"""How often we look whether we still hold the watch, and what runs others made."""
REPORT_EVERY = timedelta(minutes=1)
TELL_EVERY = timedelta(minutes=1)
"""How often the watch says how it is itself: others miss that when it stops."""
_RUNS = "runs"
_log = logging.getLogger(__name__)


@dataclass
class Watcher:
    """What is done when; ``done`` is when each was last begun, ``reported`` up to when reports
    were seen to, both as an earlier process left them. ``well`` is when an evaluation last came to
    its end, or else since when it has been on us to evaluate."""

    work: Work
    cadence: Cadence
    calendar: Calendar
    chance: Chance
    launch_at: datetime | None = None
    location: str = "local"
    look_every: timedelta = LOOK_EVERY
    done: dict[str, datetime] = field(default_factory=dict)
    reported: dict[str, datetime] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    seen: Seen | None = None
    holds: bool | None = None
    well: datetime | None = None
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _tried: frozenset[str] | None = None
    _now: datetime = EPOCH
    _began: datetime | None = None

    async def turn(self, now: datetime) -> datetime:
        """Begin what is due; when to be called next, unless something changes before."""
        if self._began is None:
            self._began = self.well = now
        self._now = now
        self.changed.clear()
        nexts = [self._regular(Beat("hold", self.look_every), self._hold, now)]
        if self.holds:
            nexts += [self._regular(beat, does, now) for beat, does in self._beats(now)]
            nexts += self._errands(now)
        return min(nexts)

    async def settle(self, now: datetime) -> datetime:
        """Turns until all is done that can be done at a moment; when the next is due."""
        while True:
            due = await self.turn(now)
            await self.idle()
            if not self.changed.is_set():
                return due

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way.values())

    async def drain(self) -> None:
        """Cut short what can be, and wait until all has ended: a round is finished, journeys are
        ended in order, and a report that is being written is sent."""
        for name, task in self._under_way.items():
            if not name.startswith(("evaluate", "report")):
                task.cancel()
        await self.idle()

    def figures(self, now: datetime) -> list[Sample]:
        """How the watch itself is."""
        own = samples_of(self.tallies, self.cadence(now), self.location, now)
        return [*own, *self.work.machine(now)]

    def _beats(self, now: datetime) -> Iterator[tuple[Beat, Callable[[], Awaitable[None]]]]:
        yield Beat("look", self.look_every), self._look
        every = self.cadence(now)
        for name, does in (("probe", self._probe), ("source", self._gather)):
            if name in every:
                yield self._beat(name, every[name], spread=True), does
        if step := every.get("evaluate"):
            # Half a step after the probes, whose answers are there by then.
            anchor = (self.launch_at or EPOCH) + step / 2
            yield Beat("evaluate", step, anchor), self._evaluate
        yield Beat("self", TELL_EVERY), self._tell
        yield self._beat("report", REPORT_EVERY), self._report

    def _beat(self, name: str, every: timedelta, *, spread: bool = False) -> Beat:
        late = min(SPREAD * every, MOST_SPREAD) if spread else timedelta()
        return Beat(name, every, self.launch_at or EPOCH, late)

    def _regular(self, beat: Beat, does: Callable[[], Awaitable[None]], now: datetime) -> datetime:
        """Do it if it is due; when it is due next."""
        due = self._due(beat, self._done_by(beat.name, now), now)
        if due > now:
            return due
        tally = self._tally(beat.name)
        if beat.name in self._under_way:
            tally.skipped += 1 + missed(beat, due, now)
        else:
            tally.skipped += missed(beat, due, now)
            self._begin(beat.name, beat.name, does, late=now - due)
        self.done[beat.name] = now
        return due_after(beat, now, self.chance)

    def _due(self, beat: Beat, done: datetime | None, now: datetime) -> datetime:
        return due_after(beat, done, self.chance) if done else now

    def _done_by(self, name: str, now: datetime) -> datetime | None:
        """When it was last begun; now, where the clock was put back since."""
        if name in self.done:
            self.done[name] = min(self.done[name], now)
        return self.done.get(name)

    def _errands(self, now: datetime) -> Iterator[datetime]:
        """Begin the run that is due first, if none is under way; when others are due."""
        if self.seen is None or self.seen.busy or {_RUNS, "look"} & self._under_way.keys():
            return  # a look, or the end of the run, comes first
        if not JOURNEYS & self.cadence(now).keys():
            return
        for errand, due in self._wanted(self.seen, now):
            if due > now:
                yield due
                continue
            self._tried = _ids(self.seen)
            self.done[errand.suite] = now
            self._begin(errand.suite, _RUNS, partial(self._run, errand), late=now - due)
            return

    def _wanted(self, seen: Seen, now: datetime) -> Iterator[tuple[Errand, datetime]]:
        # A run that left no record is not asked for again by what asked for it before.
        bursts = () if self._tried == _ids(seen) else burst.wanted(seen.recent)
        if bursts:
            first = min(one.due for one in bursts)
            names = [name for one in bursts if one.due <= first for name in one.journeys]
            yield Errand("burst", tuple(dict.fromkeys(names))), first
        last_smoke, last_full = self._last("smoke", seen, now), self._last("full", seen, now)
        if full := outage.full_due(seen.outage, last_full, bursting=bool(bursts)):
            yield Errand("full"), full
        every = self.cadence(now)
        if "smoke" in every:
            beat = self._beat("smoke", every["smoke"], spread=True)
            due = self._due(beat, last_smoke, now)
            yield Errand("smoke"), outage.smoke_due(due, seen, last_smoke)
        if "full" in every:  # none was ever made: that is no hurry, but the next slot is its own
            beat = self._beat("full", every["full"], spread=True)
            first = slot_after(beat, self._began or now, self.chance)
            yield Errand("full"), self._due(beat, last_full, now) if last_full else first

    def _last(self, suite: str, seen: Seen, now: datetime) -> datetime | None:
        """When a suite was last begun, by us or by others."""
        known = (self._done_by(suite, now), seen.begun.get(suite))
        return max((one for one in known if one and one <= now), default=None)

    async def _hold(self) -> None:
        held = await self.work.held()
        if held != self.holds:
            _log.info("we watch from %s" if held else "another watches from %s: standing by",
                      self.location)  # fmt: skip
        if held and self.holds is False:
            self.well = self._now
        self.holds = held

    async def _tell(self) -> None:
        await self.work.keep(self.figures(self._now))

    async def _look(self) -> None:
        self.seen = await self.work.look()

    async def _probe(self) -> None:
        await self.work.keep(await self.work.probe())

    async def _gather(self) -> None:
        await self.work.keep(await self.work.gather())

    async def _evaluate(self) -> None:
        await self.work.evaluate()
        self.well = self._now
        await self.work.beat()

    async def _run(self, errand: Errand) -> None:
        try:
            await self.work.run(errand)
        finally:
            self.seen = None
            self.done.pop("look", None)

    async def _report(self) -> None:
        now = self._now
        for name in self.calendar:
            self.reported[name] = min(self.reported.get(name, now), now)
        for due in calendar.due(self.calendar, self.launch_at, self.reported, now):
            lane = f"report {due.name}"
            if due.late:
                _log.warning("%s of %s is too late to be of use, and is left out", lane, due.at)
                self._tally("report").skipped += 1
                self.reported[due.name] = due.at
                await self.work.pass_over(due.name, due.at)
            elif lane not in self._under_way:
                self._begin("report", lane, partial(self._send, due), late=now - due.at)

    async def _send(self, due: Due) -> None:
        await self.work.report(due.name, due.at)
        self.reported[due.name] = due.at

    def _begin(
        self, name: str, lane: str, does: Callable[[], Awaitable[None]], late: timedelta
    ) -> None:
        tally = self._tally(name)
        tally.lag_s = late.total_seconds()
        task = asyncio.create_task(self._done(tally, name, does), name=name)
        self._under_way[lane] = task
        task.add_done_callback(lambda _: self._ended(lane))

    def _ended(self, lane: str) -> None:
        del self._under_way[lane]
        self.changed.set()

    async def _done(self, tally: Tally, name: str, does: Callable[[], Awaitable[None]]) -> None:
        """One thing, whose failure ends nothing else."""
        try:
            await does()
        except SyntheticError as error:
            tally.troubles += 1
            _log.warning("%s: %s", name, error)
        except Exception:
            tally.faults += 1
            _log.exception("%s broke by a fault of ours: please report it", name)
        else:
            tally.done += 1

    def _tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())


def _ids(seen: Seen) -> frozenset[str]:
    return frozenset(run.run_id for run in seen.recent)
