"""Several processes share an outbox; what calls somebody goes first, in order and in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.errors import DeliveryError, PlaceUnusable
from synthetic.notify.delivery import LONGEST, PRESSING_FOR, PRESSING_S, Delivered
from synthetic.store.history import Store
from synthetic.store.values import Parcel
from tests.unit.notify.post_office import Fake, Post, down


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with Store.open(None, tmp_path) as store:
        names = ("pagerduty", "sms", "slack", "console")
        yield Post(store, channels={name: Fake(name) for name in names})


def put_off_page(post: Post) -> Fake:
    """A page that PagerDuty did not take, in a process that has no PagerDuty."""
    post.pagerduty.troubles = down(1 + len(PRESSING_S))
    post.put("opened", "pagerduty")
    post.drain(fallback="sms")
    post.later(hours=1)
    return post.channels.pop("pagerduty")


def test_a_process_without_the_channel_leaves_the_page_to_one_that_has_it(post: Post) -> None:
    pagerduty = put_off_page(post)
    post.put("escalated", "pagerduty:Lead")
    assert post.drain(made=()) == Delivered()
    post.channels["pagerduty"] = pagerduty
    assert post.drain(made=()) == Delivered(sent=2)
    assert pagerduty.ids == ["opened@pagerduty", "escalated@pagerduty:Lead"]


def test_no_fallback_takes_what_another_process_can_send(post: Post) -> None:
    put_off_page(post)
    assert post.drain(made=(), fallback="slack") == Delivered()


def test_what_no_process_could_send_for_a_day_is_given_up_loudly(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    put_off_page(post)
    post.put("opened", "jira", key="other", incident="j")
    post.now += LONGEST + timedelta(minutes=1)
    assert post.drain(made=()).given_up == 2
    assert "other@jira was not delivered: for a day nobody who has jira took it" in caplog.text
    assert post.slack.ids == ["other@jira/undelivered@slack:#ops-alerts"]
    assert not post.waiting()


def test_what_concerns_another_target_is_left_to_its_own_rounds(post: Post) -> None:
    post.put("opened", "pagerduty", "slack:#alerts")
    assert post.drain(target="stand-in") == Delivered()
    assert post.drain() == Delivered(sent=2)


def test_an_acknowledgement_that_waits_does_not_take_a_later_call(post: Post) -> None:
    post.put("opened", "pagerduty")
    post.drain()
    post.pagerduty.troubles = down(1)
    post.put("acknowledged", "pagerduty")
    post.drain()
    post.put("escalated", "pagerduty:Lead")
    post.drain()
    post.later(hours=1)
    post.drain()
    assert post.pagerduty.ids == ["opened@pagerduty", "escalated@pagerduty:Lead"]


def test_news_of_a_page_goes_in_its_order(post: Post) -> None:
    post.put("resolved", "pagerduty")
    post.put("raised", "pagerduty")
    post.drain()
    assert post.pagerduty.ids == ["resolved@pagerduty", "raised@pagerduty"]


def test_a_call_does_not_wait_for_what_calls_nobody(post: Post) -> None:
    post.pagerduty.troubles = down(1)
    post.put("resolved", "pagerduty")
    post.put("raised", "pagerduty")
    post.drain()
    assert post.pagerduty.ids == ["raised@pagerduty"]


def test_one_place_that_cannot_be_used_holds_up_no_other(post: Post) -> None:
    post.slack.troubles = [PlaceUnusable("the bot is not in #alerts")]
    post.put("opened", "slack:#alerts", "slack:#incident-response")
    assert post.drain().problems == ("the bot is not in #alerts",)
    assert post.slack.ids == ["opened@slack:#incident-response"]


@dataclass
class Hung(Fake):
    """A channel that takes ten seconds to say nothing."""

    post: Post | None = None
    tried: list[str] = field(default_factory=list)

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        assert self.post
        self.tried.append(parcel.id)
        self.post.later(seconds=10)
        raise DeliveryError("it did not answer within 10 s")


def test_channels_that_hang_do_not_keep_pages_from_going_elsewhere(post: Post) -> None:
    for name in ("pagerduty", "sms"):
        post.channels[name] = Hung(name, post=post)
    for number in range(5):
        post.put("opened", "pagerduty", "sms", key=f"k{number}", incident=f"i{number}")
    began = post.now
    post.drain(fallback="slack")
    assert post.now - began <= PRESSING_FOR + timedelta(seconds=20)
    assert {each.partition("@")[0] for each in post.slack.ids} == {f"k{n}" for n in range(5)}
    assert len(post.waiting()) == 10


def test_a_fallback_that_hangs_too_leaves_the_console(post: Post) -> None:
    for name in ("pagerduty", "sms"):
        post.channels[name] = Hung(name, post=post)
    for number in range(9):
        post.put("opened", "pagerduty", key=f"k{number}", incident=f"i{number}")
    began = post.now
    post.drain(fallback="sms")
    assert post.now - began <= PRESSING_FOR + timedelta(seconds=30)
    assert len(post.console.got) == 9
