"""Figures beside what the plan holds them against: states, lines, scales and words."""

from __future__ import annotations

import pytest

from synthetic.dashboard.figures import Held, held, of_gauge, place, scale_top
from synthetic.evaluate.history import Gauge
from synthetic.plan.load import load
from synthetic.plan.model import Phase
from synthetic.reports.document import State
from tests import lives

PLAN = load()


def against(metric: str, phase: Phase = "launch", **labels: str) -> Held:
    return held(PLAN, phase, metric, labels)


@pytest.mark.parametrize(
    ("metric", "value", "state"),
    [
        ("error_rate", 0.5, "ok"),
        ("error_rate", 1.5, "degraded"),
        ("error_rate", 2.5, "failed"),
        ("error_rate", None, "unknown"),
        ("login_success", 99.5, "ok"),
        ("login_success", 97, "degraded"),
        ("login_success", 94, "failed"),
        ("video_bitrate", 1200, "ok"),
        ("video_bitrate", 400, "degraded"),
        ("video_bitrate", 200, "failed"),
        ("video_bitrate", 3500, "failed"),
        ("reconnect_rate", 0, "ok"),
        ("reconnect_rate", 1, "degraded"),
        ("active_users", 3, None),
    ],
)
def test_a_figure_s_state(metric: str, value: float | None, state: State | None) -> None:
    assert against(metric).state(value) == state


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("error_rate", "target < 1%; alert > 1% (low), > 2% (medium), > 5% (high), "
         "> 10% (critical)"),
        ("login_success", "target > 99%; alert < 95% (medium)"),
        ("reconnect_rate", "target 0%; alert > 5% (medium)"),
        ("active_users", ""),
    ],
)  # fmt: skip
def test_what_it_is_held_against_in_words(metric: str, said: str) -> None:
    assert against(metric).said("%") == said


def test_the_phase_decides() -> None:
    assert "> 2% (high)" in against("error_rate", "week1").said("%")
    assert "> 2% (medium)" in against("error_rate", "launch").said("%")


def test_labels_decide() -> None:
    own = against("endpoint_p95", endpoint="/api/messages/list")
    assert (own.target_said("ms"), own.alert_said("ms")) == ("< 200 ms", "> 300 ms")


def test_a_scale_has_a_zone_for_each_state() -> None:
    found = Gauge("error_rate", (), 0.5, lives.NOW, 20, 0.1, 2.0)
    reading = of_gauge(PLAN, "error_rate", found, against("error_rate"))
    top = scale_top(reading.lines, reading.value)
    zones = reading.zones(top)
    assert top == 12.5
    assert [one.state for one in zones] == ["ok", "degraded", "failed", "failed", "failed"]
    assert sum(one.width for one in zones) == pytest.approx(100)
    assert (place(0, top), place(99, top)) == (0, 100)


def test_a_share_says_what_it_rests_on() -> None:
    found = Gauge("login_success", (), 90.0, lives.NOW, 20, 69.9, 97.2)
    reading = of_gauge(PLAN, "login_success", found, against("login_success"))
    assert (reading.shown, reading.basis, reading.interval) == ("90%", "18 of 20", "70% to 97.2%")


def test_what_is_unknown_is_never_zero() -> None:
    reading = of_gauge(PLAN, "error_rate", None, against("error_rate"))
    assert (reading.shown, reading.state, reading.basis) == ("unknown", "unknown", "")
