"""Runs for the gate's tests: recorded ones with another verdict, slower in places, in a script."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from synthetic.gate.judging import Against, judge
from synthetic.gate.model import Decision, Ran, Side
from synthetic.results import Journey, Run, Verdict
from tests.runs import failed, journey, recorded, run

MEET = "test_two_people_meet"


def measured(slower: Mapping[str, float] | None = None, noise: random.Random | None = None) -> Run:
    """The recorded run once more; steps named in ``slower`` took so many ms longer."""
    whole = recorded()
    journeys = tuple(_slowed(one, slower or {}, noise) for one in whole.journeys)
    return whole.model_copy(update={"journeys": journeys})


def _slowed(one: Journey, slower: Mapping[str, float], noise: random.Random | None) -> Journey:
    def latency(name: str, usual: float | None) -> float | None:
        more = slower.get(name, 0.0) + (noise.gauss(0, 10) if noise else 0.0)
        return None if usual is None else usual + more

    steps = tuple(
        step.model_copy(update={"latency_ms": latency(step.name, step.latency_ms)})
        for step in one.steps
    )
    return one.model_copy(update={"steps": steps})


def broken(name: str = MEET) -> Run:
    """A run in which a journey failed for certain."""
    attempts = (
        journey(failed("nothing came"), attempt=number, name=name, story="No call came about.")
        for number in (1, 2)
    )
    return run(*attempts, verdict="failed", origin="target")


def unsure(kind: str = "BrowserDied") -> Run:
    """A run that could not tell."""
    step = failed("the browser ended", kind, origin="runner")
    return run(journey(step, name=MEET), verdict="inconclusive", origin="runner")


def weak(verdict: Verdict = "degraded") -> Run:
    """A run that worked at the second attempt."""
    return measured().model_copy(update={"verdict": verdict, "origin": "target"})


@dataclass
class World:
    """What each side does, run by run; the last goes on for ever. A run takes ``run_s``."""

    candidate: list[Any]
    baseline: list[Any] = field(default_factory=list)
    run_s: float = 10.0
    now: float = 0.0
    asked: list[Side] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    takes_s: Mapping[Side, float] = field(default_factory=dict)
    """Of a side that takes another time than ``run_s``."""
    deployments: Mapping[Side, Callable[[int], str]] = field(default_factory=dict)

    def run(self, side: Side, limit_s: float) -> Ran:
        """The next run of a side."""
        number = self.asked.count(side)
        self.asked.append(side)
        self.limits.append(limit_s)
        took_s = self.takes_s.get(side, self.run_s)
        self.now += min(took_s, limit_s)
        script = self.candidate if side == "candidate" else self.baseline
        made = script[min(number, len(script) - 1)]
        found = made() if callable(made) else made
        if took_s > limit_s:
            ended = "the run was ended, when the time was up"
            return Ran(side, unsure(), limit_s, trouble=ended, cut_off=True)
        named = self.deployments.get(side)
        return Ran(side, found, took_s, (named(number),) if named else ())

    def judged(self, budget_s: float = 300.0, against: Against | None = None) -> Decision:
        """What the gate decides in this world; a baseline that has a script is a URL."""
        against = against or Against(url=bool(self.baseline))
        return judge(self.run, lambda: self.now, budget_s, against)


def noisy(seed: int, **slower: float) -> Callable[[], Run]:
    """Runs that differ by chance; ``slower`` names steps with underscores for spaces."""
    noise = random.Random(seed)
    named = {name.replace("_", " "): more for name, more in slower.items()}
    return lambda: measured(named, noise)
