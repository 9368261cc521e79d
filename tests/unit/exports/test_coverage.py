"""The page on what sees each item of the plan follows from the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.exports.coverage import coverage
from synthetic.plan.load import load
from synthetic.plan.model import Route, Row, Tier

PAGE = Path(__file__).parents[3] / "docs" / "plan-coverage.md"
PLAN = load()
TEXT = coverage(PLAN)


def test_the_page_is_up_to_date() -> None:
    """Else: ``synthetic plan --coverage > docs/plan-coverage.md``."""
    assert PAGE.read_text("utf-8") == TEXT


def test_every_item_stands_there_once() -> None:
    entries: list[Row | Route | Tier] = [*PLAN.rows, *PLAN.routes, *PLAN.tiers]
    items = sorted(one.item for one in entries)
    lines = [line for line in TEXT.splitlines() if line.startswith("| ")]
    first = [line.removeprefix("| ").split(" | ")[0] for line in lines]
    assert sorted(one for one in first if one in set(items)) == items


@pytest.mark.parametrize(
    "line",
    [
        "| HIGH Rule 1: error rate | derived | `error_rate` | – | high: > 5 % for 5m |",
        "| Error rate ladder: alert engineering team | derived | `error_rate` | – "
        "| medium: > 2 % for 30m, in launch |",
        "| Streaming metrics: video bitrate | journey | `video_bitrate` | 500–2000 kbps "
        "| medium: outside 300–3000 kbps |",
        "| Check 2: Request OTP button works | journey | `feature_up` of signup | – "
        "| high: if not |",
        "| GROWTH: DAU | source | `dau` | not set (`dau_target`) | – |",
        "| CRITICAL (any): SMS alert | derived | sms | – | – |",
        "| Tier 1: On-call Engineer | derived | On-call Engineer | – | next after 1h |",
    ],
)
def test_an_item_says_who_sees_it_and_its_figures(line: str) -> None:
    assert line in TEXT.splitlines()


def test_what_only_people_know_is_listed_with_its_reason() -> None:
    assert "- A budget is decided, not observed. `hms_budget`, `total_budget`" in TEXT


def test_a_blank_that_was_filled_in_shows_its_value() -> None:
    text = coverage(load(values={"hms_budget": 500.0}))
    assert "100ms budget per month: `hms_budget`, 500" in text
