"""Runs of the smoke suite as chance would have made them, drawn from recorded ones.

``fixtures/gate/smoke.jsonl`` holds whole records of runs against one stand-in, one a line, made by
``python -m benchmarks.gate --collect``. A drawn run is one of them, picked at random as a whole, so
that what made a run slow as a whole stays; each of its values is then moved by half the spread that
the figure has between records, so that no value comes twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from statistics import median, pstdev
from typing import Any

from synthetic.gate.figures import promised, values_of
from synthetic.gate.model import Figure
from synthetic.results import Journey, Problem, Run

RECORDED = Path("fixtures/gate/smoke.jsonl")
_SMOOTHED = 0.5
_MEDIA = ("fps", "bitrate_kbps", "mouth_to_ear_ms")


@dataclass(frozen=True)
class Slower:
    """One figure that takes so many ms longer."""

    figure: Figure
    by_ms: float


@cache
def recorded() -> tuple[Run, ...]:
    """All records."""
    return tuple(Run.from_json(line) for line in RECORDED.read_text("utf-8").splitlines())


@cache
def _known() -> Mapping[Figure, tuple[float, float]]:
    """By figure that all records have: its median, and the spread of its logarithm."""
    measured = [values_of(one) for one in recorded()]
    shared = set.intersection(*(set(one) for one in measured))
    columns = {figure: [one[figure] for one in measured] for figure in shared}
    return {
        figure: (median(column), pstdev(log(max(1e-3, value)) for value in column))
        for figure, column in columns.items()
    }


def latencies() -> list[Figure]:
    """Every step and endpoint that a deploy may make slower."""
    return sorted(figure for figure in _known() if figure.kind in ("step", "endpoint"))


def least(figure: Figure) -> float:
    """The least slowdown of a figure that is promised to be found, ms."""
    return promised(figure, _known()[figure][0])


def drawn(chance: random.Random, slower: Slower | None = None) -> Run:
    """One more run."""
    run = chance.choice(recorded())
    usual = sorted(spread for _, spread in _known().values())[len(_known()) // 2]

    def moved(figure: Figure, value: float) -> float:
        spread = _known()[figure][1] if figure in _known() else usual
        more = slower.by_ms if slower and slower.figure == figure else 0.0
        return value * exp(chance.gauss(0.0, _SMOOTHED * spread)) + more

    return run.model_copy(
        update={
            "journeys": tuple(_journey(one, moved) for one in run.journeys),
            "requests": tuple(_request(one, moved) for one in run.requests),
            "media": tuple(_media(one, moved) for one in run.media),
        }
    )


_Moved = Callable[[Figure, float], float]


def _journey(journey: Journey, moved: _Moved) -> Journey:
    steps = tuple(
        step
        if step.latency_ms is None
        else step.model_copy(
            update={
                "latency_ms": moved(
                    Figure("step", journey.name, f"{step.actor}: {step.name}", "ms"),
                    step.latency_ms,
                )
            }
        )
        for step in journey.steps
    )
    return journey.model_copy(update={"steps": steps})


def _request(one: Any, moved: _Moved) -> Any:
    figure = Figure("endpoint", "", f"{one.method} {one.endpoint}", "ms")
    taken = None if one.duration_ms is None else moved(figure, one.duration_ms)
    return one.model_copy(update={"duration_ms": taken})


def _media(one: Any, moved: _Moved) -> Any:
    usual = Figure("media", one.journey, "", "ms")
    values = {name: getattr(one, name) for name in _MEDIA}
    return one.model_copy(
        update={name: value and moved(usual, value) for name, value in values.items()}
    )


def failing(chance: random.Random) -> Run:
    """A run in which a step failed in both attempts."""
    run = drawn(chance)
    at = chance.choice([one for one in run.journeys[-1].steps if one.latency_ms is not None])
    said = Problem(type="StepTimeout", message="what the step waits for did not happen")
    failed = at.model_copy(
        update={"status": "failed", "latency_ms": None, "error": said, "origin": "target"}
    )
    attempts = tuple(
        run.journeys[-1].model_copy(
            update={"attempt": n, "status": "failed", "origin": "target", "steps": (failed,)}
        )
        for n in (1, 2)
    )
    journeys = (*run.journeys[:-1], *attempts)
    return run.model_copy(update={"journeys": journeys, "verdict": "failed", "origin": "target"})
