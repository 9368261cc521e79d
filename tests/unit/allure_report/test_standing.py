"""How bad it is when a feature is down, and whose, is what the plan says."""

from __future__ import annotations

import pytest

from synthetic.allure_report.standing import standing
from synthetic.plan.load import load


@pytest.mark.parametrize(
    ("features", "severity", "owner", "first"),
    [
        (["site"], "critical", "#incident-response", "f-site"),
        (["health"], "critical", "#ops-alerts", "f-health"),
        (["recording"], "normal", "#product-issues", "a-recording-start"),
        (["chat"], "minor", "jira", "e-low-minor-features"),
        (["chat", "recording", "video"], "critical", "#incident-response", "f-video"),
    ],
)
def test_the_worst_of_a_journeys_features_counts(
    features: list[str], severity: str, owner: str, first: str
) -> None:
    found = standing(load(), features)
    assert (found.severity, found.owner, found.rows[0].id) == (severity, owner, first)
    assert len(found.rows) == len(features)


def test_pages_of_the_runbook_are_named_once() -> None:
    found = standing(load(), ["chat", "leave", "signup", "login"])
    assert found.runbooks == ("docs/runbooks/auth.md", "docs/runbooks/minor.md")


def test_a_plan_without_rules_makes_nothing_of_it() -> None:
    bare = load().model_copy(update={"rows": ()})
    assert standing(bare, ["video"]).rows == ()
