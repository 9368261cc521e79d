"""What readiness costs: a clean smoke run with all that serves a failure, against one without.

Switched off are the light trace of the first attempt, the pictures of each step for comparison,
redaction of texts and logs, what is noted of deployments, and the readings of this machine around
each step; controls and confirmation cost a clean run nothing, since they are never made.
Alternating pairs of whole processes (`pytest -m smoke`), each with its stand-in. Both sides have
reports of their own and one run before that is not counted: as in a day of a schedule, of whose
runs the first alone takes pictures. Goal: the median ratio of their times ≤ 1.05.

Every pair adds a line to `reports/series/machinery.jsonl`; begun again, it goes on where it
stopped.

    python -m benchmarks.machinery [--pairs 12]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import Figure, progress
from benchmarks.series import add, lines

SERIES = "machinery"
GOAL = 1.05
LIMIT_S = 300
WITHOUT = "benchmarks.machinery_off"


def once(reports: Path, *, without: bool) -> dict[str, float]:
    """Seconds on the wall, and of processors, of a run that must pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "smoke"]
    used, started = _used_s(), time.monotonic()
    done = subprocess.run(
        [*command, *(["-p", WITHOUT] if without else [])],
        env={**os.environ, "SYNTHETIC_REPORTS_DIR": str(reports)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    took = {"wall_s": time.monotonic() - started, "used_s": _used_s() - used}
    if done.returncode != 0:
        raise SystemExit(f"a clean run did not pass:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    if any(reports.glob("**/*.jpg")) is without:
        raise SystemExit(f"{WITHOUT} switches nothing off, or everything is: see the pictures")
    return {name: round(value, 3) for name, value in took.items()}


def _used_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def run(pairs: int = 12) -> Sequence[Figure]:
    """Pairs are made until there are as many; then they are compared."""
    have = len(lines(SERIES))
    if have < pairs:
        with tempfile.TemporaryDirectory() as folder:
            reports = {without: Path(folder) / str(without) for without in (True, False)}
            for without, place in reports.items():
                once(place, without=without)
            for number in progress(SERIES, pairs - have):
                first = (have + number) % 2 == 0  # what warms up or drifts favours nobody
                took = {one: once(reports[one], without=one) for one in (first, not first)}
                add(SERIES, {"with": took[False], "without": took[True]})
    return tally(lines(SERIES))


def tally(found: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """By how much longer a run takes with all of it."""
    ratios = {
        name: [one["with"][name] / one["without"][name] for one in found]
        for name in ("wall_s", "used_s")
    }
    count = len(found)
    return [
        Figure("with / without, median", median(ratios["wall_s"]), "×", GOAL, count),
        Figure("with / without, least", min(ratios["wall_s"]), "×", None, count),
        Figure("with / without, most", max(ratios["wall_s"]), "×", None, count),
        Figure("with / without, processors, median", median(ratios["used_s"]), "×", None, count),
    ]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=12)
    for figure in run(parser.parse_args().pairs):
        print(figure)


if __name__ == "__main__":
    _main()
