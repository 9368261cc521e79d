"""The rounds that are killed: a process that forks one for each line that it reads.

Each child stores a run and figures, evaluates and notifies, as ``synthetic`` does, at a moment
that it is told: its clock stands still but for what it waits, and waiting takes no time.

    python -m benchmarks.killing_round SETTINGS_AS_JSON
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from synthetic.plan.load import load
from synthetic.plan.model import Destination, Plan
from synthetic.results import Journey, Run, Sample, Step
from synthetic.rounds import evaluate_round
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder

TARGET = "https://kulti.test/"
CHANNELS = ("pagerduty", "jira", "webhook")
PLACES = ("#incident-response", "#alerts")


def plan() -> Plan:
    """The plan as shipped, but every alert is told everywhere."""
    shipped = load()
    to = [Destination(channel="slack", place=place) for place in PLACES]
    to += [Destination.model_validate({"channel": channel}) for channel in CHANNELS]
    everywhere = shipped.routes[0].model_copy(update={"severities": (), "to": tuple(to)})
    return shipped.model_copy(update={"routes": (everywhere,)})


def settings_from(raw: Mapping[str, Any]) -> Settings:
    """Settings that are handed from process to process as JSON."""
    return Settings.model_validate(raw)


def standing_clock(at: datetime) -> tuple[Callable[[], datetime], Callable[[float], None]]:
    """A clock that only waiting moves, and the waiting."""
    moved = [at]

    def wait(seconds: float) -> None:
        moved[0] += timedelta(seconds=seconds)

    return lambda: moved[0], wait


def play(
    known: Settings, what: Plan, at: datetime, figures: Mapping[str, float], seed: int
) -> None:
    """One round: run, store, evaluate, notify."""
    clock, wait = standing_clock(at)
    run = _run(at, failed=figures["error_rate"] > 5, seed=seed)
    if not (known.reports_dir / "runs" / run.run_id).exists():
        RunFolder.create(known.reports_dir, run)
    with Store.open(None, known.reports_dir) as store:
        store.save_run(run, at)
        samples = [Sample(metric=name, value=value, at=at) for name, value in figures.items()]
        store.add_samples(TARGET, samples, at)
        chance = random.Random(seed)
        evaluate_round(
            store, what, known, TARGET, clock=clock, wait=wait, chance=chance, show=lambda _: None
        )


def _run(at: datetime, *, failed: bool, seed: int) -> Run:
    step = Step(
        name="leave",
        feature="leave",
        actor="guest",
        status="failed" if failed else "passed",
        latency_ms=None if failed else 100.0,
        started_at=at,
        origin="target" if failed else None,
    )
    journey = Journey(name="meet", status=step.status, origin=step.origin, steps=(step,))
    return Run(
        run_id=f"{at:%Y%m%dT%H%M%SZ}-{seed % (1 << 16):04x}",
        suite="smoke",
        target=TARGET,
        location="local",
        trigger="schedule",
        started_at=at,
        finished_at=at,
        duration_s=1.0,
        verdict="failed" if failed else "passed",
        origin=step.origin,
        journeys=(journey,),
    )


def die_at(statements: int) -> None:
    """Kill this process at so many steps of the database's from now: statements, commits."""
    left = [statements]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, count)


def main() -> None:
    """Fork a child for each line of JSON; say its pid, then how it ended."""
    known, what = settings_from(json.loads(sys.argv[1])), plan()
    for library in ("httpx", "slack_sdk"):  # else each child would import them anew
        import_module(library)
    for line in sys.stdin:
        task = json.loads(line)
        pid = os.fork()
        if pid == 0:
            if task["dies_at"] is not None:
                die_at(task["dies_at"])
            play(known, what, datetime.fromisoformat(task["at"]), task["figures"], task["seed"])
            os._exit(0)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    Path(json.loads(sys.argv[1])["reports_dir"]).mkdir(parents=True, exist_ok=True)
    main()
