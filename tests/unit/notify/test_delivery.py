"""What is in the outbox arrives: in its order, once where that can be known, or given up loudly."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.errors import MessageRefused
from synthetic.evaluate.history import Question
from synthetic.notify.delivery import DOUBLED, PRESSING_S, Delivered
from synthetic.notify.queues import back_off
from synthetic.store.history import Store
from tests.unit.notify.post_office import Died, Fake, Post, down
from tests.unit.notify.transcript import NOON, TARGET


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with Store.open(None, tmp_path) as store:
        order: list[str] = []
        names = ("pagerduty", "sms", "slack", "jira", "console")
        fakes = {name: Fake(name, order=order) for name in names}
        hook = Fake("webhook", at_least_once=True, tells=False, order=order)
        yield Post(store, channels={**fakes, "webhook": hook})


def test_what_is_due_is_sent_once(post: Post) -> None:
    post.put("opened", "slack:#alerts", "jira")
    assert post.drain() == Delivered(sent=2)
    assert post.drain() == Delivered()
    assert post.slack.got == [("opened@slack:#alerts", None)]


def test_a_thread_is_that_of_the_first_message_at_its_place(post: Post) -> None:
    post.put("opened", "slack:#alerts", "slack:#ops")
    post.put("raised", "slack:#alerts", "slack:#ops")
    post.put("opened", "slack:#alerts", key="other", incident="j")
    post.drain()
    assert dict(post.slack.got) == {
        "opened@slack:#alerts": None,
        "opened@slack:#ops": None,
        "raised@slack:#alerts": "slack-1",
        "raised@slack:#ops": "slack-2",
        "other@slack:#alerts": None,
    }


def test_what_is_said_later_waits_for_the_first_message(post: Post) -> None:
    post.slack.troubles = down(1)
    post.put("opened", "slack:#alerts")
    post.put("resolved", "slack:#alerts")
    assert post.drain() == Delivered(put_off=1, problems=("it is down",))
    assert post.drain() == Delivered()
    post.later(minutes=1)
    post.drain()
    assert post.slack.ids == ["opened@slack:#alerts", "resolved@slack:#alerts"]


def test_a_page_is_one_whoever_it_calls(post: Post) -> None:
    post.pagerduty.troubles = down(1, asked_s=60)
    post.put("escalated", "pagerduty:Lead")
    post.put("resolved", "pagerduty", "pagerduty:Lead")
    post.drain()
    post.later(minutes=2)
    post.drain()
    assert post.pagerduty.ids[0] == "escalated@pagerduty:Lead"


def test_a_broken_channel_holds_up_no_other_and_is_left_alone(post: Post) -> None:
    post.slack.troubles = down(1)
    post.put("opened", "slack:#alerts", "slack:#ops", "jira")
    assert post.drain() == Delivered(sent=1, put_off=1, problems=("it is down",))
    assert (post.slack.got, post.jira.ids) == ([], ["opened@jira"])


def test_a_channel_that_has_a_fault_of_its_own_holds_up_no_other(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.slack.troubles = [ZeroDivisionError("division by zero")]
    post.put("opened", "slack:#alerts", "webhook")
    assert post.drain().problems == ("ZeroDivisionError: division by zero",)
    assert post.webhook.ids == ["opened@webhook"]
    assert "the channel slack broke over opened@slack:#alerts" in caplog.text


class Least(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


class Most(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_a_try_is_put_off_by_more_each_time_and_as_long_as_asked() -> None:
    assert [back_off(tries, None, Least()).total_seconds() for tries in (1, 2, 3, 99)] == [
        11.25,
        22.5,
        45,
        1350,
    ]
    assert back_off(1, None, Most()).total_seconds() == 18.75
    assert back_off(1, 600, Most()).total_seconds() == 600


def test_retry_after_is_kept_to(post: Post) -> None:
    post.slack.troubles = down(1, asked_s=90)
    post.put("opened", "slack:#alerts")
    post.drain()
    post.later(seconds=89)
    assert post.drain() == Delivered()
    post.later(seconds=1)
    assert post.drain() == Delivered(sent=1)


def test_a_page_is_tried_again_at_once(post: Post) -> None:
    post.pagerduty.troubles = down(2)
    post.put("opened", "pagerduty")
    assert post.drain() == Delivered(sent=1)
    assert [round(wait / pause) for wait, pause in zip(post.waits, PRESSING_S, strict=False)] == [
        1,
        1,
    ]


def test_a_page_goes_before_the_rest_and_is_pressed_after_it(post: Post) -> None:
    post.pagerduty.troubles = down(1)
    post.put("opened", "jira", "pagerduty")
    post.drain()
    assert post.jira.order == ["opened@pagerduty", "opened@jira", "opened@pagerduty"]


def test_a_page_that_does_not_arrive_goes_elsewhere_and_is_tried_later(post: Post) -> None:
    post.pagerduty.troubles = down(1 + len(PRESSING_S))
    post.put("opened", "pagerduty")
    done = post.drain(fallback="sms")
    assert (done.sent, done.put_off) == (1, 1)
    assert post.sms.ids == ["opened@pagerduty>sms"]
    post.later(hours=1)
    assert post.drain(fallback="sms") == Delivered(sent=1)
    assert post.pagerduty.ids == ["opened@pagerduty"]


def test_where_the_fallback_fails_too_the_console_has_it(post: Post) -> None:
    post.sms.troubles = down(9)
    post.put("opened", "sms")
    post.drain(fallback="sms")
    assert post.console.ids == ["opened@sms>console"]


def test_a_page_whose_channel_asks_to_wait_long_goes_elsewhere_at_once(post: Post) -> None:
    post.pagerduty.troubles = down(1, asked_s=60)
    post.put("opened", "pagerduty")
    post.drain(fallback="sms")
    assert (post.waits, post.sms.ids) == ([], ["opened@pagerduty>sms"])


def test_a_resolution_is_no_page(post: Post) -> None:
    post.pagerduty.troubles = down(1)
    post.put("resolved", "pagerduty")
    assert post.drain(fallback="sms").put_off == 1
    assert (post.waits, post.sms.got) == ([], [])


def test_what_a_channel_refuses_is_given_up_loudly(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.jira.troubles = [MessageRefused("Jira will not take this")]
    post.put("opened", "jira")
    assert post.drain() == Delivered(sent=1, given_up=1, problems=("Jira will not take this",))
    assert post.slack.ids == ["opened@jira/undelivered@slack:#ops-alerts"]
    assert "opened@jira was not delivered: Jira will not take this" in caplog.text
    assert not post.waiting()


def test_what_slack_refuses_is_said_on_the_console_and_not_over_and_over(post: Post) -> None:
    post.slack.troubles = [MessageRefused("no")]
    post.console.troubles = [MessageRefused("neither")]
    post.put("opened", "slack:#alerts")
    assert post.drain().given_up == 2
    assert (post.console.got, post.waiting()) == ([], {})


def test_a_page_that_is_refused_goes_elsewhere(post: Post) -> None:
    post.pagerduty.troubles = [MessageRefused("no")]
    post.put("opened", "pagerduty")
    post.drain(fallback="sms")
    assert post.sms.ids == ["opened@pagerduty>sms"]


def test_after_a_day_it_is_given_up(post: Post) -> None:
    post.jira.troubles = down(99)
    post.put("opened", "jira")
    while "opened@jira" in post.waiting():
        post.drain()
        post.later(minutes=30)
    assert timedelta(hours=23) < post.now - NOON <= timedelta(hours=25)
    (told,) = post.store.due(post.now) or [None]
    assert told is None
    assert post.slack.ids == ["opened@jira/undelivered@slack:#ops-alerts"]


def test_a_reminder_that_was_overtaken_is_left_out(post: Post) -> None:
    post.slack.troubles = down(1)
    post.put("opened", "slack:#alerts")
    post.drain()
    post.put("reminder", "slack:#alerts")
    post.put("resolved", "slack:#alerts")
    post.later(minutes=1)
    post.drain()
    assert post.slack.ids == ["opened@slack:#alerts", "resolved@slack:#alerts"]


def died(post: Post, channel: str) -> None:
    """The process is killed after the message arrived and before that was noted."""
    post.channels[channel].dies = True
    post.put("opened", channel)
    with pytest.raises(Died):
        post.drain()


def test_after_a_crash_the_channel_is_asked_before_it_is_sent_again(post: Post) -> None:
    died(post, "slack")
    post.later(minutes=2)
    assert post.drain() == Delivered(sent=1)
    assert (post.slack.asked, post.slack.ids) == (["opened@slack"], ["opened@slack"])


def test_a_try_that_goes_on_is_nobody_elses(post: Post) -> None:
    died(post, "slack")
    post.later(seconds=60)
    assert post.drain() == Delivered()


def test_a_channel_that_cannot_tell_is_sent_again_and_the_double_counted(post: Post) -> None:
    died(post, "webhook")
    post.later(minutes=2)
    assert post.drain() == Delivered(sent=1, doubled=1)
    assert post.webhook.ids == ["opened@webhook", "opened@webhook"]
    counted = post.store.ask(TARGET)(Question(DOUBLED, NOON, post.now))
    assert counted[(("channel", "webhook"),)].total == 1


def test_of_two_that_drain_at_once_only_one_sends(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put("opened", "slack:#alerts")
    stale = post.store.due(post.now)
    post.drain()
    monkeypatch.setattr(post.store, "due", lambda _: stale)
    assert post.drain() == Delivered()
    assert len(post.slack.got) == 1


def test_about_a_stand_in_no_channel_is_told_and_the_console_once(post: Post) -> None:
    post.put("opened", "slack:#alerts", "pagerduty", "jira")
    about = [
        replace(one, note=replace(one.note, target="stand-in")) for one in post.waiting().values()
    ]
    for one in post.waiting().values():
        post.store.give_up(one, post.now, "replaced")
    post.store.post([replace(one, id=f"s-{one.id}") for one in about])
    assert post.drain(fallback="sms", target="stand-in", made=()) == Delivered(shown=3)
    assert [len(fake.got) for fake in post.channels.values()] == [0, 0, 0, 0, 1, 0]


def test_a_channel_that_is_not_there_is_stood_in_for_by_the_console(post: Post) -> None:
    del post.channels["jira"]
    post.put("opened", "jira", "slack:#alerts")
    assert post.drain() == Delivered(sent=1, shown=1)
    named = {one.channel: one.reference for one in post.store.parcels("i")}
    assert named == {"jira": "by console", "slack": "slack-1"}


def test_what_was_shown_instead_begins_no_thread(post: Post) -> None:
    jira = post.channels.pop("jira")
    post.put("opened", "jira")
    post.drain()
    post.channels["jira"] = jira
    post.put("raised", "jira")
    post.drain()
    assert jira.got == [("raised@jira", None)]


def test_pages_without_a_channel_go_to_the_fallback_once(post: Post) -> None:
    del post.channels["pagerduty"], post.channels["sms"]
    post.put("opened", "pagerduty", "sms")
    assert post.drain(fallback="slack") == Delivered(sent=2)
    assert len(post.slack.got) == 1
