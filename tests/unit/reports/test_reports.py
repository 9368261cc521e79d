"""Each report answers its rows of the plan, tells what is known, and calls the rest unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.plan.load import load
from synthetic.plan.observations import OBSERVATIONS
from synthetic.reports.as_markdown import markdown
from synthetic.reports.computed import WORDS
from synthetic.reports.definition import problems, reports
from synthetic.reports.document import NOT_SET, Check, Document, Figure, Line, Listing
from synthetic.reports.outages import as_of
from tests.unit.reports import histories
from tests.unit.reports.histories import INCIDENTS, LAUNCH, MORNING, Sample, report, samples

NAMES = tuple(reports())
DAILY = Path(__file__).parent / "golden" / "daily.md"
ASKED_FOR = {
    "hourly", "standup", "daily", "weekly", "optimisation", "engineering", "product", "cost",
    "monthly-business", "monthly-performance", "verification", "triage", "actions", "sync",
}  # fmt: skip


def lines(document: Document) -> list[Line]:
    """All lines of all sections."""
    return [line for section in document.sections for line in section.lines]


def figure(document: Document, label: str) -> Figure:
    """The one line of that label."""
    (found,) = (one for one in lines(document) if isinstance(one, Figure) and one.label == label)
    return found


def listing(document: Document, label: str) -> Listing:
    """The one list of that label."""
    (found,) = (one for one in lines(document) if isinstance(one, Listing) and one.label == label)
    return found


def test_the_launch_update_has_the_plans_words_and_fields() -> None:
    assert markdown(report("hourly", at=LAUNCH + timedelta(hours=5, minutes=30))) == (
        "Launch Update [Hour 5]:\n"
        "- Active users: 214\n"
        "- Sessions: 40\n"
        "- Error rate: 0% (0 of 12)\n"
        "- Video streams: 1/1 success\n"
        "- Status: All systems nominal\n"
    )


def test_the_launch_update_lists_the_issues_found() -> None:
    at = LAUNCH.replace(day=7, hour=14, minute=30)
    assert markdown(report("hourly", at=at)).splitlines()[3:] == [
        "- Error rate: 67% (8 of 12)",
        "- Video streams: 0/1 success",
        "- Status: Issues found: Requests fail (high), for 15 min, acknowledged by Ada; "
        "Error rate 67% (target < 1%); Video streams 0/1 success (target > 95%)",
    ]


def test_a_launch_update_of_which_nothing_is_known_is_not_nominal() -> None:
    assert markdown(report("hourly", (), incidents=(), launch_at=None)) == (
        "Launch Update [Hour not set]:\n"
        "- Active users: unknown\n"
        "- Sessions: unknown\n"
        "- Error rate: unknown\n"
        "- Video streams: unknown\n"
        "- Status: unknown: nothing was observed of late, so nobody can tell\n"
    )


def test_an_update_from_anothers_figures_says_what_it_does_not_know() -> None:
    at = LAUNCH + timedelta(minutes=50)
    said = report("hourly", [("error_rate", 0.3, at, {})], incidents=(), at=at)
    assert figure(said, "Status").value == "All systems nominal (unknown: Video streams)"


def test_an_answer_names_what_is_wanting_before_anything_else() -> None:
    at = LAUNCH.replace(day=29)
    wrong: list[Sample] = [("error_rate", 1.5, at - timedelta(days=1), {}), ("mau", 90.0, at, {})]
    said = report("monthly-business", wrong, incidents=(), actions=(), at=at)
    assert (said.word, said.answer) == (
        "Below target", "Error rate. 12 of 14 figures are unknown."
    )  # fmt: skip
    assert said.more.startswith("Active users: 90. ")


def test_the_daily_review_reads_as_it_was_agreed() -> None:
    assert markdown(report("daily")) == DAILY.read_text()


def test_every_report_of_the_plan_is_there() -> None:
    assert set(NAMES) == ASKED_FOR


@pytest.mark.parametrize("name", NAMES)
def test_a_report_names_only_what_there_is(name: str) -> None:
    assert list(problems(reports()[name], load(), set(OBSERVATIONS), set(WORDS))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_report_answers_every_item_under_its_headings(name: str) -> None:
    entries = [entry for section in reports()[name].sections for entry in section.lines]
    answered = {one for entry in entries for one in (entry.row, *entry.covers)}
    wanted = {
        row.id
        for row in load().rows
        if row.kind == "item" and row.heading in reports()[name].headings
    }
    assert wanted <= answered


@pytest.mark.parametrize("name", NAMES)
def test_without_any_history_nothing_is_zero_and_nothing_is_fine(name: str) -> None:
    document = report(name, (), incidents=(), actions=(), baselines={})
    for line in lines(document):
        assert line.state in (None, "unknown")
        if isinstance(line, Figure):
            assert not any(letter.isdigit() for letter in line.value)
        if isinstance(line, Listing):
            assert line.items == ()
    assert document.state in (None, "unknown")


@pytest.mark.parametrize("name", NAMES)
def test_what_happened_later_changes_nothing(name: str) -> None:
    known = [one for one in samples() if one[2] <= MORNING]
    later = replace(INCIDENTS[0], id="later", opened_at=MORNING + timedelta(minutes=1))
    mended = replace(INCIDENTS[1], closed_at=None)
    assert report(name) == report(
        name, known, incidents=as_of((INCIDENTS[0], mended, later), MORNING)
    )


def test_a_blank_target_is_not_set_until_somebody_sets_it() -> None:
    assert figure(report("daily"), "New signups").target == NOT_SET
    assert figure(report("cost"), "Vercel").target == NOT_SET
    filled = report("daily", plan=load(values={"signups_per_day": 70}))
    assert figure(filled, "New signups").target == "> 70"
    assert figure(filled, "New signups").state == "degraded"


def test_a_figure_says_how_it_was_before_and_what_it_rests_on() -> None:
    assert figure(report("daily"), "Error rate") == Figure(
        "Error rate",
        "2.8%",
        "degraded",
        basis="8 of 288",
        target="< 1%",
        before="0%",
        change="up 2.8 points, worse",
    )


def test_health_is_red_while_something_serious_is_open() -> None:
    at = LAUNCH.replace(day=7, hour=14, minute=30)
    health = figure(report("standup", at=at), "System health")
    assert (health.value, health.state) == ("Red", "failed")
    assert "Requests fail (high)" in health.remark
    assert "Red: a critical or high incident is open" in health.remark
    assert figure(report("standup"), "System health").value == "Yellow"
    assert figure(report("standup", incidents=()), "System health").value == "Green"


def test_the_standup_tells_what_people_recorded() -> None:
    standup = report("standup")
    assert figure(standup, "Confidence level").value == "Medium"
    assert figure(standup, "Support tickets").value == "4"
    assert [one.text for one in listing(standup, "Topics of tickets").items] == [
        "video freezes",
        "where is my code?",
    ]
    (praise,) = listing(standup, "Positive feedback").items
    assert praise.text == "day 6: finally a call that just works"


def test_open_action_items_come_back_with_owner_and_date() -> None:
    items = listing(report("actions"), "Open").items
    assert [(one.text, one.said) for one in items] == [
        ("#1 Find out why sign-ups were slow", "Ada, due 6 Dec 2025, 2 days overdue"),
        ("#2 Cache the session list", "Grace, due 11 Dec 2025"),
    ]
    assert report("actions").word == "Overdue"


def test_triage_has_types_owners_and_priorities() -> None:
    triage = report("triage")
    assert figure(triage, "Bugs → P0/P1/P2").value == "3"
    assert figure(triage, "Technical issues → Engineering").value == "unknown"
    priorities = listing(triage, "Bugs by priority").items
    assert [(one.text, one.said) for one in priorities] == [("P0", "1"), ("P2", "2")]
    owners = listing(triage, "Bugs by owner").items
    assert [(one.text, one.said) for one in owners] == [("Grace", "2"), ("Ada", "1")]


def test_triage_knows_tickets_by_their_labels_too() -> None:
    at = MORNING - timedelta(hours=1)
    one = {"type": "bug", "owner": "Ada", "priority": "P0"}
    triage = report(
        "triage", [("tickets", 2.0, at, one), ("tickets", 1.0, at, {"type": "feedback"})]
    )
    types = listing(triage, "Tickets by type").items
    assert [(each.text, each.said) for each in types] == [("bug", "2"), ("feedback", "1")]
    assert [each.text for each in listing(triage, "Tickets by owner").items] == ["Ada"]
    assert [each.text for each in listing(triage, "Tickets by priority").items] == ["P0"]


def test_a_service_is_ticked_where_a_source_or_probe_can_tell() -> None:
    at = MORNING - timedelta(hours=2)
    told: list[Sample] = [
        ("vercel_ready", 1.0, at, {}),
        ("vercel_edge_active", 0.0, at, {}),
        ("backup_age", 30.0, at, {}),
        ("hms_quota", 40.0, at, {}),
    ]
    checks = {
        one.text: one for one in lines(report("verification", told)) if isinstance(one, Check)
    }
    assert checks["Deployment is ready"] == Check("Deployment is ready", "ok", "yes, 2 h ago")
    assert checks["Edge functions are active"].state == "failed"
    assert checks["Backups are recent"] == Check("Backups are recent", "failed", "30 h, 2 h ago")
    assert checks["API quota is not exceeded"].state == "ok"
    assert checks["Events are received"] == Check("Events are received", said="no source gave it")
    assert checks["Vercel status: page looked at"].state == "unknown"
    assert len(checks) == 20


def test_what_is_past_its_line_is_a_bottleneck() -> None:
    at = MORNING - timedelta(hours=10)
    known: list[Sample] = [
        ("database_connections", 60.0, at, {}),
        ("database_query_p95", 100.0, at, {}),
    ]
    (found,) = listing(report("optimisation", known), "Resource bottlenecks").items
    assert (found.text, found.said) == ("Active connections", "60, alert line > 50")
    nothing = listing(report("optimisation", known[1:]), "Resource bottlenecks")
    assert nothing.empty == "none of 1 known figures"


def test_trends_are_told_by_the_days_of_the_period() -> None:
    slower: list[Sample] = [
        ("response_p95", 1.0 + day / 10, LAUNCH + timedelta(days=day - 27), {}) for day in range(30)
    ]
    review = report("monthly-performance", slower)
    assert figure(review, "Is the system getting faster or slower?").value == "slower"
    assert figure(review, "Are errors increasing or decreasing?").value == "unknown"


def test_baselines_are_shown_with_their_version() -> None:
    section = report("weekly").sections[-1]
    beside = [one for one in section.lines if isinstance(one, Figure)]
    (users,) = (one for one in beside if one.label == "Daily active users")
    assert (users.value, users.before, users.change) == ("278", "230", "up 21%, better")
    assert users.remark == "then: 1 Dec 2025, version 1"
    assert {one.remark for one in beside if one is not users} == {"its baseline is not learned yet"}


def test_a_figure_that_ceased_to_come_says_so() -> None:
    old: list[Sample] = [("dau", 200.0, MORNING - timedelta(days=6), {})]
    assert (
        figure(report("product", old), "DAU").remark == "nothing newer than 2 Dec 2025, 09:15 UTC"
    )
    assert figure(report("product"), "DAU").remark == ""


def test_a_figure_of_a_day_may_come_after_its_day() -> None:
    counted: list[Sample] = [
        ("signups_daily", float(40 + day), MORNING.replace(day=day, hour=0), {}) for day in (7, 8)
    ]
    signups = figure(report("daily", counted), "New signups")
    assert (signups.value, signups.before) == ("48", "47")


def test_the_stand_in_is_said_first() -> None:
    assert markdown(report("hourly", target="stand-in")).startswith(
        "This is about the stand-in, not the product.\n"
    )


def test_the_history_is_what_import_reads(tmp_path: Path) -> None:
    lines = histories.written(tmp_path / "history.jsonl").read_text().splitlines()
    assert len(lines) == len(list(samples()))
    assert '"metric": "active_users"' in lines[0]
