"""A scripted day: what a product goes through, what probes and recorded journeys find of it.

Moments are seconds since midnight. Of every sample the script keeps its own copy, by name and
labels, from which :mod:`benchmarks.day_truth` works out what should have been told.
"""

from __future__ import annotations

import random
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from synthetic.errors import RunnerError
from synthetic.results import Feature, Journey, Problem, Run, Sample, Step
from synthetic.store.observations import BURST
from synthetic.watch.journeys import WATCH
from synthetic.watch.work import Errand

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
TARGET = "https://kulti.test/"
LOCATION = "local"
RECORDED = Path("fixtures/runs/passed.json")
ENDPOINTS = ("/api/sessions/list", "/api/users/profile", "/api/messages/list", "/api/health")
REQUESTS_EACH = 2
FAILING_EVERY = 3
"""In a brown-out one request of so many fails."""
_ONE_TAKES_S = 0.01
_FULL = "test_full_meeting"
_PROBED = (("location", LOCATION), ("source", "probes"))
Kind = Literal["site", "database", "video", "brown-out", "slow", "silent"]
Labels = tuple[tuple[str, str], ...]


class Rows:
    """When what was observed, in the order of time; small, since a day of them is in memory."""

    def __init__(self) -> None:
        self.times, self.values = array("d"), array("d")

    def add(self, at: float, value: float) -> None:
        """One more, later than all before."""
        self.times.append(at)
        self.values.append(value)


Series = dict[Labels, Rows]


@dataclass(frozen=True)
class Episode:
    """What is wrong for a while: from ``begins`` until before ``ends``.

    ``page_s`` is within how long after its onset somebody must be paged: the rule's ``for``, and
    two intervals of what shows it. None where nobody is.
    """

    kind: Kind
    begins: float
    ends: float
    page_s: float | None = None


def hours(number: float) -> float:
    """So many hours, in seconds."""
    return number * 3600


DAY = (
    Episode("site", hours(2.17), hours(2.55), page_s=2 * 60),  # every probe, each minute
    Episode("database", hours(5.4), hours(5.81), page_s=2 * 60),
    Episode("video", hours(7.9), hours(8.45)),  # smoke runs alone see it, every two hours
    Episode("brown-out", hours(11.03), hours(11.7), page_s=2 * 5 * 60),  # a share of five minutes
    Episode("slow", hours(15.01), hours(16.01)),
    Episode("silent", hours(19.02), hours(20.02)),
)
"""Three outages, a brown-out, a slow hour, a silent hour."""
AN_HOUR = (
    Episode("site", hours(0.15), hours(0.26), page_s=2 * 60),
    Episode("brown-out", hours(0.5), hours(0.63), page_s=2 * 5 * 60),
    Episode("silent", hours(0.85), hours(0.92)),
)
"""The same, but short."""


