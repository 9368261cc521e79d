"""A figure that arrives under its own name is summed up as what it is, not by its samples."""

from __future__ import annotations

from datetime import timedelta

import pytest

from synthetic.plan.load import load
from synthetic.reports.measured import Measuring, What
from synthetic.reports.period import Period
from tests.histories import START, asking, sample

DAY = Period(START, START + timedelta(days=1))


def over_a_day(metric: str, *values: float) -> float | None:
    """Of a figure that came so often over a day."""
    every = 24 * 60 / len(values)
    came = [sample(metric, (n + 1) * every, value) for n, value in enumerate(values)]
    found = Measuring(load(), asking(came), DAY.end, DAY.end).one(What(metric), DAY)
    return found.value if found else None


@pytest.mark.parametrize("metric", ["requests", "errors"])
def test_of_what_is_told_by_the_hour_a_day_has_the_usual_hour(metric: str) -> None:
    assert over_a_day(metric, *[1000.0] * 288) == 1000
    assert over_a_day(metric, 100, 200, 600) == 300


def test_of_what_is_told_by_the_day_the_newest_counts() -> None:
    assert over_a_day("security_incidents", 3, 1) == 1


def test_the_lowest_stays_the_lowest() -> None:
    assert over_a_day("screen_share_height", 1080, 360, 720) == 360
