"""Deploys of stand-ins, each with a fault of its own or none, before the gate as it is."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.gate import BUDGET_S, EACH, KINDS, REAL, line
from benchmarks.gate_noise import RECORDED
from benchmarks.report import progress
from benchmarks.series import add, lines
from synthetic.gate.judging import Against, judge
from synthetic.gate.model import Ran, Side
from synthetic.gate.running import Runner, command_of
from synthetic.standin.faults import listing
from tests.journeys.conftest import Standin, standin_serving

_PLACES = ("signup", "verify", "login", "profile", "list", "create", "join", "token", "send")
_SLOW = (*(f"{place}-slow" for place in _PLACES), "health-slow", "otp-late", "chat-late")
_LEAST_S, _MOST_S = 0.15, 0.45
"""Of a step that takes up to 300 ms, 15 % and 100 ms are less than that."""


def truth(number: int) -> tuple[str, str]:
    """What the deploy of that number is, and by which fault; always the same."""
    chance = random.Random(f"deploy {number}")
    kind = KINDS[number % len(KINDS)]
    if kind == "same":
        return kind, ""
    if kind == "slower":
        return kind, f"{chance.choice(_SLOW)}={chance.uniform(_LEAST_S, _MOST_S):.2f}"
    return kind, chance.choice(_breaking())


def _breaking() -> list[str]:
    """Faults for sure that the smoke suite alone shows."""
    return [
        str(one["name"])
        for one in listing()
        if (one["journey"], one["verdict"], one["origin"]) == ("smoke", "failed", "target")
        and one["unit"] is None
        and not str(one["name"]).startswith("certificate")  # it serves another scheme
    ]


def run_real(deploys: int = EACH * len(KINDS)) -> Sequence[Mapping[str, Any]]:
    """Gate each deploy that has not been yet; all of them."""
    done = len(lines(REAL))
    with standin_serving() as baseline:
        for at in progress(REAL, max(0, deploys - done)):
            kind, fault = truth(done + at)
            with standin_serving(*([fault] if fault else [])) as candidate:
                add(REAL, _gated(kind, fault, candidate, baseline))
    return lines(REAL)


def _gated(kind: str, fault: str, candidate: Standin, baseline: Standin) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, _nothing_set():
        argv = command_of("smoke")
        sides: dict[Side, Runner] = {
            "candidate": _runner("candidate", candidate, Path(folder) / "candidate", argv),
            "baseline": _runner("baseline", baseline, Path(folder) / "baseline", argv),
        }

        def run(side: Side, limit_s: float) -> Ran:
            return sides[side].run(limit_s)

        found = judge(run, time.monotonic, BUDGET_S, Against(url=True))
    return {**line(kind, fault, found), "why": found.why, "notes": found.notes}


def _runner(side: Side, of: Standin, reports: Path, argv: Sequence[str]) -> Runner:
    return Runner(side, of.url, reports, argv, more=of.env)


@contextmanager
def _nothing_set() -> Iterator[None]:
    """The environment without settings of ours, which are those of whoever measures."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SYNTHETIC")}
    try:
        yield
    finally:
        os.environ.update(kept)


def collect(runs: int) -> None:
    """Record more runs against one stand-in; the first, which warms it up, is left out."""
    with standin_serving() as standin, tempfile.TemporaryDirectory() as folder, _nothing_set():
        runner = _runner("baseline", standin, Path(folder), command_of("smoke"))
        runner.run(BUDGET_S)
        RECORDED.parent.mkdir(parents=True, exist_ok=True)
        for _ in progress("collecting", runs):
            ran = runner.run(BUDGET_S)
            if ran.run and ran.good:
                spare = {"pages": (), "findings": (), "samples": ()}
                record = ran.run.model_copy(update=spare)
                with RECORDED.open("a", encoding="utf-8") as file:
                    file.write(record.model_dump_json(by_alias=True, exclude_none=True) + "\n")
