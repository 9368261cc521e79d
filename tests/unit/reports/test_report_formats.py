"""The same report as Markdown, page, Slack message and text, whatever its texts hold."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from synthetic.notify.channels.slack_blocks import first
from synthetic.reports.as_html import page
from synthetic.reports.as_markdown import escape, markdown
from synthetic.reports.as_text import note, text
from synthetic.reports.definition import reports
from synthetic.reports.document import (
    Check,
    Document,
    Figure,
    Item,
    Listing,
    Prose,
    Section,
    clean,
)
from synthetic.wording import columns
from tests.services.slack_server import objection
from tests.unit.reports.histories import MORNING, Sample, report, samples

HOSTILE = (
    "<!channel> <script>alert(1)</script> [x](https://evil.test) "
    "`rm` @here **b** _i_ \x1b[31m &amp;"
)
VOID = {"meta", "link", "br", "img", "input", "hr"}


def told(*lines: Figure | Listing | Check | Prose) -> Document:
    """A document of one section."""
    return replace(report("actions"), sections=(Section("Part", lines),))


def with_errors(message: str) -> list[Sample]:
    """The history, and an error that says ``message`` a hundred times."""
    at = MORNING.replace(day=7, hour=12)
    more = [("error", 1.0, at.replace(minute=n % 60, second=n // 60), {"fingerprint": message})
            for n in range(100)]  # fmt: skip
    return [*samples(), *more]


class Checked(HTMLParser):
    """Notes what is open, what was never closed, and what leads out of the page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", reports())
def test_a_page_is_whole_and_self_contained(name: str) -> None:
    source = page(report(name))
    seen = Checked(source)
    assert source.startswith("<!doctype html>")
    assert seen.open == []
    assert seen.addresses == []
    assert "script" not in seen.tags
    style = source.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in source
    assert "url(" not in style
    assert len(source) < 150_000


def test_a_page_has_a_dark_mode_and_prints() -> None:
    source = page(report("daily"))
    assert "color-scheme: light dark" in source
    assert "@media print" in source
    assert "@media (max-width: 700px)" in source


def test_a_state_is_never_told_by_its_colour_alone() -> None:
    source = page(told(Figure("Error rate", "12%", "failed", target="< 1%", alert="> 10%")))
    assert '<span class="sign">✗</span> 12%' in source
    assert "past the alert line &gt; 10%" in source


@pytest.mark.parametrize("name", reports())
def test_slack_takes_every_report(name: str) -> None:
    message = first(note(report(name)))
    assert objection({"text": message.text, "blocks": message.blocks}) is None


@pytest.mark.parametrize("name", ["standup", "daily", "optimisation", "triage"])
def test_hostile_errors_stay_inert(name: str) -> None:
    document = report(name, with_errors(HOSTILE))
    seen = Checked(page(document))
    assert "script" not in seen.tags
    assert any("<script>alert(1)</script>" in one for one in seen.texts)
    message = first(note(document))
    assert objection({"text": message.text, "blocks": message.blocks}) is None
    marked = [one["text"]["text"] for one in message.blocks if one["text"]["type"] == "mrkdwn"]
    assert not any("channel" in one for one in (*marked, message.text.replace("&lt;!channel", "")))
    assert "\x1b" not in text(document)
    outside = re.sub(r"`[^`]*`", "", markdown(document))
    assert "<script" not in outside
    assert "https://evil.test" not in outside
    assert "@here" not in outside


@pytest.mark.parametrize("name", ["daily", "triage"])
def test_a_megabyte_of_error_is_cut(name: str) -> None:
    document = report(name, with_errors("<!channel> " + "x" * 1_000_000))
    assert len(markdown(document)) < 6_000
    assert len(page(document)) < 60_000
    message = first(note(document))
    assert objection({"text": message.text, "blocks": message.blocks}) is None


def test_a_report_longer_than_slack_takes_is_cut() -> None:
    lines = tuple(Figure(f"Figure {number}", "x" * 190) for number in range(100))
    long = replace(report("daily"), sections=tuple(Section(f"{n}", lines) for n in range(30)))
    message = first(note(long))
    assert objection({"text": message.text, "blocks": message.blocks}) is None


def test_each_kind_of_line_in_markdown() -> None:
    document = told(
        Figure("Is it well?", "yes", basis="3 of 3", before="no", change="up", remark="so far"),
        Listing("Most", (Item("a`b", "2", quoted=True), Item("- c")), ranked=True),
        Listing("None", empty="none"),
        Check("Looked at", "ok", "yes"),
        Check("Open"),
        Prose("1. Not a list"),
    )
    assert markdown(document).partition("## Part\n\n")[2] == (
        "- Is it well? yes (3 of 3) · before no, up · so far\n"
        "- Most:\n"
        "  1. `a'b`: 2\n"
        "  2. \\- c\n"
        "- None: none\n"
        "- [x] Looked at (yes)\n"
        "- [ ] Open\n"
        "\\1. Not a list\n"
    )


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("feature_requests < 70% > 3", "feature_requests < 70% > 3"),
        ("_so_ *it* is", "\\_so\\_ \\*it\\* is"),
        ("<b>x</b>", "\\<b>x\\</b>"),
        ("a@b.test &amp;", "a&#64;b.test &amp;amp;"),
        ("see https://x.test", "see https:&#47;/x.test"),
        ("[a](b) `c` ~d~", "\\[a\\](b) \\`c\\` \\~d\\~"),
    ],
)
def test_markdown_escapes_no_more_than_it_must(plain: str, escaped: str) -> None:
    assert escape(plain) == escaped


def test_foreign_text_is_cleaned_before_it_is_told() -> None:
    assert clean("a\nb\x00c") == "a b c"
    assert len(clean("x" * 1_000_000)) == 200
    assert clean("y" * 201).endswith("…")


def test_a_message_goes_out_in_the_plans_words() -> None:
    update = note(report("hourly"))
    assert update.title == "Launch Update [Hour 168]:"
    assert update.story.splitlines()[0] == "- Active users: 279"
    assert (update.sections, update.event) == ((), "report")
    assert update.key.startswith("report-hourly-20251208T091500Z-")


def test_a_review_goes_out_by_its_sections() -> None:
    review = note(report("daily"))
    assert [heading for heading, _ in review.sections] == [
        "Growth", "Performance", "Quality", "Issues", "Trend against the day before",
    ]  # fmt: skip
    assert review.story.startswith("! Yellow: An incident is open")
    assert review.sections[0][1].splitlines()[0].startswith("- New signups: 64 (Target: not set)")


@pytest.mark.parametrize("name", reports())
def test_text_fits_a_terminal(name: str) -> None:
    assert all(columns(line) <= 80 for line in text(report(name)).splitlines())
