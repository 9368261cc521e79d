"""Charts: thinned to a screen, gaps as gaps, thresholds where they belong."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from synthetic.dashboard.charting import Charting
from synthetic.dashboard.charts import RANGES, Chart
from synthetic.dashboard.figures import Line
from synthetic.dashboard.past import Past
from synthetic.evaluate.gauges import Gauging
from synthetic.evaluate.history import Answer, Question
from synthetic.plan.load import load
from synthetic.reports.measured import Measuring, What
from synthetic.reports.period import Period
from synthetic.results import Sample
from tests.histories import START, after, asking, sample

PLAN = load()
DAY = 24 * 60
TARGET, ALERT = Line(1.0, "target 1 s", "target"), Line(2.0, "alert 2 s", "alert")


def values(*skipped: range, every: int = 5, value: float = 0.5) -> list[Sample]:
    minutes = (at for at in range(0, DAY + 1, every) if not any(at in one for one in skipped))
    return [sample("response_p95", at, value) for at in minutes]


def chart(given: list[Sample], range_: str = "24h", lines: tuple[Line, ...] = ()) -> Chart:
    charting = Charting(PLAN, asking(given), after(DAY), RANGES[range_])
    return charting.chart("response_p95", lines=lines)


@pytest.mark.parametrize("range_", RANGES)
def test_a_range_asks_no_more_however_long_it_is(range_: str) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return {}

    Charting(PLAN, ask, after(DAY), RANGES[range_]).chart("response_p95")
    assert len(asked) <= 3 * 168
    assert (
        len({one.end - one.start for one in asked} - {max(one.end - one.start for one in asked)})
        <= 2
    )


def test_steps_are_whole_so_that_what_is_over_is_asked_in_the_same_words() -> None:
    times = [one.at for one in chart(values()).known]
    assert len(times) == 144
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=10)}
    assert not (times[0] - START) % timedelta(minutes=10)


def test_a_gap_is_a_gap() -> None:
    found = chart(values(range(300, 420)))
    assert len(found.pieces) == 2
    ((start, width),) = found.gaps
    assert start == pytest.approx(100 * 300 / DAY, abs=1)
    assert width == pytest.approx(100 * 120 / DAY, abs=1)
    assert found.trace.count("M") == 2


def test_before_the_first_and_after_the_last_is_a_gap_too() -> None:
    found = chart(values(range(300), range(900, DAY + 1)))
    assert [start for start, _ in found.gaps] == [0, pytest.approx(100 * 900 / DAY, abs=1)]


def test_what_stands_alone_is_drawn_as_a_point() -> None:
    assert len(chart([sample("response_p95", 600, 0.5)]).alone) == 1


def test_without_figures_there_is_no_line() -> None:
    found = chart([])
    assert (found.known, found.trace, len(found.gaps)) == ((), "", 1)


def test_a_chart_begins_at_zero_and_shows_its_first_line() -> None:
    found = chart(values(value=0.2), lines=(TARGET, ALERT))
    assert [one.said for one, _, _ in found.placed] == ["target 1 s"]
    assert found.levels[0].said == "0 ms"
    assert found.top >= TARGET.value


def test_a_line_farther_off_comes_with_what_reaches_it() -> None:
    found = chart(values(value=1.9), lines=(TARGET, ALERT))
    assert [one.said for one, _, _ in found.placed] == ["target 1 s", "alert 2 s"]


def test_words_of_near_lines_do_not_cover_each_other() -> None:
    near = (Line(1.0, "target", "target"), Line(1.05, "alert", "alert"))
    assert [below for _, _, below in chart(values(), lines=near).placed] == [True, False]


def test_what_the_script_draws_is_what_is_drawn_here() -> None:
    found = chart(values(range(300, 420)), lines=(TARGET,))
    data = json.loads(found.data)
    known = [one for one in data["points"] if one[1] is not None]
    assert len(known) == len(found.known)
    assert len(data["points"]) - len(known) == 1
    assert data["lines"] == [[1.0, "target 1 s", "target", False]]


def happened(metric: str, *minutes: int) -> list[Sample]:
    """Errors or requests at these minutes, while somebody looked all day."""
    looked = [sample("outcome", at, 1, location="l") for at in range(0, DAY + 60, 10)]
    labels = {"fingerprint": "x"} if metric == "errors" else {"source": "traffic"}
    observed = "error" if metric == "errors" else "request_failed"
    return [*looked, *(sample(observed, at, 1, **labels) for at in minutes)]


def drawn(metric: str, given: list[Sample], at: int, range_: str = "24h") -> list[float]:
    found = Charting(PLAN, asking(given), after(at), RANGES[range_]).chart(metric)
    return [one.value or 0 for one in found.known]


@pytest.mark.parametrize("metric", ["errors", "requests"])
def test_chart_gauge_and_report_say_the_same_of_an_hour(metric: str) -> None:
    given = happened(metric, DAY - 300, *range(DAY - 50, DAY, 7))
    for came in (given, [*given, sample(metric, DAY, 1000)]):
        ask = asking(came)
        (gauge,) = Gauging(PLAN, ask).gauge(metric, after(DAY))
        hour = Period(after(DAY - 60), after(DAY))
        told = Measuring(PLAN, ask, hour.end, hour.end).one(What(metric), hour)
        assert told
        assert gauge.value == told.value == drawn(metric, came, DAY)[-1]
        assert gauge.value == (8 if came is given else 1000)


@pytest.mark.parametrize(("range_", "step"), [("6h", 30), ("24h", 60), ("7d", 360)])
def test_counts_are_told_by_the_hour_however_long_a_step_is(range_: str, step: int) -> None:
    given = happened("errors", *range(DAY - step + 5, DAY, 5))
    assert drawn("errors", given, DAY, range_)[-1] == pytest.approx((step / 5 - 1) / (step / 60))


def test_the_last_step_is_as_long_as_any_and_ends_now() -> None:
    """One that has only begun would make a rate of a single error."""
    given = happened("errors", DAY - 40, DAY - 20, DAY + 1)
    (gauge,) = Gauging(PLAN, asking(given)).gauge("errors", after(DAY + 2))
    assert drawn("errors", given, DAY + 2)[-1] == gauge.value == 3


def test_only_the_last_hour_is_asked_again() -> None:
    past, asked = Past(lambda: 0.0), list[Question]()

    def ask(question: Question) -> Answer:
        asked.append(question)
        return {}

    charting = Charting(PLAN, ask, after(DAY), RANGES["24h"], past)
    charting.chart("response_p95")
    asked.clear()
    charting.chart("response_p95")
    assert asked
    assert min(one.start for one in asked) >= after(DAY - 80)
