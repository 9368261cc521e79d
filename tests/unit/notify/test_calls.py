"""What swallows no other outage, and what is a call of its own: time lines, and what is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from synthetic.store.values import Silence
from tests.unit.notify.transcript import NOON, Stage, minute, opened, played

STORIES = {
    "a rate that stays bad long after its outage swallows no new one": """
        0  | +rate   | opened sessions: pagerduty sms #response sentry
        1  | ack Ada | acknowledged sessions: pagerduty #response
        30 |         | reminder sessions: #response
        60 |         | escalated sessions: pagerduty(Lead) sms(Lead) #response
        70 | +errors-10 12, +site | opened site: pagerduty sms #response sentry #ops
    """,
    "a deeper cause that calls is a call of its own, which somebody must take": """
        0 | +rate   | opened sessions: pagerduty sms #response sentry
        1 | ack Ada | acknowledged sessions: pagerduty #response
        5 | +site   | raised site: pagerduty sms #response sentry #ops; superseded site: pagerduty
        7 |         | escalated site: pagerduty(Lead) sms(Lead) #response #ops
    """,
    "a cause that is over takes nothing more in": """
        0 | +site, +video | opened site: pagerduty sms #ops #product jira
        1 | ack Ada | acknowledged site: pagerduty #ops #product jira
        5 | -site   | resolved site: pagerduty sms
        9 | +slow 6 | opened slow: #response sentry pagerduty
    """,
    "what calls somebody calls them, whatever it joins": """
        0 | +backup | opened site: #ops #alerts
        5 | +slow 6 | raised site: pagerduty #response sentry #ops #alerts
    """,
    "hours after a small thing nothing is explained by it": """
        0   | +backup | opened site: #ops #alerts
        100 | +slow 6 | opened slow: pagerduty #response sentry
    """,
    "hours after the site died all is explained by it": """
        0   | +site   | opened site: pagerduty sms #ops
        1   | ack Ada | acknowledged site: pagerduty #ops
        30  |         | reminder site: #ops
        60  |         | escalated site: pagerduty(Lead) sms(Lead) #ops
        70  | +slow 6, +video |
    """,
    "what breaks again calls again, and its clocks begin anew": """
        0   | +errors-5 7, +errors-2 7 | opened errors: pagerduty #response sentry #alerts
        1   | ack Ada   | acknowledged errors: pagerduty #response #alerts
        60  |           | escalated errors: pagerduty(Lead) #response #alerts
        70  | -errors-5 | resolved errors: pagerduty pagerduty(Lead)
        600 | +errors-5 7 | raised errors: pagerduty #response sentry #alerts
        601 | ack Eve   | acknowledged errors: pagerduty #response #alerts
        660 |           | escalated errors: pagerduty(Lead) #response #alerts
    """,
    "what breaks again once its cause is over is an outage of its own": """
        0  | +site, +slow 6, +video | opened site: pagerduty sms #response sentry #ops #product jira
        1  | ack Ada | acknowledged site: pagerduty #response #ops #product jira
        10 | -site   |
        12 | -slow   | resolved site: pagerduty sms
        30 | +slow 6 | opened slow: #response sentry pagerduty
    """,
    "what spreads once its cause is over is an outage of its own, with all of it": """
        0  | +site, +video@eu | opened site: pagerduty sms #ops #product jira
        1  | ack Ada   | acknowledged site: pagerduty #ops #product jira
        5  | -site     | resolved site: pagerduty sms
        9  | +video@us | resolved site: #ops #product jira; opened video: #product jira
        10 | -video@us, -video@eu | resolved video: #product jira
    """,
    "a page is not over while the next rule waits": """
        0 | +errors-5 7, +errors-2 7 | opened errors: #response sentry pagerduty #alerts
        1 | ack Ada    | acknowledged errors: #response pagerduty #alerts
        5 | -errors-5, ?errors-10 |
        7 | -errors-10 | resolved errors: pagerduty
    """,
    "what was over calls again, though something else went on calling": """
        0  | +site, +slow 6 | opened site: pagerduty sms #response sentry #ops
        1  | ack Ada | acknowledged site: pagerduty #response #ops
        20 | -site   |
        50 | +site   | raised site: pagerduty sms #response sentry #ops; superseded site: pagerduty
    """,
    "what gets worse is a call of its own, though somebody had it": """
        0 | +errors-5 7   | opened errors: pagerduty #response sentry
        1 | ack Ada       | acknowledged errors: pagerduty #response
        5 | +errors-10 12 | raised errors: sms pagerduty #response sentry;
          |               | superseded errors: pagerduty
        7 | | escalated errors: pagerduty(Lead) sms(Lead) #response
    """,
    "a silence of a cause that does not fire holds nothing else back": """
        0 | quiet site until 60 |
        1 | +errors-10 12 | opened errors: pagerduty sms #response sentry
    """,
    "a silence of something small holds back nothing worse that it explains": """
        0 | quiet site until 60, +backup |
        1 | +slow 6 | opened site: pagerduty #response sentry
    """,
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_story(story: str) -> None:
    wanted, got = played(story)
    assert got == wanted


def test_no_message_is_taken_for_an_earlier_one() -> None:
    stage = Stage()
    for _ in range(3):
        opened(stage, "+errors-2 7", "+errors-5 7")
        stage.now += timedelta(minutes=20)
        stage.tick()
        opened(stage, "-errors-5 3")
    ids = [one.id for one in stage.parcels]
    assert len(ids) == len(set(ids))
    assert len([one for one in ids if "/unanswered" in one and "pagerduty" in one]) == 3


def test_a_silence_of_another_target_holds_nothing_back() -> None:
    silence = Silence("s", "https://staging.test/", "*", NOON, minute(60), "known", "Ada")
    assert opened(Stage(silences=[silence]), "+errors-5 7")
