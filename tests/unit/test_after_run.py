"""A finished run is stored and held against the plan, and people hear of it once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.after_run import follow
from synthetic.evaluate.titles import rules_of
from synthetic.journeys.target import STANDIN, label_of
from synthetic.notify.stories import lived, tells_of
from synthetic.plan.load import load
from synthetic.results import Journey, Run
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from synthetic.store.values import Silence
from tests.runs import START, at, failed, journey, run, step
from tests.services.slack_server import CHANNEL, TOKEN, SlackServer, serving

BLACK = failed("guest did not see the picture", "WrongPicture", feature="video")
_RUN_ID = "%Y%m%dT%H%M%SZ-3f9c"
Follow = Callable[..., tuple[Run, list[str], list[str]]]


@pytest.fixture
def after(tmp_path: Path) -> Follow:
    """Follows a run that ended; the run, what went wrong, and what the terminal showed."""

    def after(one: Run, **settings: Any) -> tuple[Run, list[str], list[str]]:
        shown: list[str] = []
        given = {"reports_dir": str(tmp_path), **settings}
        ended, troubles = follow(
            one,
            Settings.model_validate(given),
            RunFolder.create(tmp_path, one),
            clock=lambda: one.started_at + timedelta(seconds=13),
            wait=lambda _: None,
            show=shown.append,
        )
        return ended, troubles, shown

    return after


def broken(number: int = 0, journeys: Sequence[Journey] = (), **more: Any) -> Run:
    """A run ten minutes after the one before, in which nobody saw the other, twice."""
    later = timedelta(minutes=10 * number)
    black = BLACK.model_copy(update={"started_at": START + later})
    attempts = [journey(black, attempt=attempt) for attempt in (1, 2)]
    times = {"started_at": START + later, "finished_at": at(12) + later}
    usual = {"run_id": f"run-{number}", "verdict": "failed", "origin": "target"}
    return run(*(journeys or attempts), **{**usual, **times, **more})


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with serving() as server:
        yield server


def test_a_good_run_is_stored_and_tells_nobody(after: Follow, tmp_path: Path) -> None:
    ended, troubles, shown = after(run(journey(step())))
    assert (ended.alerts, ended.notifications, troubles, shown) == ((), (), [], [])
    with Store.open(None, tmp_path) as store:
        assert store.run(ended.run_id) is not None


@pytest.mark.parametrize("minutes", [4, -4])
def test_what_a_run_observed_is_seen_though_the_clock_is_a_little_off(
    after: Follow, monkeypatch: pytest.MonkeyPatch, minutes: float
) -> None:
    now = at(13) - timedelta(minutes=minutes)
    monkeypatch.setattr("synthetic.store.database.Database.now", lambda _: now)
    ended, troubles, shown = after(broken())
    assert (len(shown), troubles) == (1, [])
    assert "video" in {alert["labels"].get("feature") for alert in ended.alerts}
    assert {row.status for row in ended.notifications} == {"shown"}


def test_a_failed_run_opens_an_incident_and_is_told_once(after: Follow) -> None:
    ended, _, shown = after(broken())
    (alert,) = [one for one in ended.alerts if one["labels"].get("feature") == "video"]
    assert (alert["rule"], alert["state"]) == ("f-video", "firing")
    assert {row.channel for row in ended.notifications} >= {"slack", "pagerduty"}
    assert {row.status for row in ended.notifications} == {"shown"}
    assert len(shown) == 1
    assert shown[0].startswith("🟠 HIGH: ")


def test_the_next_failure_is_told_as_a_run_where_nothing_is_new(after: Follow) -> None:
    after(broken())
    ended, _, shown = after(broken(1))
    assert [row.key for row in ended.notifications] == ["run-1"]
    assert "Slack would be told: 🔴 Failed" in shown[0]


def test_with_a_bot_it_is_a_reply_in_the_thread(after: Follow, slack: SlackServer) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    after(broken(), **bot)
    ended, troubles, _ = after(broken(1), **bot)
    ((first, reply),) = slack.messages.values()
    assert reply["thread_ts"] == first["ts"]
    assert "Failed: " in reply["text"]
    assert ([row.status for row in ended.notifications], troubles) == (["sent"], [])


def test_messages_tell_what_people_lived_through_in_the_incidents_own_journey(
    after: Follow, slack: SlackServer
) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    black = journey(BLACK, name="meet", story="The guest saw black. The monitor works.")
    after(broken(journeys=[black]), **bot)
    lost = failed("host did not see the line", feature="chat")
    other = journey(lost, name="chat", story="A line was lost. The monitor works.")
    after(broken(1, journeys=[other, black]), **bot)
    opening, reply, *_ = [one for one in slack.posted if "black" in json.dumps(one)]
    assert opening["text"].splitlines()[1].startswith("The guest saw black. The monitor works. ")
    assert "thread_ts" not in opening
    assert "The guest saw black. The monitor works." in reply["text"]
    assert reply["thread_ts"]


def test_that_nothing_answers_is_told_by_the_journey_that_found_it(
    after: Follow, tmp_path: Path
) -> None:
    gone = failed("guest could not reach the site", feature="site", ended_at=at(7.123456))
    found = broken(journeys=[journey(gone, story="Nothing answered. The monitor works.")])
    after(found)
    with Store.open(None, tmp_path) as store:
        alerts = {one.rule: one for one in store.alerts(found.target)}
    plan, rule, (one,) = load(), "e-all-services-down", lived([found])
    assert tells_of(one, plan, alerts[rule], rules_of(plan)[rule])


LOST = journey(
    failed("host did not see the line", feature="chat"), name="talk", story="A line was lost. Why."
)
DARK = journey(failed("guest did not see the screen", feature="screen_share"), name="share")


def test_a_run_that_says_nothing_of_an_incident_is_no_reply(
    after: Follow, slack: SlackServer
) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    after(broken(journeys=[DARK]), **bot)
    after(broken(1, journeys=[LOST]), **bot)
    (said,) = slack.messages.values()
    assert "Failed: host did not see the line" in said[-1]["text"]
    assert not [one for one in said if "thread_ts" in one]


def test_a_reply_tells_no_story_of_anything_else(after: Follow, slack: SlackServer) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    after(broken(journeys=[DARK]), **bot)
    after(broken(1, journeys=[LOST, DARK]), **bot)
    ((first, *more),) = slack.messages.values()
    (reply,) = [one for one in more if "thread_ts" in one]
    assert reply["thread_ts"] == first["ts"]
    assert "It is still open." in reply["text"]
    assert "A line was lost" not in reply["text"]


def test_in_a_silence_nothing_is_said(after: Follow, slack: SlackServer, tmp_path: Path) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    after(broken(), **bot)
    with Store.open(None, tmp_path) as store:
        store.add_silence(
            Silence("1", broken().target, "video", START, at(900), "known", "somebody")
        )
    ended, _, _ = after(broken(1), **bot)
    assert (ended.notifications, len(slack.posted)) == ((), 1)


def test_a_run_that_cannot_tell_is_no_reply(after: Follow, slack: SlackServer) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    after(broken(), **bot)
    after(broken(1, verdict="inconclusive", origin="runner"), **bot)
    _, cannot_tell = slack.posted
    assert "thread_ts" not in cannot_tell
    assert "cannot tell" in cannot_tell["text"]


def test_without_a_database_the_run_is_told_all_the_same(after: Follow) -> None:
    address = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    ended, troubles, shown = after(broken(), store_url=address)
    assert "127.0.0.1" in troubles[0]
    assert (ended.alerts, [row.key for row in ended.notifications]) == ((), ["run-0"])
    assert "Slack would be told: 🔴 Failed" in shown[0]


def test_what_could_not_be_stored_is_stored_by_the_next_run(after: Follow, tmp_path: Path) -> None:
    after(broken(), store_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    after(broken(1))
    with Store.open(None, tmp_path) as store:
        assert store.run("run-0") is not None
    assert not list(tmp_path.glob("runs/*/unstored"))


def test_a_record_that_was_damaged_holds_no_later_run_up(after: Follow, tmp_path: Path) -> None:
    after(broken(), store_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    (tmp_path / "runs/run-0/run.json").write_text("{")
    ended, troubles, _ = after(broken(1))
    assert ([one["rule"] for one in ended.alerts], troubles) == (["f-video"], [])
    assert not list(tmp_path.glob("runs/*/unstored"))


def test_where_no_mark_can_be_left_somebody_is_told_all_the_same(
    after: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    address = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    _, troubles, shown = after(broken(), store_url=address)
    assert "unstored cannot be written: No space left on device" in troubles[1]
    assert len(shown) == 1


def test_a_plan_that_is_wrong_leaves_nobody_without_word(after: Follow, tmp_path: Path) -> None:
    ended, troubles, shown = after(broken(), plan_dir=str(tmp_path))
    assert "metrics.toml" in troubles[0]
    assert (len(ended.notifications), len(shown)) == (1, 1)


def test_what_slack_hears_of_by_no_route_is_told_as_a_run(
    after: Follow, slack: SlackServer
) -> None:
    bot = {"slack": {"api_url": slack.api_url, "bot_token": TOKEN, "channel": CHANNEL}}
    quiet = failed("host did not see the line", feature="chat")
    dark = failed("guest did not see the screen", feature="screen_share", name="share")
    shares = [journey(dark, attempt=attempt, name="share") for attempt in (1, 2)]
    after(broken(journeys=shares), **bot)
    attempts = [journey(quiet, attempt=attempt, name="talk") for attempt in (1, 2)]
    ended, _, _ = after(broken(1, journeys=attempts), **bot)
    assert {row.channel for row in ended.notifications} >= {"jira"}
    assert "Failed: " in slack.posted[-1]["text"]


def test_whatever_breaks_somebody_is_told(after: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("nobody foresaw it")

    monkeypatch.setattr("synthetic.after_run.evaluate_round", breaks)
    ended, troubles, shown = after(broken())
    assert "ValueError: nobody foresaw it" in troubles[0]
    assert ([row.key for row in ended.notifications], len(shown)) == (["run-0"], 1)


def test_of_a_stand_in_only_the_run_is_shown(after: Follow) -> None:
    ended, _, shown = after(broken(target="stand-in"))
    assert [one["rule"] for one in ended.alerts] == ["f-video"]
    assert len(shown) == 1
    assert "stand-in, not the product" in shown[0]


def test_a_served_stand_in_is_remembered_for_when_it_is_down(after: Follow, tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/"
    after(run(journey(step()), target=STANDIN), base_url=url)
    with Store.open(None, tmp_path) as store:
        assert label_of(url, lambda: nullcontext(store)) == STANDIN


def test_its_end_removes_what_old_runs_left_beside_their_records(
    after: Follow, tmp_path: Path
) -> None:
    old, young = (tmp_path / "runs" / f"{START - timedelta(days=age):{_RUN_ID}}" for age in (8, 6))
    for folder in (old, young):
        folder.mkdir(parents=True)
        for name in ("run.json", "trace.zip"):
            (folder / name).touch()
    after(run(journey(step())), keep_evidence_days=7)
    assert [path.name for path in old.iterdir()] == ["run.json"]
    assert len(list(young.iterdir())) == 2
