"""Rules as Prometheus reads them."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.exports.prometheus import expression, rules_file
from synthetic.plan.load import load
from synthetic.plan.model import Plan, Span
from tests.unit.plan.plans import GOOD


def plan_with(**changed: Any) -> Plan:
    """The small plan, its row ``e-error-rate`` being its only one and changed."""
    plan = load(GOOD)
    (row,) = (row for row in plan.rows if row.id == "e-error-rate")
    return plan.model_copy(update={"rows": (row.model_copy(update=changed),)})


def expression_of(name: str) -> str:
    plan = load(GOOD)
    return expression(plan, next(row for row in plan.rows if row.id == name))


def of_the_plan(text: str) -> str:
    """A rules file without what it has about the watcher."""
    return text.partition('  - name: "Watcher"')[0]


def test_a_rule_looks_at_the_last_value_of_one_and_a_half_intervals() -> None:
    assert expression_of("a-signup") == "last_over_time(synthetic_plan_signup_success[3h]) < 95"


def test_labels_narrow_the_series() -> None:
    assert '{endpoint="/api/auth/signup"}[90s]) > 5' in expression_of("e-error-rate")


def test_either_side_of_a_range_is_an_alert() -> None:
    plan = plan_with(metric="frame_rate", where={}, alert=Span(min=20, max=60.5))
    assert expression(plan, plan.rows[0]) == (
        "last_over_time(synthetic_plan_frame_rate[3h]) < 20 or "
        "last_over_time(synthetic_plan_frame_rate[3h]) > 60.5"
    )


def test_durations_are_written_where_there_are_any() -> None:
    text = rules_file(plan_with(), "launch")
    assert "        for: 5m\n        keep_firing_for: 5m\n" in text
    assert "for:" not in of_the_plan(rules_file(plan_with(for_=0, keep_firing_for=0), "launch"))


def test_a_phase_has_its_own_rules() -> None:
    assert "e-error-rate" in rules_file(load(GOOD), "launch")
    assert "b-error-rate" in rules_file(load(GOOD), "week1")
    assert "e-error-rate" not in rules_file(load(GOOD), "week1")


@pytest.mark.parametrize("text", ["{{ $value }}", 'say "no"', "a: b # c", "back\\slash"])
def test_texts_are_neither_templates_nor_yaml(text: str) -> None:
    rules = of_the_plan(rules_file(plan_with(title=text), "launch"))
    (line,) = [one for one in rules.split("\n") if "summary" in one]
    assert "{{ $value" not in line
    assert line.endswith('"')


def test_a_plan_without_rules_is_a_file_without_groups() -> None:
    assert rules_file(plan_with(alert=None), "launch").endswith("groups: []\n")


def test_a_silent_watcher_is_noticed() -> None:
    text = rules_file(plan_with(), "launch")
    assert 'expr: "absent(synthetic_evaluated_timestamp_seconds) or (time()' in text


def test_a_lone_location_is_told_from_how_many_on_it_pages() -> None:
    text = rules_file(plan_with(severity="high", quorum=2), "launch")
    assert "seen from {{ $labels.location }}; it pages from 2 on, or from all that look" in text
