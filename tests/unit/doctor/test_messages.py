"""Test messages to each channel: plainly marked, and nothing stays open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from synthetic.doctor import messages
from synthetic.doctor.checkup import Finding, examine
from synthetic.settings import Settings
from tests.services import (
    jira_server,
    pagerduty_server,
    sentry_server,
    slack_server,
    webhook_server,
)

MARK = "TEST, nothing is wrong"
Serve = Callable[[Any], Any]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts one of the vendors' servers; all end with the test."""
    with ExitStack() as ends:
        yield lambda module: ends.enter_context(module.serving())


def sent(**groups: Any) -> list[Finding]:
    settings = Settings.model_validate({"base_url": "https://kulti.test", **groups})
    return list(examine(messages.checks(settings, send=True)))


def states(findings: list[Finding]) -> dict[str, str]:
    return {one.name: one.state for one in findings}


def test_a_page_is_opened_and_closed_at_once(serve: Serve) -> None:
    server = serve(pagerduty_server)
    found = sent(pagerduty={"api_url": server.url, "routing_key": pagerduty_server.ROUTING_KEY})
    assert [one.said for one in found] == [
        "a test was opened and closed again: see that it arrived"
    ]
    (incident,) = server.incidents
    assert incident.status == "resolved"
    assert MARK in json.dumps(server.events[0])


def test_an_issue_is_made_and_done(serve: Serve) -> None:
    server = serve(jira_server)
    jira = {"api_url": server.url, "user": jira_server.USER, "token": jira_server.TOKEN}
    found = sent(jira={**jira, "project": jira_server.PROJECT})
    assert states(found) == {"channel jira": "right"}
    (issue,) = server.issues.values()
    assert MARK in issue.summary
    assert issue.moves


def test_slack_gets_one_in_each_of_its_channels(serve: Serve) -> None:
    server = serve(slack_server)
    token = {"api_url": server.api_url, "bot_token": slack_server.TOKEN}
    found = sent(slack={**token, "channel": slack_server.CHANNEL})
    assert states(found) == {f"channel slack {slack_server.CHANNEL}": "right"}
    assert len(server.posted) == 1
    assert MARK in json.dumps(server.posted[0])
    table = {name: server.channels[name] for name in ("alerts", "ops-alerts")}
    server.archived.add(table["ops-alerts"])
    found = sent(slack={**token, "channel": slack_server.CHANNEL, "channels": table})
    assert states(found)[f"channel slack {table['alerts']}"] == "right"
    assert states(found)[f"channel slack {table['ops-alerts']}"] == "wrong"


def test_without_a_plan_slack_is_tried_where_it_is_set_up(serve: Serve) -> None:
    server = serve(slack_server)
    slack = {"api_url": server.api_url, "bot_token": slack_server.TOKEN}
    found = sent(slack={**slack, "channel": slack_server.CHANNEL}, plan_dir="nowhere")
    assert states(found) == {"channel slack": "right"}


def test_webhooks_and_trackers_get_one(serve: Serve) -> None:
    slack, own, sentry = serve(slack_server), serve(webhook_server), serve(sentry_server)
    found = sent(
        slack={"webhook_url": slack.webhook_url},
        webhook={"url": own.hook_url, "secret": webhook_server.SECRET},
        sentry={"dsn": sentry.dsn},
    )
    assert set(states(found).values()) == {"right"}
    assert (len(slack.posted), len(own.taken), len(sentry.events)) == (1, 1, 1)
    told = json.dumps([*slack.posted, *own.taken, *sentry.events.values()])
    assert told.count(MARK) >= 3


def test_a_channel_that_refuses_says_what_to_check_and_no_secret(serve: Serve) -> None:
    server = serve(slack_server)
    found = sent(slack={"webhook_url": f"{server.url}/services/T0/B0/wrong-secret"})
    assert [one.state for one in found] == ["wrong"]
    assert "SYNTHETIC_SLACK__WEBHOOK_URL" in found[0].said
    assert "wrong-secret" not in found[0].said


def test_without_being_asked_nothing_is_sent(serve: Serve) -> None:
    server = serve(slack_server)
    settings = Settings.model_validate({"slack": {"webhook_url": server.webhook_url}})
    (found,) = examine(messages.checks(settings, send=False))
    assert (found.state, server.asked) == ("open", 0)
    (found,) = examine(messages.checks(Settings(), send=True))
    assert (found.name, found.state) == ("channels", "open")


def test_two_tests_are_two_incidents(serve: Serve) -> None:
    server = serve(pagerduty_server)
    for _ in range(2):
        sent(pagerduty={"api_url": server.url, "routing_key": pagerduty_server.ROUTING_KEY})
    assert len({one.key for one in server.incidents}) == 2
