"""Reporting: the daily metrics review out of a year of history, and out of a week.

A year is six million samples from five locations in SQLite (:mod:`benchmarks.year`), rolled up as
the product does it, with an incident a day. Times are medians of reports one after the other, from
reading the store to the finished page. Goal: a year costs at most twice what a week costs.

    python -m benchmarks.reporting [--times 9]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.report import Figure
from benchmarks.year import END, TARGET, YEAR_DAYS, history
from synthetic.plan.load import load
from synthetic.reports.as_html import page
from synthetic.reports.compose import compose
from synthetic.reports.definition import reports
from synthetic.reports.gathering import gather
from synthetic.store.history import Store
from synthetic.store.values import Incident, Transition

GOAL_RATIO = 2.0
TIMES = 9
WEEK_DAYS = 7
_RULE = "e-high-error-rate"


@dataclass(frozen=True)
class Cost:
    """Of one report."""

    ms: float
    samples: int


def run(times: int = TIMES) -> Sequence[Figure]:
    """Both histories, one after the other."""
    week, year = measured(WEEK_DAYS, times), measured(YEAR_DAYS, times)
    return [
        Figure("daily report of a year / a week, time", year.ms / week.ms, "×", GOAL_RATIO, times),
        Figure("daily report of a year, median", year.ms, "ms", None, times),
        Figure("samples in that year", year.samples, "samples", None, 1),
    ]


def measured(days: int, times: int) -> Cost:
    """What it costs over so many days."""
    with history(days) as (store, samples):
        break_down(store, days)
        once(store)  # reads the plan, opens the file
        took = [once(store) for _ in range(times)]
    return Cost(statistics.median(took), samples)


def break_down(store: Store, days: int) -> None:
    """An incident of ten minutes on each of the days."""
    begun = [END - timedelta(days=day, hours=6) for day in range(1, days)]
    for at in begun:
        over = at + timedelta(minutes=10)
        one = Incident(
            f"{at:%Y%m%d}", TARGET, "errors", "Requests fail", "high", at, ((_RULE, ()),), over
        )
        changes = [
            Transition(at, _RULE, "firing", 6, ()),
            Transition(over, _RULE, "resolved", 0, ()),
        ]
        store.commit_round(TARGET, (), changes, [one])


def once(store: Store) -> float:
    """Milliseconds of one report, as the command writes it."""
    plan, daily = load(), reports()["daily"]
    began = time.perf_counter()
    page(compose(daily, gather(store, plan, daily, TARGET, None, END)))
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reporting", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    for figure in run(parser.parse_args().times):
        print(figure)


if __name__ == "__main__":
    main()
