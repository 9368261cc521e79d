"""Figures, changes and spans as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from synthetic.plan.model import Comparison, Span, Unit
from synthetic.reports import words
from synthetic.reports.period import Period, day_of, period

AT = datetime(2025, 12, 8, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0, "%", "0%"),
        (0.31, "%", "0.31%"),
        (0.0004, "%", "0.0004%"),
        (2.777, "%", "2.8%"),
        (12.34, "%", "12%"),
        (91.666, "%", "91.7%"),
        (99.953, "%", "99.953%"),
        (99.9999999, "%", "100%"),
        (100.0, "%", "100%"),
        (-3.21, "%", "−3.2%"),
        (250.0, "%", "250%"),
        (420.4, "ms", "420 ms"),
        (1.234, "s", "1.2 s"),
        (1234.0, "count", "1,234"),
        (0.0, "count", "0"),
        (2.345, "ratio", "2.3"),
        (12.5, "min", "12 min"),
        (10.3, "score", "10"),
        (29.97, "fps", "30 fps"),
        (-20.4, "count", "−20"),
        (0.503, "GB", "0.5 GB"),
        (1300.0, "kbps", "1,300 kbps"),
        (45.5, "$", "$45.50"),
        (0.0416, "$", "$0.042"),
        (12345.6, "$", "$12,346"),
        (-20.0, "$", "−$20"),
        (1.0, "bool", "yes"),
        (0.0, "bool", "no"),
        (64.0, "per day", "64"),
    ],
)
def test_a_figure_has_its_unit_and_two_digits(value: float, unit: Unit, said: str) -> None:
    assert words.figure(value, unit) == said


@pytest.mark.parametrize(
    ("now", "before", "unit", "better", "said"),
    [
        (64, 60, "count", "higher", "up 6.7%, better"),
        (60, 64, "count", "higher", "down 6.2%, worse"),
        (60, 64, "count", None, "down 6.2%"),
        (1.8, 0.45, "s", "lower", "up ×4, worse"),
        (100.2, 100, "count", "higher", "stable"),
        (5, 0, "count", "higher", "up by 5, better"),
        (0, 5, "count", "lower", "down 100%, better"),
        (2.8, 0, "%", "lower", "up 2.8 points, worse"),
        (0, 0, "%", "lower", "stable"),
    ],
)
def test_a_change_says_where_to_and_whether_that_is_good(
    now: float, before: float, unit: Unit, better: str | None, said: str
) -> None:
    assert words.change(now, before, unit, better) == said


@pytest.mark.parametrize(
    ("value", "compare", "unit", "said"),
    [
        (1.0, "<", "%", "< 1%"),
        (2.0, "<", "s", "< 2 s"),
        (50.0, None, "count", "50"),
        (Span(min=500, max=2000), None, "kbps", "500 kbps to 2,000 kbps"),
        (Span(min=720), None, "px", "> 720 px"),
        (Span(max=30), None, "fps", "< 30 fps"),
    ],
)
def test_what_a_figure_is_held_against(
    value: float | Span, compare: Comparison | None, unit: Unit, said: str
) -> None:
    assert words.limit(value, compare, unit) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=2, hours=5), "2 d 5 h"),
    ],
)
def test_a_span_is_told_in_two_units(length: timedelta, said: str) -> None:
    assert words.span(length) == said


def test_a_day_a_week_and_a_month_are_whole_days_before_today() -> None:
    assert str(period(AT, "day", whole_days=True)) == "7 Dec 2025"
    assert str(period(AT, "week", whole_days=True)) == "1 Dec 2025 to 7 Dec 2025"
    assert str(period(AT, "month", whole_days=True)) == "10 Nov 2025 to 7 Dec 2025"
    assert period(AT, "day", whole_days=True) == day_of(datetime(2025, 12, 7).date())


def test_what_ends_now_says_until_when() -> None:
    hour = period(AT, "hour", whole_days=False)
    assert str(hour) == "Hour to 8 Dec 2025, 09:15 UTC"
    assert hour.said_before == ", against the hour before"
    assert str(period(AT, "day", whole_days=False)) == "24 hours to 8 Dec 2025, 09:15 UTC"


def test_a_period_begins_after_its_start_and_ends_with_its_end() -> None:
    one = Period(AT, AT + timedelta(hours=1))
    assert AT not in one
    assert one.end in one
    assert one.before.end == one.start
