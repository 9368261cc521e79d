"""A fault that comes and goes: verdicts come as often as arithmetic says.

The health endpoint answers 500 to a fifth of the requests, each drawn by itself. The journey that
sees it is the site's, which needs no browser and asks for the health once an attempt; one that
failed is tried a second time. So of all runs 0.2 × 0.2 = 4 % are due to be `failed`, 0.2 × 0.8 =
16 % `degraded`, 80 % `passed`, and none `inconclusive`. Goal: each count lies within the 99 %
interval of the binomial distribution with that share, which by chance alone one of the three leaves
in about one of forty series.

Every run adds a line to `reports/series/intermittent.jsonl`; begun again, it goes on where it
stopped.

    python -m benchmarks.intermittent [--runs 100]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from math import comb
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, progress
from benchmarks.series import add, lines
from tests.journeys.conftest import standin_serving, starting

SERIES = "intermittent"
SHARE = 0.2
FAULT = f"health-flaky={SHARE}"
DUE: Mapping[str, float] = {
    "failed": SHARE**2,
    "degraded": SHARE * (1 - SHARE),
    "passed": 1 - SHARE,
    "inconclusive": 0.0,
}
CONFIDENCE = 0.99


def once(env: Mapping[str, str]) -> dict[str, Any]:
    """The verdict of one run of the site's journey, with its attempts."""
    with tempfile.TemporaryDirectory() as folder, starting(Path(folder)) as start:
        record = start("-k", "site", env={**env, "SYNTHETIC_ATTEMPTS": "2"}).finish().record
        return {"verdict": record.verdict, "attempts": len(record.journeys)}


def interval(runs: int, share: float) -> tuple[int, int]:
    """The least and the most that are due of so many runs, all but 1 % of the time."""
    chances = [
        comb(runs, one) * share**one * (1 - share) ** (runs - one) for one in range(runs + 1)
    ]
    tail = (1 - CONFIDENCE) / 2
    return _passed_over(chances, tail), runs - _passed_over(chances[::-1], tail)


def _passed_over(chances: Sequence[float], tail: float) -> int:
    """How many of the first may be left out so that together they are no likelier than ``tail``."""
    total, count = 0.0, 0
    for chance in chances:
        total += chance
        if total > tail:
            break
        count += 1
    return count


def run(runs: int = 100) -> Sequence[Figure]:
    """Runs are made until there are as many; then they are counted."""
    missing = max(0, runs - len(lines(SERIES)))
    if missing:
        with standin_serving(FAULT) as standin:
            for _ in progress(SERIES, missing):
                add(SERIES, once(standin.env))
    return tally(lines(SERIES))


def tally(found: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """How many ended in each verdict, and which count nobody could expect."""
    verdicts = [one["verdict"] for one in found]
    figures, outside = [], 0
    for verdict, share in DUE.items():
        least, most = interval(len(found), share)
        count = verdicts.count(verdict)
        outside += not least <= count <= most
        name = f"`{verdict}`, due {least} to {most}"
        figures.append(Figure(name, count, "runs", None, len(found)))
    return [*figures, Figure("verdicts outside what is due", outside, "", 0, len(DUE))]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    for figure in run(parser.parse_args().runs):
        print(figure)


if __name__ == "__main__":
    _main()
