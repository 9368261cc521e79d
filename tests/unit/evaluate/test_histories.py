"""Recorded histories replay to the transitions that the plan prescribes, to the minute."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.commands.replaying import as_json
from synthetic.evaluate.replay import replay
from synthetic.plan.load import load
from synthetic.plan.model import seconds
from synthetic.results import Sample
from tests.histories import asking

FOLDER = Path(__file__).parents[3] / "fixtures" / "histories"
INDEX = tomllib.loads((FOLDER / "histories.toml").read_text())
PLAN = load()
Line = dict[str, object]


def replayed(name: str) -> list[Line]:
    """The transitions of a history as contract 6 has them."""
    entry = INDEX[name]
    text = (FOLDER / f"{entry.get('of', name)}.jsonl").read_text()
    samples = [Sample.model_validate_json(line) for line in text.splitlines()]
    every = timedelta(seconds=float(str(seconds(entry["every"]))))
    span = (entry["from"], entry["to"], every)
    found = replay(PLAN, entry.get("launch_at"), asking(samples), *span)
    return in_order([json.loads(as_json(one)) for one in found])


def expected(name: str) -> list[Line]:
    lines = (FOLDER / f"{name}.expected.jsonl").read_text().splitlines()
    return in_order([json.loads(line) for line in lines])


def in_order(lines: list[Line]) -> list[Line]:
    """By time; what happens at one instant has no order."""
    return sorted(lines, key=lambda one: (one["at"], one["rule"], str(one["labels"])))


@pytest.mark.parametrize("name", INDEX)
def test_it_replays_to_what_the_plan_prescribes(name: str) -> None:
    assert replayed(name) == expected(name)


@pytest.mark.parametrize(
    ("rule", "history", "begins", "ends"),
    [  # of Part E, what has no duration
        ("e-all-services-down", "outage", "10:33", "11:30"),
        ("e-critical-error-rate", "outage", "10:33", "11:32"),
        ("e-database-unreachable", "database", "14:23", "14:41"),
        ("e-security-alert", "security", "12:05", "12:05"),
        ("e-low-error-rate", "low", "19:10", "19:25"),
        ("e-low-cache-hit-rate", "low", "19:30", "19:55"),
        ("e-low-slow-queries", "low", "19:40", "19:42"),
        ("e-low-minor-features", "low", "20:01", "20:07"),
        ("e-medium-recording-success", "recording", "03:00", None),
    ],
)
def test_a_rule_without_duration_fires_at_the_first_sample(
    rule: str, history: str, begins: str, ends: str | None
) -> None:
    states = [
        (str(one["at"])[11:16], one["state"]) for one in replayed(history) if one["rule"] == rule
    ]
    assert states == [(begins, "firing"), *([(ends, "resolved")] if ends else [])]


def test_every_rule_of_part_e_has_a_history() -> None:
    told = {one["rule"] for name in INDEX for one in replayed(name) if one["state"] == "firing"}
    assert {row.id for row in PLAN.rows if row.alerts and row.part == "E"} <= told


def test_an_edited_plan_replays_otherwise() -> None:
    rows = tuple(
        row.model_copy(update={"alert": 50.0}) if row.id == "e-critical-error-rate" else row
        for row in PLAN.rows
    )
    text = (FOLDER / "outage.jsonl").read_text()
    samples = [Sample.model_validate_json(line) for line in text.splitlines()]
    entry = INDEX["outage"]
    edited = PLAN.model_copy(update={"rows": rows})
    found = replay(edited, None, asking(samples), entry["from"], entry["to"], timedelta(minutes=1))
    first = next(one for one in found if one.rule == "e-critical-error-rate")
    assert f"{first.at:%H:%M}" == "10:35"
