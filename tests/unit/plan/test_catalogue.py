"""The plan as one list: contract 5."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.exports.catalogue import KEYS, catalogue
from synthetic.plan.load import load
from synthetic.plan.model import ObservedBy, Phase, Plan
from tests.unit.plan.plans import GOOD

PLANS = {"good": load(GOOD), "shipped": load()}


@pytest.fixture(params=sorted(PLANS))
def plan(request: pytest.FixtureRequest) -> Plan:
    """A small plan, and the one that is shipped."""
    return PLANS[request.param]


def good() -> dict[str, dict[str, Any]]:
    """The small plan's objects by id."""
    return {one["id"]: one for one in catalogue(PLANS["good"])}


def test_every_object_has_every_key_and_an_id_of_its_own(plan: Plan) -> None:
    listed = catalogue(plan)
    assert {tuple(one) for one in listed} == {KEYS}
    assert len({one["id"] for one in listed}) == len(listed)


def test_every_object_says_where_in_the_plan_it_stands_and_who_observes_it(plan: Plan) -> None:
    for one in catalogue(plan):
        assert one["part"] in set("ABCDEFGH"), one["id"]
        assert all(one[key] for key in ("heading", "item", "title")), one["id"]
        assert one["observed_by"] in get_args(ObservedBy), one["id"]


def test_all_that_can_fire_or_be_told_is_listed_and_every_metric_of_a_row(plan: Plan) -> None:
    ids = {one["id"] for one in catalogue(plan)}
    assert ids >= {f"gauge:{row.metric}" for row in plan.rows if row.metric}
    assert {one for one in ids if not one.startswith("gauge:")} == {
        *(row.id for row in (*plan.rows, NO_DATA)),
        *(route.id for route in plan.routes),
        *(tier.id for tier in plan.tiers),
    }


def test_a_metric_that_the_plan_does_not_speak_of_is_not_listed() -> None:
    assert "success_rate" in PLANS["good"].metrics
    assert "gauge:success_rate" not in good()


def test_a_rule_has_its_figures_in_the_plans_own_words() -> None:
    rule = good()["e-error-rate"]
    said = {key: rule[key] for key in ("target", "alert", "compare", "severity", "window", "for")}
    assert said == {
        "target": 1, "alert": 5, "compare": ">", "severity": "high", "window": "5m", "for": "5m",
    }  # fmt: skip
    assert (rule["unit"], rule["observed_by"], rule["acknowledge_within"]) == (
        "%",
        "derived",
        "15m",
    )


def test_a_range_has_a_least_and_a_most() -> None:
    assert good()["d-frame-rate"]["target"] == {"min": 24, "max": 30}
    assert good()["d-frame-rate"]["alert"] == {"min": 20, "max": None}


def test_what_a_row_has_not_is_null() -> None:
    check = good()["f-site"]
    assert {check[key] for key in ("metric", "unit", "alert", "for", "severity", "where")} == {None}


def test_a_gauge_stands_where_the_plan_first_speaks_of_it_or_of_what_is_made_of_it() -> None:
    gauge = good()["gauge:frame_rate"]
    assert (gauge["part"], gauge["item"]) == ("D", "Frame Rate")
    assert gauge["derive"] == {"stat": "mean", "of": ["media_fps"], "window": "2h"}
    below = good()["gauge:bug_tickets"]
    assert (below["part"], below["item"]) == ("G", "Bugs")


def test_a_route_says_who_is_told() -> None:
    route = good()["route-high"]
    assert (route["severity"], route["types"]) == ("high", ["error", "feature"])
    assert route["to"][0] == {"channel": "slack", "place": "#incident-response"}


@pytest.mark.parametrize("phase", get_args(Phase))
def test_with_a_phase_only_its_rules_are_listed(plan: Plan, phase: Phase) -> None:
    alerting = {one["id"] for one in catalogue(plan, phase) if one["alert"] is not None}
    assert alerting == {row.id for row in (*plan.rules(phase), NO_DATA)}
