"""One outage is one notification: time lines of outages, and what people are told of them."""

from __future__ import annotations

import pytest

from tests.unit.notify.transcript import ENDPOINTS, played

STORIES = {
    "an alert comes and goes": """
        0  | +errors-2 3 | opened errors: #response sentry #alerts
        30 | -errors-2   | resolved errors: #response sentry #alerts
    """,
    "what only begins tells nobody": """
        0 | ?errors-10 12 |
        5 | -errors-10    |
    """,
    "a ladder goes up: one incident, whose severity rises": """
        0  | +errors-2 3   | opened errors: #response sentry #alerts
        5  | +errors-5 7   | raised errors: pagerduty #response sentry #alerts
        10 | +errors-10 12 | raised errors: sms pagerduty #response sentry #alerts;
           |               | superseded errors: pagerduty
        11 | ack Ada       | acknowledged errors: pagerduty #response #alerts
    """,
    "what gets worse must be answered as fast as the worse demands, from then on": """
        0  | +errors-5 7   | opened errors: pagerduty #response sentry
        10 | +errors-10 12 | raised errors: sms pagerduty #response sentry;
           |               | superseded errors: pagerduty
        12 | | escalated errors: pagerduty(Lead) sms(Lead) #response
        13 | ack Ada | acknowledged errors: pagerduty pagerduty(Lead) #response
    """,
    "a ladder goes down: nothing is told as long as any of it calls, nor when it climbs again": """
        0  | +errors-10 12, +errors-5 12 | opened errors: pagerduty sms #response sentry
        1  | ack Ada       | acknowledged errors: pagerduty #response
        10 | -errors-10 7  |
        20 | +errors-10 12 |
        25 | -errors-10 1  |
        26 | -errors-5 0   | resolved errors: pagerduty sms #response sentry
    """,
    "a dead site does not also report eleven endpoints": f"""
        0 | +site | opened site: pagerduty sms #ops
        1 | {", ".join(f"+endpoint-{n}" for n in range(ENDPOINTS))} |
        1 | ack Ada | acknowledged site: pagerduty #ops
        2 | +video  |
        9 | {", ".join(f"-endpoint-{n}" for n in range(ENDPOINTS))}, -video |
        9 | -site | resolved site: pagerduty sms #ops
    """,
    "what breaks at once is told once, by its deepest cause, to all it concerns": """
        0 | +video, +slow 6, +site | opened site: pagerduty sms #ops #response sentry #product jira
    """,
    "a deeper cause takes the earlier ones in, in the thread of the call": """
        0 | +video | opened video: #product jira
        3 | +slow 6 | opened slow: #response sentry pagerduty
        6 | +site  | raised site: pagerduty sms #ops #response sentry #product jira;
          |        | superseded site: pagerduty;
          |        | superseded video: #product jira
        7 | ack Ada | acknowledged site: pagerduty #ops #response #product jira
        9 | -site, -slow, -video | resolved site: #product jira pagerduty sms #ops #response sentry
    """,
    "causes that have nothing to do with each other are two outages": """
        0 | +errors-2 3 | opened errors: #response sentry #alerts
        1 | +slow 6     | opened slow: #response sentry pagerduty
        2 | -errors-2   | resolved errors: #response sentry #alerts
    """,
    "another place is news, another rule of the same figure is none": """
        0 | +video@eu | opened video: #product jira
        2 | +video@us | joined video: #product jira
        3 | -video@us |
        4 | +video@us |
    """,
    "what is told of the whole is told of its parts": """
        0 | +video    | opened video: #product jira
        2 | +video@us |
    """,
    "another figure of the same is no news, a cause behind it all is": """
        0 | +endpoint-3 2 | opened endpoint 3: #response sentry pagerduty
        1 | ack Ada       | acknowledged endpoint 3: #response pagerduty
        2 | +errors-5 7   | raised errors: #response sentry pagerduty; superseded errors: pagerduty
        3 | +errors-2 7   |
    """,
    "what flaps is one outage, as long as its next rule waits": """
        0 | +errors-5 7 | opened errors: #response sentry pagerduty
        1 | ack Ada     | acknowledged errors: #response pagerduty
        5 | -errors-5, ?errors-2 3 |
        8 | +errors-5 8 |
        9 | -errors-5, -errors-2 | resolved errors: #response sentry pagerduty
    """,
    "reminders: critical every half hour, and nobody is called by them": """
        0  | +errors-10 12 | opened errors: pagerduty sms #response sentry
        1  | ack Ada       | acknowledged errors: pagerduty #response
        30 |               | reminder errors: #response
        59 | -errors-10    | resolved errors: pagerduty sms #response sentry
    """,
    "reminders: high every two hours": """
        0   | +video | opened video: #product jira
        120 |        | reminder video: #product
        240 |        | reminder video: #product
    """,
    "reminders: medium daily, low never": """
        0    | +errors-1 1.5 | opened errors: #response sentry
        1500 | +errors-2 3   | raised errors: #alerts #response sentry
        2940 |               | reminder errors: #response #alerts
    """,
    "nobody acknowledges: the next person is called, to the last": """
        0 | +errors-10 12 | opened errors: pagerduty sms #response sentry
        2 | | escalated errors: pagerduty(Lead) sms(Lead) #response
        4 | | escalated errors: pagerduty(VP) sms(VP) #response
        5 | ack Ada | acknowledged errors: pagerduty #response pagerduty(Lead) pagerduty(VP)
    """,
    "an acknowledgement in time calls nobody else": """
        0  | +slow 6 | opened slow: #response sentry pagerduty
        14 | ack Ada | acknowledged slow: #response pagerduty
        59 | -slow   | resolved slow: #response sentry pagerduty
    """,
    "not resolved: after one hour the lead, after four the VP, though it was acknowledged": """
        0   | +slow 6 | opened slow: #response sentry pagerduty
        1   | ack Ada | acknowledged slow: #response pagerduty
        60  | | escalated slow: pagerduty(Lead) #response
        180 | | reminder slow: #response
        240 | | escalated slow: pagerduty(VP) #response
        360 | | reminder slow: #response
        361 | -slow | resolved slow: #response sentry pagerduty pagerduty(Lead) pagerduty(VP)
    """,
    "who was called for want of an answer is called again when it moves up to them": """
        0   | +slow 6 | opened slow: #response sentry pagerduty
        15  |         | escalated slow: pagerduty(Lead) #response
        16  | ack Ada | acknowledged slow: #response pagerduty pagerduty(Lead)
        60  |         | escalated slow: pagerduty(Lead) #response
    """,
    "when only small things are left of it, nobody is called any more": """
        0   | +errors-5 7, +errors-2 7 | opened errors: #response sentry pagerduty #alerts
        1   | ack Ada   | acknowledged errors: #response pagerduty #alerts
        59  | -errors-5 | resolved errors: pagerduty
        61  |           |
        70  | -errors-2 | resolved errors: #response sentry #alerts
    """,
    "what calls nobody does not escalate": """
        0   | +video | opened video: #product jira
        120 |        | reminder video: #product
    """,
    "once it calls somebody, an earlier acknowledgement does not count": """
        0  | +errors-2 3 | opened errors: #response sentry #alerts
        1  | ack Ada     | acknowledged errors: #response #alerts
        90 | +errors-5 7 | raised errors: pagerduty #response sentry #alerts
        105 | | escalated errors: pagerduty(Lead) #response #alerts
        106 | ack Eve | acknowledged errors: #response #alerts pagerduty pagerduty(Lead)
    """,
    "a silence during an outage holds back what gets worse, and no good news": """
        0  | +errors-5 7 | opened errors: #response sentry pagerduty
        1  | quiet errors until 40 |
        5  | +errors-10 12 |
        20 | -errors-10, -errors-5 | resolved errors: #response sentry pagerduty
    """,
    "what is still wrong when a silence ends is told then": """
        0  | quiet * until 30, +errors-5 7, ?site |
        10 | +site |
        30 | | opened site: pagerduty sms #ops #response sentry
    """,
    "what came and went in a maintenance window is told to nobody": """
        0  | quiet * until 30 |
        5  | +site |
        25 | -site |
        31 |       |
    """,
    "the clocks run on under a silence, and are heard after it": """
        0  | +slow 6 | opened slow: #response sentry pagerduty
        1  | quiet slow until 70 |
        70 | | escalated slow: pagerduty(Lead) #response
        85 | | escalated slow: pagerduty(VP) #response
        86 | ack Ada | acknowledged slow: #response pagerduty pagerduty(Lead) pagerduty(VP)
    """,
    "a silence of one rule leaves the others of its figure": """
        0 | quiet errors-10 until 60 |
        1 | +errors-10 12, +errors-5 12 | opened errors: #response sentry pagerduty
    """,
    "a silence of a cause holds back what it explains": """
        0 | quiet site until 60, +site |
        1 | +errors-10 12, +video |
    """,
    "a change of phase supersedes: that is no all-clear": """
        0 | +errors-2 3 | opened errors: #response sentry #alerts
        9 | ~errors-2   | superseded errors: #response sentry #alerts
    """,
    "a change of phase goes unnoticed where the new rule has it, too, or waits": """
        0 | +errors-2 3 | opened errors: #response sentry #alerts
        9 | ~errors-2, ?errors-1 3 |
        20 | +errors-1 3 |
        25 | -errors-1  | resolved errors: #response sentry #alerts
    """,
    "data that stops is told to those who run the monitor": """
        0 | +no-data 60 | opened monitoring: #ops #alerts
    """,
    "what is not seen any more is not over": """
        0   | +slow 6 | opened slow: #response sentry pagerduty
        1   | ack Ada | acknowledged slow: #response pagerduty
        2   | !slow   |
        60  |         | escalated slow: pagerduty(Lead) #response
        90  | -slow   | resolved slow: #response sentry pagerduty pagerduty(Lead)
    """,
    "doubt calls nobody, whatever its severity": """
        0 | +doubt | opened monitoring: #ops
    """,
    "an outage does not begin with the doubt that it explains": """
        0 | +doubt | opened monitoring: #ops
        5 | +site | opened site: pagerduty sms #ops; superseded monitoring: #ops
        6 | -site, -doubt | resolved site: pagerduty sms #ops
    """,
    "doubt that an outage explains is no longer part of it than that goes on": """
        0  | +site | opened site: pagerduty sms #ops
        1  | ack Ada | acknowledged site: #ops pagerduty
        5  | +doubt |
        20 | -site | resolved site: #ops pagerduty sms; opened monitoring: #ops
        30 | -doubt | resolved monitoring: #ops
    """,
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_story(story: str) -> None:
    wanted, got = played(story)
    assert got == wanted
