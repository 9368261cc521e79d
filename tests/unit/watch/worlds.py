"""A simulated world around a watcher: everything is begun and ended at the moment it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from synthetic.results import Run, Sample
from synthetic.watch.cadence import Cadence
from synthetic.watch.calendar import Calendar
from synthetic.watch.loop import Watcher
from synthetic.watch.outage import is_whole, outage_since
from synthetic.watch.schedule import chance_of
from synthetic.watch.work import Errand, Seen, Work

MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
EVERY = {"probe": "1m", "source": "1m", "evaluate": "1m", "smoke": "2h", "full": "1d"}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def length(text: str) -> timedelta:
    """The length that a text such as ``15m`` says."""
    return timedelta(**{_UNITS[text[-1]]: float(text[:-1])})


@dataclass
class World:
    """What a watcher did, and when: everything ends at the moment at which it was begun.

    ``ends`` says what a run at a moment leaves, ``breaks`` what fails and how.
    """

    now: datetime = MIDNIGHT
    every: Mapping[str, str] = field(default_factory=lambda: dict(EVERY))
    calendar: Calendar = field(default_factory=dict)
    launch_at: datetime | None = None
    ends: Callable[[Errand, datetime], Run | None] = lambda *_: None
    breaks: dict[str, Exception] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    did: list[tuple[datetime, str]] = field(default_factory=list)
    kept: list[Sample] = field(default_factory=list)
    holds: bool = True
    busy: bool = False
    elsewhere: datetime | None = None
    cadence: Cadence | None = None
    look: str = "20s"

    def __post_init__(self) -> None:
        every = {name: length(text) for name, text in self.every.items()}
        self.watcher = Watcher(
            self._work(),
            self.cadence or (lambda _: every),
            self.calendar,
            chance_of("https://kulti.test from home"),
            self.launch_at,
            look_every=length(self.look),
        )

    def passes(self, text: str) -> None:
        """Let time go by."""
        asyncio.run(self._until(self.now + length(text)))

    async def _until(self, end: datetime) -> None:
        self.watcher.changed = asyncio.Event()  # of the loop that runs now
        while self.now < end:
            self.now = min(end, await self.watcher.settle(self.now))

    def at(self, name: str) -> list[datetime]:
        """When something was done."""
        return [at for at, what in self.did if what == name]

    def count(self, name: str) -> int:
        """How often something was done."""
        return len(self.at(name))

    async def _does(self, name: str) -> Sequence[Sample]:
        self.did.append((self.now, name))
        if name in self.breaks:
            raise self.breaks[name]
        return ()

    async def _run(self, errand: Errand) -> None:
        await self._does(" ".join((errand.suite, *errand.journeys)))
        if ended := self.ends(errand, self.now):
            self.runs.append(ended)

    async def _look(self) -> Seen:
        begun = {suite: run.started_at for suite in ("smoke", "full") for run in self.runs
                 if is_whole(run, suite)}  # fmt: skip
        since = outage_since(self.runs)
        return Seen(tuple(self.runs[-60:]), begun, since, self.elsewhere, self.busy)

    async def _keep(self, samples: Sequence[Sample]) -> None:
        self.kept += samples

    async def _held(self) -> bool:
        return self.holds

    async def _nothing(self, name: str) -> None:
        await self._does(name)

    def _work(self) -> Work:
        return Work(
            held=self._held,
            look=self._look,
            probe=lambda: self._does("probe"),
            gather=lambda: self._does("source"),
            keep=self._keep,
            run=self._run,
            evaluate=lambda: self._nothing("evaluate"),
            beat=lambda: self._nothing("beat"),
            machine=lambda _: (),
            report=lambda name, at: self._nothing(f"{name} of {at:%d %H:%M}"),
            pass_over=lambda name, at: self._nothing(f"no {name} of {at:%d %H:%M}"),
        )
