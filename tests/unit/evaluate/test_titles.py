"""An incident's title names what its alerts are of, by the shipped plan."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from synthetic.evaluate.titles import title_of
from synthetic.plan.load import load
from synthetic.store.values import Incident

PLAN = load()
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cause", "rules", "names"),
    [
        ("auth", "f-signup a-login-success", " (signing up, logging in)"),
        ("sessions", "f-session-create a-session-join-success", " (creating, joining)"),
        ("database", "e-high-database-cpu e-database-unreachable", " (CPU, out of reach)"),
        ("database", "d-slow-queries", " (slow queries)"),
        ("monitoring", "f-watch-disk a-t1-smoke", " (disk, suite)"),
        ("services", "f-health f-services-responding", ""),
        ("sessions", "f-session-create b-critical-session-success", ""),
        ("auth", "f-signup d-slow-queries", " (signing up)"),
    ],
)
def test_all_that_is_broken_is_named_or_nothing_is(cause: str, rules: str, names: str) -> None:
    members = tuple((rule, ()) for rule in rules.split())
    incident = Incident("i", "t", cause, "", "high", NOW, members)
    assert title_of(PLAN, incident) == f"{PLAN.causes[cause].title}{names}"