@dataclass
class Script:
    """The day as it goes; ``series`` is all that was found, ``silence`` our own network's."""

    episodes: Sequence[Episode]
    chance: random.Random
    series: dict[str, Series] = field(default_factory=lambda: defaultdict(dict))
    asked: int = 0
    runs: int = 0

    def now_wrong(self, at: float) -> set[Kind]:
        """What is wrong at a moment."""
        return {one.kind for one in self.episodes if one.begins <= at < one.ends}

    def probed(self, now: datetime) -> list[Sample]:
        """What a round of probes finds; raises :class:`RunnerError` where it can tell nothing."""
        at = (now - MIDNIGHT).total_seconds()
        wrong = self.now_wrong(at)
        if "silent" in wrong:
            raise RunnerError("our own network is away")
        found = [*self._site(wrong), *self._requests(wrong)]
        # One after the other, the last of them now: no two answers come at the same moment.
        began = at - _ONE_TAKES_S * (len(found) - 1)
        return [
            self._kept(name, began + _ONE_TAKES_S * number, value, labels)
            for number, (name, value, labels) in enumerate(found)
        ]

    def _site(self, wrong: set[Kind]) -> Iterator[tuple[str, float, Labels]]:
        up, stored = "site" not in wrong, "database" not in wrong
        yield "site_up", float(up), _PROBED
        yield "health_up", float(up and stored), _PROBED
        if up:
            slow = 25 if "slow" in wrong else 1
            yield "site_ms", slow * self.chance.uniform(90, 150), _PROBED
            yield "health_ms", slow * self.chance.uniform(20, 40), _PROBED
            yield "health_database", float(stored), _PROBED
            yield "health_hms", 1.0, _PROBED
            yield "health_external", 1.0, _PROBED

    def _requests(self, wrong: set[Kind]) -> Iterator[tuple[str, float, Labels]]:
        for endpoint in ENDPOINTS * REQUESTS_EACH:
            labels = (("endpoint", endpoint), *_PROBED)
            self.asked += 1
            failed = "site" in wrong or ("database" in wrong and endpoint != "/api/health")
            failed = failed or ("brown-out" in wrong and self.asked % FAILING_EVERY == 0)
            yield "request_failed", float(failed), labels
            if not failed:
                slow = 60 if "slow" in wrong else 1
                yield "request_ms", slow * self.chance.uniform(100, 200), labels

    def _kept(self, name: str, at: float, value: float, labels: Labels) -> Sample:
        self.series[name].setdefault(labels, Rows()).add(at, value)
        when = MIDNIGHT + timedelta(seconds=at)
        return Sample(metric=name, value=value, at=when, labels=dict(labels))

    def ran(self, errand: Errand, now: datetime) -> Run:
        """The run of an errand as it was recorded, or as it would have failed then."""
        at = (now - MIDNIGHT).total_seconds()
        wrong = self.now_wrong(at)
        self.runs += 1
        journeys = [self._journey(one, wrong, now) for one in _recorded(errand)]
        shown = [self._works(one, at) for one in journeys]
        silent, failed = "silent" in wrong, not all(shown)
        suite = "full" if errand.suite == "full" else "smoke"
        if errand.suite != "burst":
            told = {"run_inconclusive": float(silent)}
            told |= {} if silent else {"run_failed": float(failed)}
            labels = (("location", LOCATION), ("suite", suite))
            for name, value in told.items():
                self._kept(name, at, value, labels)
        end: dict[str, str | None] = {"verdict": "passed", "origin": None}
        if silent or failed:
            end = {"verdict": "inconclusive", "origin": "runner"}
            end = end if silent else {"verdict": "failed", "origin": "target"}
        return Run.model_validate(
            {
                **end,
                "run_id": f"{now:%Y%m%dT%H%M%SZ}-{self.runs:04x}",
                "suite": suite,
                "target": TARGET,
                "location": LOCATION,
                "trigger": BURST if errand.suite == "burst" else WATCH,
                "started_at": now - timedelta(seconds=14),
                "finished_at": now,
                "duration_s": 14.0,
                "journeys": journeys,
            }
        )

    def _journey(self, recorded: Journey, wrong: set[Kind], now: datetime) -> Journey:
        steps: list[Step] = []
        broken = False
        for step in recorded.steps:
            moved = step.model_copy(update={"started_at": now - timedelta(seconds=10)})
            if broken:
                moved = moved.model_copy(update={"status": "skipped", "latency_ms": None})
            elif problem := _problem(step.feature, wrong):
                broken = True
                origin = "runner" if "silent" in wrong else "target"
                more = {"status": "failed", "latency_ms": None, "error": problem, "origin": origin}
                moved = moved.model_copy(update=more)
            steps.append(moved)
        ended = {"status": "failed" if broken else "passed", "steps": tuple(steps)}
        by = next((step.origin for step in steps if step.origin), None)
        return recorded.model_copy(update={**ended, "origin": by, "attempt": 1})

    def _works(self, journey: Journey, at: float) -> bool:
        """Note which features a journey showed to work, and whether all did."""
        for feature in get_args(Feature):
            ends = {step.status for step in journey.steps if step.feature == feature}
            if journey.origin == "runner" or not ends & {"passed", "failed"}:
                continue
            labels = (("feature", feature), ("journey", journey.name), ("location", LOCATION))
            self._kept("works", at, float("failed" not in ends), labels)
        return journey.status == "passed"


def _recorded(errand: Errand) -> list[Journey]:
    """The journeys of an errand, as they were recorded; the full suite's is the same meeting."""
    site, meeting = Run.from_json(RECORDED.read_bytes()).journeys
    whole = meeting.model_copy(update={"name": _FULL})
    if errand.suite == "burst":
        return [one for one in (site, meeting, whole) if one.name in errand.journeys]
    return [whole] if errand.suite == "full" else [site, meeting]


def _problem(feature: str, wrong: set[Kind]) -> Problem | None:
    """What a step of a feature meets, if anything."""
    if "silent" in wrong:
        return Problem(type="RunnerError", message="our own network is away")
    if "site" in wrong:
        return Problem(type="TargetUnreachable", message="nothing answers")
    if "database" in wrong and feature not in ("site",):
        return Problem(type="Refused", message="it answers 500")
    if "video" in wrong and feature == "video":
        return Problem(type="WrongPicture", message="the guest did not see the host's picture")
    return None
