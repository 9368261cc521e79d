"""Both actors' steps on one axis of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from synthetic.dashboard.views.waterfall import waterfall
from synthetic.results import Request
from tests.runs import HOSTILE, at, failed, journey, step


def request(seconds: float, step: str = "join", **more: object) -> Request:
    usual = {"endpoint": "/api/health", "method": "GET", "status": 200, "duration_ms": 1000.0}
    whose = {"actor": "host", "journey": "meet", "step": step, "expected": True}
    return Request.model_validate({**usual, **whose, "at": at(seconds), **more})


def test_bars_lie_where_their_steps_do() -> None:
    one = journey(
        step("join", actor="host", started_at=at(0), latency_ms=2000.0),
        step("see", actor="guest", started_at=at(5), latency_ms=100.0, ended_at=at(10)),
    )
    fall = waterfall(one, [])
    assert [(shown.bar.start, shown.bar.width) for shown in fall.steps] == [(0, 20), (50, 50)]
    assert [(shown.actor, shown.lane, shown.waited) for shown in fall.steps] == [
        ("host", 0, "2.0 s"),
        ("guest", 1, "100 ms"),
    ]
    assert [tick.label for tick in fall.ticks] == ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]


def test_steps_stand_in_the_order_of_their_beginnings() -> None:
    one = journey(step("later", started_at=at(9)), step("first", started_at=at(1)))
    assert [shown.name for shown in waterfall(one, []).steps] == ["first", "later"]


def test_a_failed_step_says_how_long_it_was_waited_for_and_why() -> None:
    one = journey(failed("nobody came", started_at=at(0), ended_at=at(20)))
    (shown,) = waterfall(one, []).steps
    assert (shown.state, shown.waited, shown.error) == ("failed", "after 20 s", "nobody came")


def test_what_was_not_reached_has_no_bar() -> None:
    one = journey(step("join"), step("leave", status="skipped"))
    fall = waterfall(one, [])
    assert ([shown.name for shown in fall.steps], fall.unreached) == (["join"], ("leave (guest)",))
    assert waterfall(journey(step(status="skipped")), []).steps == ()


def test_requests_lie_under_their_step_and_attempt() -> None:
    one = journey(step("join", started_at=at(0), ended_at=at(10)))
    asked = [
        request(5),
        request(5, step="see"),
        request(5, attempt=2),
        request(1, duration_ms=None),
    ]
    (shown,) = waterfall(one, asked).steps
    assert [(bar.start, bar.width) for bar in shown.requests] == [(50, 10)]


@pytest.mark.parametrize("latency", [0.0, -5.0, 1e15, float("nan"), float("inf")])
def test_whatever_clocks_say_bars_stay_on_the_axis(latency: float) -> None:
    one = journey(
        step(started_at=at(5), latency_ms=latency, ended_at=at(0)),
        step(started_at=at(0), latency_ms=1.0),
    )
    for shown in waterfall(one, [request(-1e6), request(1e6, duration_ms=1e12)]).steps:
        for bar in (shown.bar, *shown.requests):
            assert 0 <= bar.start <= 100
            assert 0 < bar.width <= 100 - bar.start


def test_ticks_are_few_however_long_it_took() -> None:
    for length in (timedelta(microseconds=1), timedelta(seconds=7), timedelta(days=400)):
        ends = at(0) + length
        ticks = waterfall(journey(step(started_at=at(0), ended_at=ends)), []).ticks
        assert 1 <= len(ticks) <= 7


def test_foreign_text_is_harmless() -> None:
    (shown,) = waterfall(journey(failed(HOSTILE, name=HOSTILE, actor=HOSTILE)), []).steps
    for text in (shown.name, shown.actor, shown.error):
        assert "\x1b" not in text
        assert "\n" not in text
