"""The on-call guide: each alert has a page, which says what it means, where to look and who."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.plan.load import load
from synthetic.plan.model import Row
from tests.documents import DOCS, ROOT

PLAN = load()
ALERTS = [row for row in (*PLAN.rows, NO_DATA) if row.alerts]
RUNBOOKS = sorted((DOCS / "runbooks").glob("*.md"))
PARTS = ("**What it means.**", "**Look at first**\n\n1. ", "**Who, and when to escalate.**")
LIST = (DOCS / "reference" / "alerts.md").read_text("utf-8")


@pytest.mark.parametrize("alert", ALERTS, ids=lambda row: row.id)
def test_each_alert_has_its_page_and_stands_under_it(alert: Row) -> None:
    runbook = PLAN.causes[alert.cause or ""].runbook
    assert (ROOT / runbook).is_file()
    section = LIST.split(f"]({runbook.replace('docs/', '../')})\n")[1].split("\n## ")[0]
    assert f"| `{alert.id}` |" in section


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_a_page_says_what_it_means_where_to_look_and_when_to_escalate(page: Path) -> None:
    text = page.read_text("utf-8")
    places = [text.find(part) for part in PARTS]
    assert -1 not in places
    assert places == sorted(places)


def test_the_guide_leads_to_every_page_and_to_no_other() -> None:
    guide = (DOCS / "on-call.md").read_text("utf-8")
    linked = set(re.findall(r"^\| \[.*?\]\((runbooks/.*?\.md)\) \|", guide, re.MULTILINE))
    causes = {cause.runbook.removeprefix("docs/") for cause in PLAN.causes.values()}
    assert linked == causes == {str(page.relative_to(DOCS)) for page in RUNBOOKS}


def test_the_guide_says_when_the_plan_calls_the_next() -> None:
    """Part G, in words; who changes the plan changes the guide."""
    guide = (DOCS / "on-call.md").read_text("utf-8")
    engineer, lead, vice_president = PLAN.tiers
    assert (engineer.after, lead.after) == (3600, 4 * 3600)
    assert f"| one hour after the call, unresolved | the {lead.who} |" in guide
    assert f"| four hours after the call, unresolved | {vice_president.who} |" in guide
