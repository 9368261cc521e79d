"""A rule asks for a quorum in the plan's own files, or by a setting; ``bad`` plans say how not."""

from __future__ import annotations

import math

import pytest

from synthetic.errors import PlanError
from synthetic.plan.load import load
from synthetic.plan.model import Metric
from synthetic.plan.quorums import with_quorums
from tests.plans import derived, rule

METRICS: dict[str, Metric] = {
    "error_rate": derived("error_rate", "share", "request_failed", window="5m", by=("location",))
}


def test_a_plan_has_none_unless_it_or_a_setting_says_so() -> None:
    assert {row.quorum for row in load().rows} == {None}


def test_a_setting_gives_one_to_a_rule_and_another_to_all_that_can_have_one() -> None:
    found = {row.id: row.quorum for row in load(None, {"quorum": 2, "f-video.quorum": 3}).rows}
    assert (found["f-video"], found["f-site-200"], found["e-critical-error-rate"]) == (3, 2, None)
    assert not any(found[row.id] for row in load().rows if not row.alerts)


@pytest.mark.parametrize(
    ("values", "quorum"),
    [
        ({}, 4),
        ({"quorum": 2}, 4),
        ({"quorum": 2, "high-errors.quorum": 1}, 1),
        ({"other.quorum": 2}, 4),
    ],
)
def test_a_rules_own_quorum_goes_before_that_of_all(values: dict[str, float], quorum: int) -> None:
    assert with_quorums(rule(quorum=4), values, METRICS).quorum == quorum


@pytest.mark.parametrize("severity", ["medium", "low"])
def test_what_gets_nobody_out_of_bed_has_none(severity: str) -> None:
    for values in ({"quorum": 2}, {"high-errors.quorum": 2}, {}):
        assert with_quorums(rule(severity=severity), values, METRICS).quorum is None
        assert with_quorums(rule(severity=severity, quorum=3), values, METRICS).quorum is None


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan])
def test_what_counts_no_locations_is_no_quorum(value: float) -> None:
    with pytest.raises(PlanError, match="a whole number of locations, 1 or more"):
        load(None, {"quorum": value})
