"""Which phase holds, and how often things are done in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from synthetic.evaluate.phases import cadence, phase_at
from synthetic.plan.model import PhaseSpan
from tests.histories import START
from tests.plans import plan

PLAN = plan(
    PhaseSpan.model_validate(
        {
            "name": "launch", "begins": "0h", "ends": "24h",
            "every": {"0h": {"review": "15m"}, "4h": {"review": "30m"}, "12h": {"smoke": "2h"}},
        }
    ),
    PhaseSpan.model_validate(
        {"name": "week1", "begins": "24h", "ends": "7d", "every": {"1h": {"review": "1d"}}}
    ),
    PhaseSpan.model_validate(
        {"name": "steady", "begins": "30d", "every": {"0h": {"smoke": "2h"}, "9d": {"smoke": "4h"}}}
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "phase", "every"),
    [
        (-0.001, "steady", {"smoke": 14400}),
        (0, "launch", {"review": 900}),
        (3.999, "launch", {"review": 900}),
        (4, "launch", {"review": 1800}),
        (23.999, "launch", {"smoke": 7200}),
        (24, "week1", {}),
        (25, "week1", {"review": 86400}),
        (7 * 24, "steady", {"smoke": 14400}),
        (30 * 24, "steady", {"smoke": 7200}),
        (40 * 24, "steady", {"smoke": 14400}),
    ],
)
def test_phase_and_cadence(hours: float, phase: str, every: dict[str, float]) -> None:
    now = START + timedelta(hours=hours)
    assert phase_at(PLAN, START, now) == phase
    assert cadence(PLAN, START, now) == every


def test_without_a_launch_things_are_steady() -> None:
    assert phase_at(PLAN, None, START) == "steady"
    assert cadence(PLAN, None, START) == {"smoke": 14400}
    assert cadence(plan(), None, START) == {}
