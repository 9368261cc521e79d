"""Drafts tell people outside what they notice and can do, and nothing that is not theirs."""

from __future__ import annotations

from dataclasses import replace

from synthetic.plan.load import load
from synthetic.reports.as_html import page
from synthetic.reports.as_markdown import markdown
from synthetic.reports.document import Document, Figure, Prose
from synthetic.reports.incident_drafts import drafts
from tests.unit.reports.histories import INCIDENTS, MORNING
from tests.unit.reports.test_report_formats import Checked

OPEN = replace(INCIDENTS[1], cause="auth", title="Signing up or logging in fails", closed_at=None)


def told(document: Document, heading: str) -> list[str]:
    """The paragraphs under a heading."""
    (section,) = (one for one in document.sections if one.heading == heading)
    return [one.text for one in section.lines if isinstance(one, Prose)]


def test_the_status_page_says_what_is_noticed_and_what_helps() -> None:
    assert told(drafts(OPEN, load(), MORNING), "Status page") == [
        "Investigating: Signing up or logging in fails",
        "Since 8 Dec 2025, 08:00 UTC something is wrong. Signing up or logging in may fail, or the "
        "code may come late. We are working on it.",
        "What you can do meanwhile: Stay signed in where you are. If no code comes, look into your "
        "spam folder and ask for another after a minute.",
        "We will write again by 9 Dec 2025, 09:15 UTC, or when it is over.",
    ]


def test_the_worse_it_is_the_sooner_the_next_word_is_promised() -> None:
    critical = drafts(replace(OPEN, severity="critical"), load(), MORNING)
    assert "by 8 Dec 2025, 09:45 UTC" in told(critical, "Status page")[-1]


def test_the_mail_has_the_workaround_and_room_for_a_name() -> None:
    mail = told(drafts(OPEN, load(), MORNING), "E-mail to affected users")
    assert any("spam folder" in one for one in mail)
    assert mail[-1] == "[name], for the team"


def test_what_is_over_is_told_as_over() -> None:
    over = drafts(replace(OPEN, closed_at=MORNING), load(), MORNING)
    assert told(over, "Status page")[0] == "Resolved: Signing up or logging in fails"
    assert "From 8 Dec 2025, 08:00 UTC to 8 Dec 2025, 09:15 UTC (1 h 15 min)" in markdown(over)
    assert "meanwhile" not in markdown(over)


def test_security_is_not_published_by_a_template() -> None:
    secret = drafts(replace(OPEN, cause="security", title="A secret"), load(), MORNING)
    assert told(secret, "Status page") == told(secret, "E-mail to affected users")
    assert told(secret, "Status page")[0].endswith("tell nobody outside.")


def test_the_public_parts_hold_nothing_of_the_incident_but_its_times() -> None:
    evil = drafts(replace(OPEN, title="<script>x</script>"), load(), MORNING)
    public = [
        line.value if isinstance(line, Figure) else line.text
        for section in evil.sections[:2]
        for line in section.lines
        if isinstance(line, Figure | Prose)
    ]
    assert not any("script" in one for one in public)
    assert "script" not in Checked(page(evil)).tags
