"""A scripted day: three outages, a brown-out, a slow hour, a silent hour, on a clock of its own.

The real loop, history, evaluation and notification live through it with what probes would have
found and recorded journeys; whoever is meant to be paged is told by a channel that collects. What
they did is compared with the truth that is worked out of the script alone. Goals: every alert
begins and ends within one interval (a minute) of the truth, and no other does; from a fault's onset
to the page it takes at most the rule's ``for`` and two intervals; memory in the last hour is at
most 1.1 times that in the second. *For real* is `synthetic watch` on a stand-in that is broken and
mended by schedule; each such day adds a line to `reports/series/day-real.jsonl`, and the last of
at least two hours is told here.

    python -m benchmarks.day                          a day, in minutes
    python -m benchmarks.day --real 2h [--no-browsers]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import day_script, day_truth
from benchmarks.day_script import LOCATION, MIDNIGHT, TARGET, Episode, Script
from benchmarks.day_truth import Transition
from benchmarks.report import Figure
from benchmarks.series import add, lines
from synthetic.after_run import follow
from synthetic.evaluate.phases import phase_at
from synthetic.plan.load import load
from synthetic.plan.model import Plan, seconds
from synthetic.results import Sample
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from synthetic.store.values import Parcel
from synthetic.watch.assembly import World
from synthetic.watch.cadence import cadence_of
from synthetic.watch.loop import Watcher
from synthetic.watch.post import Post
from synthetic.watch.schedule import chance_of
from synthetic.watch.work import Errand

INTERVAL_S = 60.0
GOAL_MEMORY = 1.1
PAGER = "pagerduty"
REAL = "day-real"
REAL_HOURS = 2


@dataclass
class Day:
    """A simulated stretch of time from midnight on, and what the watch made of it."""

    script: Script
    store: Store
    plan: Plan
    settings: Settings
    now: datetime = MIDNIGHT
    shown: list[tuple[datetime, str]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """Of each hour, the most bytes that the process took."""

    async def passes(self, length: timedelta) -> None:
        """Let the watch live through it, step by step."""
        end = MIDNIGHT + length
        with ThreadPoolExecutor(1) as pool:
            world = World(
                self.store, self.plan, self.settings, TARGET, {}, pool, lambda: self.now, self.show
            )
            post = Post(self.store, TARGET, LOCATION, self.settings.reports_dir, world.clock)
            async with httpx.AsyncClient() as client:
                work = world.work(post, self.probe, self.gather, client)
                work = replace(work, run=self.run, machine=lambda _: ())
                watcher = Watcher(
                    work, partial(cadence_of, self.plan, self.settings), {}, chance_of("day")
                )
                while self.now < end:
                    self.now = await watcher.settle(self.now)
                    self._look_at_memory()

    def show(self, text: str) -> None:
        """The channel that collects."""
        self.shown.append((self.now, text))

    async def probe(self) -> Sequence[Sample]:
        """A round of probes."""
        return self.script.probed(self.now)

    async def gather(self) -> Sequence[Sample]:
        """No source is set up."""
        return ()

    async def run(self, errand: Errand) -> None:
        """Journeys, as recorded, and what follows a run."""
        ended = self.script.ran(errand, self.now)
        folder = RunFolder.create(self.settings.reports_dir, ended)
        follow(
            ended,
            self.settings,
            folder,
            clock=lambda: self.now,
            wait=lambda _: None,
            show=self.show,
        )

    def _look_at_memory(self) -> None:
        hour = int((self.now - MIDNIGHT) / timedelta(hours=1))
        self.memory += [0] * (hour + 1 - len(self.memory))
        self.memory[hour] = max(self.memory[hour], psutil.Process().memory_info().rss)

    def transitions(self) -> list[Transition]:
        """Alerts that began and ended, as the truth has them."""
        kept = self.store.transitions(TARGET, MIDNIGHT - timedelta(days=1), self.now)
        return [
            ((one.at - MIDNIGHT).total_seconds(), one.rule, one.state, one.labels)
            for one in kept
            if one.state in ("firing", "resolved", "superseded")
        ]

    def pages(self) -> list[Parcel]:
        """What was sent to whoever is on call."""
        incidents = self.store.incidents(TARGET)
        parcels = (one for each in incidents for one in self.store.parcels(each.id))
        return [one for one in parcels if one.channel == PAGER and one.sent_at]


@dataclass(frozen=True)
class Outcome:
    """What a day came to: transitions as ``told``, how far each was off, what was missed and
    what was too much, how long pages took against what each may take, the memory of each hour."""

    told: tuple[Transition, ...]
    off_s: tuple[float, ...]
    missed: tuple[Transition, ...]
    extra: tuple[Transition, ...]
    pages: tuple[tuple[Episode, float | None], ...]
    memory: tuple[int, ...]


def live(episodes: Sequence[Episode], length: timedelta, seed: int = 1) -> Outcome:
    """Live through a script in a folder of its own."""
    logging.getLogger("synthetic").setLevel(logging.ERROR)  # a silence is no news here
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"reports_dir": folder})
        plan = load()
        with Store.open(None, Path(folder)) as store:
            script = Script(episodes, random.Random(seed))
            day = Day(script, store, plan, settings)
            asyncio.run(day.passes(length))
            phase = phase_at(plan, None, day.now)
            truth = day_truth.transitions(script.series, plan, phase, length.total_seconds())
            told = day.transitions()
            off, missed, extra = compared(truth, told)
            seen = [one for one in episodes if one.page_s and one.ends <= length.total_seconds()]
            pages = tuple((one, _paged(one, day.pages())) for one in seen)
            return Outcome(tuple(told), off, missed, extra, pages, tuple(day.memory))


def compared(
    truth: Sequence[Transition], told: Sequence[Transition]
) -> tuple[tuple[float, ...], tuple[Transition, ...], tuple[Transition, ...]]:
    """By how many seconds what was told lags behind the truth; what is missing; what is extra."""
    left, off, missed = list(told), list[float](), list[Transition]()
    for one in truth:
        same = [other for other in left if other[1:] == one[1:] and other[0] >= one[0] - 1]
        if same:
            left.remove(same[0])
            off.append(same[0][0] - one[0])
        else:
            missed.append(one)
    return tuple(off), tuple(missed), tuple(left)


def _paged(episode: Episode, pages: Sequence[Parcel]) -> float | None:
    """How long after its onset somebody was paged, while it lasted or within an interval."""
    took = [
        (one.sent_at - MIDNIGHT).total_seconds() - episode.begins for one in pages if one.sent_at
    ]
    lasts = episode.ends - episode.begins + INTERVAL_S
    return min((one for one in took if 0 <= one <= lasts), default=None)


def figures(outcome: Outcome) -> Sequence[Figure]:
    """Held against the goals."""
    off, truths = outcome.off_s, len(outcome.off_s) + len(outcome.missed)
    paged = [(one, took) for one, took in outcome.pages if took is not None]
    found = [
        Figure(
            "alerts' beginnings and ends, most off", max(off, default=0), "s", INTERVAL_S, truths
        ),
        Figure("beginnings and ends missed", len(outcome.missed), "", 0, truths),
        Figure("beginnings and ends without cause", len(outcome.extra), "", 0, truths),
        Figure("pages missed", len(outcome.pages) - len(paged), "", 0, len(outcome.pages)),
        *(Figure(f"onset to page: {one.kind}", took, "s", one.page_s, 1) for one, took in paged),
    ]
    if len(outcome.memory) > 2:
        growth = outcome.memory[-1] / outcome.memory[1]
        found.append(Figure("memory, last hour / second", growth, "×", GOAL_MEMORY, 1))
    return found


def run() -> Sequence[Figure]:
    """The whole day, and the last one for real if there was one."""
    enough = [day for day in lines(REAL) if day["hours"] >= REAL_HOURS]
    real = [one for day in enough[-1:] for one in _told(day)]
    return [*figures(live(day_script.DAY, timedelta(days=1))), *real]


def _told(day: Mapping[str, Any]) -> Iterator[Figure]:
    how = f"for real, {day['hours']:g} h, {'with' if day['browsers'] else 'without'} browsers"
    for one in day["figures"]:
        yield Figure(**{**one, "name": one["name"].replace("for real", how)})


def main() -> int:
    """Print what was told, what was missed or too much, and the figures; 1 if one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    parser.add_argument("--hour", action="store_true", help="an hour with less in it")
    parser.add_argument("--real", metavar="LENGTH", help="for real, such as 2h")
    parser.add_argument("--every", default="1m", help="with --real: between two looks")
    parser.add_argument("--no-browsers", action="store_true", help="with --real: no journeys")
    given = parser.parse_args()
    if given.real:
        return _real(given)
    script: Sequence[Episode] = day_script.DAY
    length = timedelta(days=1)
    if given.hour:
        script, length = day_script.AN_HOUR, timedelta(hours=1.1)
    outcome = live(script, length)
    for what, those in (
        ("told", outcome.told),
        ("missed", outcome.missed),
        ("without cause", outcome.extra),
    ):
        for at, rule, state, labels in those:
            said = ", ".join(f"{name}={text}" for name, text in labels)
            print(f"{what} {MIDNIGHT + timedelta(seconds=at):%H:%M:%S} {rule} {state} {said}")
    print("memory, MB by hour:", *(round(one / 1e6) for one in outcome.memory))
    found = figures(outcome)
    print(*found, sep="\n")
    return int(any(figure.missed for figure in found))


def _real(given: argparse.Namespace) -> int:
    from benchmarks import day_real  # which needs none of the above

    length, every = (
        timedelta(seconds=float(str(seconds(one)))) for one in (given.real, given.every)
    )
    found, wrong = day_real.run(length, every, browsers=not given.no_browsers)
    about = {"at": f"{datetime.now(UTC):%F %R}", "hours": length / timedelta(hours=1)}
    told = {"wrong": wrong, "figures": [asdict(one) for one in found]}
    add(REAL, {**about, "browsers": not given.no_browsers, **told})
    print(*wrong, *found, sep="\n")
    return int(any(figure.missed for figure in found))


if __name__ == "__main__":
    sys.exit(main())
