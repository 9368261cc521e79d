"""A fleet: 50 locations probe every minute for a week, into one PostgreSQL that is killed thrice.

Each location is a thread with a connection of its own, which checks its clock, stores every round
by itself and keeps what the server does not take for the next, as a watcher does; all go through
the week together, as quickly as they can, and each hour is rolled up. The server is durable to a
power cut; it is stopped as by a crash and started again after each quarter. Ingest is how many
times as quick as real time that went, restarts included. Then all rules are evaluated at the end of
the week, over the fleet and over one location alone, in turns; the ratio is that of the medians.
The same is done ten minutes into an outage everywhere, with alerts that fire and a quorum of two.
Goals: at least 500 times real time (told as the share of real time that it took: at most 0.2 %), at
most 3 times one location's evaluation, and no row lost.

    python -m benchmarks.fleet [--days 7] [--locations 50] [--times 9]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.report import Figure
from synthetic.errors import StoreError
from synthetic.evaluate.evaluation import evaluate
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.results import Sample
from synthetic.rounds import check_clock
from synthetic.run import utc_now
from synthetic.store.history import Store
from synthetic.store.schema import samples
from tests.services.postgresql import PostgreSQL, running

BEGIN = datetime(2026, 11, 16, tzinfo=UTC)
FLEET, ALONE = "https://kulti.test/", "https://one.test/"
DAYS, LOCATIONS, TIMES, RESTARTS = 7.0, 50, 9, 3
UP, OUTAGE_MINUTES, QUORUM = 0.999, 10, 2
GOAL_SHARE, GOAL_RATIO = 0.2, 3.0
TOGETHER = timedelta(minutes=5)
"""Nobody is further ahead of the others than this."""
_MINUTE = timedelta(minutes=1)
_ENDPOINTS = ("/", "/api/health")
_GOOD = ("site_up", "cache_hit", "health_up", "health_database", "health_hms", "health_external")
_TIMES = ("site_ms", "health_ms")
_OF_REQUESTS = (
    "request_ms", "probe_dns_ms", "probe_connect_ms", "probe_tls_ms", "probe_first_byte_ms",
    "probe_body_ms",
)  # fmt: skip
_AGAIN_S = 1.0


def found(location: str, at: datetime, chance: random.Random, up: float = UP) -> list[Sample]:
    """What probes of the site and its health find in a round; ``up``: how likely each is well."""
    here = {"source": "probes", "location": location}
    figures = [(name, here, float(chance.random() < up)) for name in _GOOD]
    figures += [(name, here, 200 * chance.lognormvariate(0, 0.2)) for name in _TIMES]
    for endpoint in _ENDPOINTS:
        asked = {**here, "endpoint": endpoint}
        figures.append(("request_failed", asked, float(chance.random() >= up)))
        figures += [(name, asked, 40 * chance.lognormvariate(0, 0.2)) for name in _OF_REQUESTS]
    return [Sample(metric=name, value=value, at=at, labels=where) for name, where, value in figures]


@contextmanager
def ending(together: threading.Barrier) -> Iterator[None]:
    """Nobody waits any more for one who died here."""
    try:
        yield
    except BaseException:
        together.abort()
        raise


@dataclass
class Location:
    """A runner, and what the server has not taken of it yet, ``refused`` times so far."""

    target: str
    name: str
    store: Store
    waiting: list[Sample] = field(default_factory=list)
    stored: int = 0
    refused: int = 0

    def lives(self, minutes: int, together: threading.Barrier) -> None:
        """All rounds, and whatever is left after the last; whoever dies ends it for all."""
        chance = random.Random(f"{self.target} {self.name}")
        with suppress(threading.BrokenBarrierError), ending(together):
            for minute in range(minutes):
                if not minute % (TOGETHER // _MINUTE):
                    together.wait()
                at = BEGIN + minute * _MINUTE + timedelta(seconds=chance.uniform(0, 10))
                self.waiting += found(self.name, at, chance)
                self.delivers(at)
            while self.waiting and not together.broken:
                time.sleep(_AGAIN_S)
                self.delivers(at)

    def delivers(self, at: datetime) -> None:
        """Store what waits, as a watcher under a right clock does, or keep it."""
        try:
            check_clock(self.store, self.target, self.name, utc_now)
            added = self.store.add_samples(self.target, self.waiting, at)
        except StoreError:
            self.refused += 1
            return
        self.stored += added.stored + added.duplicates
        self.waiting = []


@dataclass
class Week:
    """All locations on their way through it, side by side."""

    server: PostgreSQL
    places: list[Location]
    minutes: int
    reached: int = 0

    def goes_by(self) -> float:
        """Seconds that it took; the server is killed and started again meanwhile."""
        together = threading.Barrier(len(self.places), self._on)
        began = time.perf_counter()
        with ThreadPoolExecutor(len(self.places)) as pool, ending(together):
            lives = [pool.submit(one.lives, self.minutes, together) for one in self.places]
            for number in range(1, RESTARTS + 1):
                due = number * self.minutes / (RESTARTS + 1)
                while self.reached < due and not together.broken:
                    time.sleep(0.05)
                self.server.stop()
                self.server.start()
            for one in lives:
                one.result()
        return time.perf_counter() - began

    def _on(self) -> None:
        """Once all have come so far."""
        now = BEGIN + self.reached * _MINUTE
        if not self.reached % 60:
            with suppress(StoreError):  # the next hour rolls up both
                self.places[0].store.roll_up(now)
            print(f"\rlocations: {now - BEGIN} passed", end="", file=sys.stderr, flush=True)
        self.reached += TOGETHER // _MINUTE


def settled(stack: ExitStack, url: str, count: int) -> Iterator[Location]:
    """The locations of the fleet, and one that stands alone."""
    named = [(FLEET, f"place-{number:02}") for number in range(count)]
    for target, name in (*named, (ALONE, "place-00")):
        yield Location(target, name, stack.enter_context(Store.open(url, Path("unused"))))


def breaks(places: Sequence[Location], plan: Plan, end: datetime) -> datetime:
    """All is down everywhere until something fires, evaluated every minute; when that is."""
    chance, now = random.Random(3), end
    for now in (end + minute * _MINUTE for minute in range(1, OUTAGE_MINUTES + 1)):
        for one in places:
            one.store.add_samples(one.target, found(one.name, now, chance, up=0), now)
        for one in (places[0], places[-1]):
            ask, alerts = one.store.ask(one.target), one.store.alerts(one.target)
            done = evaluate(plan, "steady", alerts, ask, now)
            one.store.commit_round(one.target, done.alerts, done.transitions)
    return now


def firing(store: Store) -> int:
    """How many alerts of the fleet fire."""
    return sum(one.state == "firing" for one in store.alerts(FLEET))


def evaluating(store: Store, plan: Plan, end: datetime, times: int) -> dict[str, float]:
    """Milliseconds of an evaluation, a minute after the one before: the median, by target."""
    took: dict[str, list[float]] = {FLEET: [], ALONE: []}
    before = {
        target: evaluate(plan, "steady", (), store.ask(target), end - _MINUTE).arrived
        for target in took
    }
    for _ in range(times):
        for target, all_ in took.items():
            began = time.perf_counter()
            alerts, ask = store.alerts(target), store.ask(target)
            evaluate(plan, "steady", alerts, ask, end, before[target])
            all_.append(1000 * (time.perf_counter() - began))
    return {target: statistics.median(all_) for target, all_ in took.items()}


def run(days: float = DAYS, locations: int = LOCATIONS, times: int = TIMES) -> Sequence[Figure]:
    """The week, its rows, and its evaluation."""
    minutes = max(60, round(days * 1440))
    with running(durable=True) as server, ExitStack() as stack:
        places = list(settled(stack, server.new_database(), locations))
        took_s = Week(server, places, minutes).goes_by()
        store = places[0].store
        end = BEGIN + minutes * _MINUTE
        store.roll_up(end)
        given = minutes * len(places) * len(found("", BEGIN, random.Random(1)))
        counted = select(func.count()).select_from(samples)
        kept = store.database.read(lambda connection: connection.scalar(counted)) or 0
        ms = evaluating(store, load(), end, times)
        quorum = load(values={"quorum": QUORUM})
        broken = evaluating(store, quorum, breaks(places, quorum, end), times)
        alerts = firing(store)
    refused = sum(one.refused for one in places)
    speed = minutes * 60 / took_s
    name, lost = f"{locations} locations", f"rows lost in {RESTARTS} restarts of the server"
    return [
        Figure(f"{name}: storing / real time", 100 / speed, "%", GOAL_SHARE, minutes),
        Figure(f"{name}: stored, times real time", speed, "×", None, minutes),
        Figure(f"{name}: stored", given / took_s, "rows/s", None, given),
        Figure(lost, given - kept, "rows", 0, given),
        Figure("deliveries that the server did not take", refused, "", None, len(places) * minutes),
        *compared(name, ms, times),
        *compared(f"{name} that are down, quorum {QUORUM}", broken, times),
        Figure(f"{name} that are down: alerts that fire", alerts, "", None, 1),
    ]


def compared(name: str, ms: Mapping[str, float], times: int) -> Sequence[Figure]:
    """The fleet's evaluation, and how it compares with one location's."""
    ratio = ms[FLEET] / ms[ALONE]
    return [
        Figure(f"{name}: evaluating / one location, time", ratio, "×", GOAL_RATIO, times),
        Figure(f"{name}: evaluating, median", ms[FLEET], "ms", None, times),
    ]


def main() -> None:
    """Print the figures; exit code 1 where one misses its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--locations", type=int, default=LOCATIONS)
    parser.add_argument("--times", type=int, default=TIMES)
    options = parser.parse_args()
    figures = run(options.days, options.locations, options.times)
    print(*figures, sep="\n")
    raise SystemExit(any(figure.missed for figure in figures))


if __name__ == "__main__":
    main()
