"""Evaluating: all rules of the plan at one instant, over a year of history and over four days.

A year is six million samples from five locations in SQLite (:mod:`benchmarks.year`), rolled up as
the product does it. Times are medians of evaluations one after the other; memory is the most that
Python objects took during one, beyond what was there before. Goal: a year costs at most twice
what four days cost.

    python -m benchmarks.evaluating [--times 9]
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report import Figure
from benchmarks.year import END, FEW_DAYS, TARGET, YEAR_DAYS, history
from synthetic.evaluate.evaluation import evaluate
from synthetic.plan.load import load
from synthetic.store.history import Store

GOAL_RATIO = 2.0
TIMES = 9


@dataclass(frozen=True)
class Cost:
    """Of one evaluation."""

    ms: float
    mib: float
    samples: int


def run(times: int = TIMES) -> Sequence[Figure]:
    """Both histories, one after the other."""
    few, year = measured(FEW_DAYS, times), measured(YEAR_DAYS, times)
    return [
        Figure("evaluating a year / four days, time", year.ms / few.ms, "×", GOAL_RATIO, times),
        Figure("evaluating a year / four days, memory", year.mib / few.mib, "×", GOAL_RATIO, 1),
        Figure("evaluating a year, median", year.ms, "ms", None, times),
        Figure("samples in a year of five locations", year.samples, "samples", None, 1),
    ]


def measured(days: int, times: int) -> Cost:
    """What it costs over so many days."""
    with history(days) as (store, samples):
        once(store)  # reads the plan, opens the file
        took = [once(store) for _ in range(times)]
        tracemalloc.start()
        once(store)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return Cost(statistics.median(took), peak / 2**20, samples)


def once(store: Store) -> float:
    """Milliseconds of one evaluation, as a round makes it."""
    plan = load()
    began = time.perf_counter()
    evaluate(plan, "week1", store.alerts(TARGET), store.ask(TARGET), END)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluating", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    for figure in run(parser.parse_args().times):
        print(figure)


if __name__ == "__main__":
    main()
