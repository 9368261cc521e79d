"""Nothing of the plan is left out unseen: its headings' rows add up to what was counted there."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import pytest

from synthetic.plan.load import load
from synthetic.plan.model import Route, Row, Tier
from synthetic.results import Feature

ROOT = Path(__file__).parents[3]
PLAN = load()
FOLDER = resources.files("synthetic.plan")
COUNTS: list[dict[str, Any]] = tomllib.loads(FOLDER.joinpath("counts.toml").read_text("utf-8"))[
    "heading"
]
WITH_ROUTES = ("E", "Alert Routing")
MINOR: set[Feature] = {"chat", "leave", "reconnect"}


def rows_of(part: str, heading: str) -> int:
    """How many items of a heading the plan's files have."""
    entries: list[Row | Tier | Route] = [*PLAN.rows, *PLAN.tiers]
    if (part, heading) == WITH_ROUTES:
        entries += PLAN.routes
    return sum((one.part, one.heading) == (part, heading) for one in entries)


@pytest.mark.parametrize("counted", COUNTS, ids=lambda one: f"{one['part']}, {one['heading']}")
def test_the_rows_of_a_heading_add_up(counted: dict[str, Any]) -> None:
    expected = 0 if "left_out" in counted else counted["items"]
    assert rows_of(counted["part"], counted["heading"]) == expected


@pytest.mark.parametrize("counted", COUNTS, ids=lambda one: f"{one['part']}, {one['heading']}")
def test_both_counts_agree(counted: dict[str, Any]) -> None:
    assert counted["counted_again"] == counted["items"]


def test_every_heading_of_a_row_was_counted() -> None:
    counted = {(one["part"], one["heading"]) for one in COUNTS}
    assert {(row.part, row.heading) for row in PLAN.rows} <= counted


def test_no_heading_was_counted_twice() -> None:
    assert len({(one["part"], one["heading"]) for one in COUNTS}) == len(COUNTS)


def test_every_part_has_rows() -> None:
    assert {row.part for row in PLAN.rows} == set("ABCDEFGH")


def test_what_only_people_know_says_why() -> None:
    unsaid = [row.id for row in PLAN.rows if row.observed_by == "manual" and not row.reason]
    unsaid += [
        name
        for name, metric in PLAN.metrics.items()
        if metric.observed_by == "manual" and not metric.reason
    ]
    assert not unsaid


def test_ids_are_unique_and_begin_with_their_part() -> None:
    entries: list[Row | Tier | Route] = [*PLAN.rows, *PLAN.routes, *PLAN.tiers]
    assert not [name for name, count in Counter(one.id for one in entries).items() if count > 1]
    assert not [one.id for one in entries if not one.id.startswith(f"{one.part.lower()}-")]


def test_no_item_is_cited_twice_under_a_heading() -> None:
    cited = Counter((row.part, row.heading, row.item) for row in PLAN.rows)
    assert not [item for item, count in cited.items() if count > 1]


def test_every_metric_is_asked_for() -> None:
    """By a row, by a metric that is made of it, or by a report."""
    asked = {row.metric for row in PLAN.rows}
    asked |= {name for one in PLAN.metrics.values() if one.derive for name in one.derive.of}
    reports = FOLDER.joinpath("reports.toml").read_text("utf-8")
    assert not [name for name in PLAN.metrics.keys() - asked if f'"{name}"' not in reports]


def test_every_feature_that_fails_alerts() -> None:
    watched = {
        row.where.get("feature") for row in PLAN.rows if row.metric == "feature_up" and row.alerts
    }
    assert watched | MINOR == set(get_args(Feature))
    assert not watched & MINOR


def test_every_cause_has_its_page_and_an_alert() -> None:
    assert not [one.name for one in PLAN.causes.values() if not (ROOT / one.runbook).is_file()]
    assert {row.cause for row in PLAN.rows if row.alerts} == PLAN.causes.keys()
