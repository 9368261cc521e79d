"""``synthetic report``, ``incident``, ``action`` and ``baseline`` over a real history."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synthetic.cli import main
from synthetic.reports.actions import as_json
from synthetic.reports.gathering import actions_note
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Transition
from tests.services import slack_server
from tests.services.slack_server import TOKEN, objection
from tests.unit.reports.histories import (
    ACTIONS,
    INCIDENTS,
    LAUNCH,
    MORNING,
    samples,
)
from tests.unit.reports.test_reports import DAILY

TARGET = "https://kulti.club/"
AT = f"{MORNING:%Y-%m-%dT%H:%MZ}"
Said = Callable[..., str]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose history holds the made-up days, their incidents and action items."""
    folder = tmp_path_factory.mktemp("history")
    now = datetime.now(UTC)
    (folder / "reports").mkdir()
    with Store.open(None, folder / "reports") as store:
        store.add_samples(
            TARGET,
            [Sample(metric=name, value=value, at=at, labels=labels)
             for name, value, at, labels in samples()],
            now,
        )  # fmt: skip
        fired = [
            Transition(one.opened_at, rule, "firing", 6.0, labels)
            for one in INCIDENTS
            for rule, labels in one.members
        ]
        ours = [replace(one, target=TARGET) for one in INCIDENTS]
        store.commit_round(TARGET, (), fired, ours)
        store.keep_note(actions_note(TARGET), as_json(ACTIONS))
    return folder


@pytest.fixture
def _there(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(history)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)
    monkeypatch.setenv("SYNTHETIC_LAUNCH_AT", LAUNCH.isoformat())


@pytest.fixture
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command; what it printed, or, where it is refused, the sentence that says why."""

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == code
        shown = capsys.readouterr()
        return (shown.err if code else shown.out).rstrip("\n")

    return run


@pytest.mark.usefixtures("_there")
def test_a_report_out_of_the_store_is_the_one_that_was_agreed(said: Said) -> None:
    assert said("report", "daily", "--at", AT, "--format", "markdown") + "\n" == DAILY.read_text()


@pytest.mark.usefixtures("_there")
def test_a_report_has_four_formats(said: Said) -> None:
    assert said("report", "daily", "--at", AT).startswith("Daily metrics review\n")
    page = said("report", "daily", "--at", AT, "--format", "html")
    assert page.startswith("<!doctype html>")
    message = json.loads(said("report", "daily", "--at", AT, "--format", "slack"))
    assert objection(message) is None


@pytest.mark.usefixtures("_there")
def test_a_report_is_sent_once_to_where_the_plan_says(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = (LAUNCH + timedelta(hours=5, minutes=30)).isoformat()
    with slack_server.serving() as slack:
        monkeypatch.setenv("SYNTHETIC_SLACK__API_URL", slack.api_url)
        monkeypatch.setenv("SYNTHETIC_SLACK__BOT_TOKEN", TOKEN)
        monkeypatch.setenv("SYNTHETIC_SLACK__CHANNEL", "other")
        monkeypatch.setenv("SYNTHETIC_SLACK__CHANNELS", '{"#product-launch": "product-launch"}')
        printed = said("report", "hourly", "--at", at, "--send")
        said("report", "hourly", "--at", at, "--send")
        (message,) = slack.messages[slack.channels["product-launch"]]
    assert printed.startswith("Launch Update [Hour 5]:\n- Active users: 214\n")
    assert [one["text"]["text"] for one in message["blocks"]][:2] == printed.split("\n", 1)


@pytest.mark.usefixtures("_there")
def test_day_1_is_learned_by_the_first_report_after_it(said: Said) -> None:
    said("report", "weekly", "--at", AT)
    assert "Daily active users: 230, 1 Dec 2025 (version 1)" in said("baseline", "list")
    assert said("baseline", "learn", "--day", "2025-12-03").startswith("5 figures of 3 Dec 2025")
    assert "Daily active users: 246, 3 Dec 2025 (version 2)" in said("baseline", "list")
    weekly = said("report", "weekly", "--at", AT)
    assert "then: 1 Dec 2025, version 1" in " ".join(weekly.split())


@pytest.mark.usefixtures("_there")
def test_drafts_are_about_the_worst_open_incident_or_the_one_that_is_named(said: Said) -> None:
    assert said("incident", "--at", AT).startswith("Drafts: The product is slow\n")
    named = said("incident", INCIDENTS[0].id, "--at", AT, "--format", "markdown")
    assert "Resolved: Requests fail" in named


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "dayly"), "dayly is no report: did you mean daily?"),
        (("report", "daily", "--at", "noon"), "--at noon should be a moment with its zone"),
        (("incident", "2025"), "2025 is more than one incident"),
        (("incident", "x"), "x is no incident of https://kulti.club/: the latest are 2025"),
        (("action", "close", "9"), "There is no action item 9: `synthetic action list`"),
        (("action", "add", "x", "--owner", "y", "--due", "soon"), "--due soon should be a day"),
        (("baseline", "learn", "--day", "1.12."), "--day 1.12. should be a day"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    said: Said, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in said(*arguments, code=2)


@pytest.mark.usefixtures("_there")
def test_all_reports_are_listed_with_when_they_are_due(said: Said) -> None:
    assert "daily: Daily metrics review, daily at 9:15 UTC" in said("report", "list").splitlines()


@pytest.mark.usefixtures("_empty")
def test_an_action_item_lasts_until_it_is_closed(said: Said) -> None:
    assert said("action", "list").startswith("None is open")
    added = said("action", "add", "Cache the list", "--owner", "Ada", "--due", "2999-12-31")
    assert added == "#1 Cache the list: Ada, due 31 Dec 2999"
    assert said("action", "list") == added
    assert added in said("report", "actions")
    assert said("action", "close", "1") == "#1 is closed, none left open."
    assert "none is open" in said("report", "actions")


@pytest.mark.usefixtures("_empty")
def test_without_any_history_a_report_is_written_all_the_same(said: Said) -> None:
    assert "- New signups: unknown" in said("report", "daily")
    assert said("incident", code=2).startswith("no incident is open of")
    assert said("baseline", "list").startswith("None is learned")
    assert said("baseline", "learn", code=2).startswith("no launch is set")


@pytest.mark.usefixtures("_empty")
def test_what_people_record_is_told(said: Said) -> None:
    said("record", "feedback", "1", "--label", "kind=report", "--label", "text=It <froze>")
    text = said("report", "triage", "--format", "markdown")
    assert "nobody recorded any" in text
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert "`It <froze>`" in said("report", "standup", "--at", at, "--format", "markdown")
