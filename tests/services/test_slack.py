"""A message reaches Slack by bot or webhook; whatever goes wrong becomes one clear sentence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from synthetic._settings_channels import Slack
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.slack import configured, post
from synthetic.notify.slack_message import SlackMessage, message
from tests.runs import HOSTILE, failed, journey, recorded, run
from tests.services.slack_server import CHANNEL, TOKEN, Fault, SlackServer, serving

GOOD = message(run(journey(failed(HOSTILE * 200)), verdict="failed", origin="target"), "passed")
TIMEOUT_S = 1


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with serving() as slack:
        yield slack


def bot(server: SlackServer, **more: Any) -> Slack:
    settings = {"api_url": server.api_url, "bot_token": TOKEN, "channel": CHANNEL}
    return Slack.model_validate(settings | more)


def webhook(server: SlackServer, url: str = "") -> Slack:
    return Slack.model_validate({"webhook_url": url or server.webhook_url})


Way = Callable[[SlackServer], Slack]
both_ways = pytest.mark.parametrize("way", [bot, webhook])


def send(slack: Slack, what: SlackMessage = GOOD) -> list[float]:
    """Post; the seconds that were waited for."""
    waits: list[float] = []
    post(what, slack, timeout_s=TIMEOUT_S, wait=waits.append)
    return waits


@both_ways
def test_a_message_is_posted_as_it_is(server: SlackServer, way: Way) -> None:
    send(way(server))
    (posted,) = server.posted
    assert SlackMessage(posted["text"], posted["blocks"]) == GOOD


@both_ways
def test_a_whole_run_is_taken(server: SlackServer, way: Way) -> None:
    send(way(server), message(recorded(), "failed", link="https://ci.test/1"))
    assert server.asked == len(server.posted) == 1


def test_the_bot_comes_before_the_webhook(server: SlackServer) -> None:
    send(bot(server, webhook_url="http://127.0.0.1:1/"))
    assert server.posted[0]["channel"] == CHANNEL


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [({"bot_token": "xoxb-wrong"}, "invalid_auth"), ({"channel": "C1"}, "channel_not_found")],
)
def test_a_wrong_bot_is_said(server: SlackServer, wrong: dict[str, str], answer: str) -> None:
    with pytest.raises(DeliveryError, match=f"refused the message: {answer}; .*__CHANNEL") as said:
        send(bot(server, **wrong))
    assert not isinstance(said.value, MessageRefused)
    assert "xoxb" not in str(said.value)


def test_a_wrong_webhook_is_said_without_its_secret(server: SlackServer) -> None:
    with pytest.raises(DeliveryError, match=r"no_service; check \S+WEBHOOK_URL") as said:
        send(webhook(server, f"{server.url}/services/wrong-secret"))
    assert "secret" not in str(said.value)


# The library warns of an empty text before it sends it.
@pytest.mark.filterwarnings("ignore:The top-level `text`:UserWarning")
@both_ways
@pytest.mark.parametrize(
    ("bad", "answer"),
    [
        (SlackMessage(""), "no_text"),
        (SlackMessage("x" * 50_000), "msg_too_long"),
        (SlackMessage("x", [{"type": "section"}]), "invalid_blocks"),
        (SlackMessage("x", [{"type": "section", "text": "bare"}]), "invalid_blocks"),
        (
            SlackMessage(
                "x", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
            ),
            "invalid_blocks",
        ),
    ],
)
def test_a_message_at_fault_is_told_apart(
    server: SlackServer, way: Way, bad: SlackMessage, answer: str
) -> None:
    with pytest.raises(MessageRefused, match=f"will not take this message: {answer}; it is set"):
        send(way(server), bad)


@both_ways
def test_a_short_limit_of_our_rate_is_waited_for_once(server: SlackServer, way: Way) -> None:
    server.fault = Fault(429, headers={"Retry-After": "3"})
    assert send(way(server)) == [3]
    assert (server.asked, len(server.posted)) == (2, 1)


@both_ways
def test_a_limit_that_stays_is_not_waited_for_twice(server: SlackServer, way: Way) -> None:
    server.fault = Fault(429, times=9, headers={"Retry-After": "1"}, body='{"ok": false}')
    with pytest.raises(DeliveryError, match=r"asks to wait 1 s\. The message is kept"):
        send(way(server))
    assert server.asked == 2


@both_ways
@pytest.mark.parametrize(
    ("headers", "asks"), [({"Retry-After": "60"}, 60), ({}, 30), ({"Retry-After": "soon"}, 30)]
)
def test_a_long_limit_is_not_waited_for(
    server: SlackServer, way: Way, headers: dict[str, str], asks: int
) -> None:
    server.fault = Fault(429, times=9, headers=headers)
    with pytest.raises(DeliveryError, match=f"asks to wait {asks} s"):
        send(way(server))
    assert server.asked == 1


@both_ways
@pytest.mark.parametrize(
    "fault",
    [
        Fault(500, body="<h1>\nOops</h1>" * 99),
        Fault(200, body="<h1>Hotel Wi-Fi</h1>"),
        Fault(500),
        Fault(503, body='{"ok": false, "error": "service_unavailable"}'),
    ],
    ids=["html", "captive portal", "empty", "json"],
)
def test_an_ill_slack_is_said(server: SlackServer, way: Way, fault: Fault) -> None:
    server.fault = Fault(fault.status, body=fault.body)
    with pytest.raises(DeliveryError, match=r"refused the message: .*The message is kept") as said:
        send(way(server))
    assert "\n" not in str(said.value)
    assert len(str(said.value)) < 400


@both_ways
def test_a_slack_that_hangs_is_left_after_the_limit(server: SlackServer, way: Way) -> None:
    server.fault = Fault(0, hangs=True)
    began = time.monotonic()
    with pytest.raises(
        DeliveryError, match=r"did not answer within 1 s \(timed out\); check SYNTH"
    ):
        send(way(server))
    assert time.monotonic() - began < TIMEOUT_S + 1


def test_nobody_there_is_said(
    free_port: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    gone = Slack.model_validate({"webhook_url": f"{nowhere}secret"})
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError, match="refused") as said:
        send(gone)
    assert "secret" not in str(said.value) + caplog.text


@pytest.mark.parametrize(
    ("settings", "there_is"),
    [
        ({}, False),
        ({"channel": CHANNEL}, False),
        ({"bot_token": TOKEN, "channel": CHANNEL}, True),
        ({"webhook_url": "http://127.0.0.1/"}, True),
    ],
)
def test_a_way_to_post(settings: dict[str, str], there_is: bool) -> None:
    assert configured(Slack.model_validate(settings)) is there_is


def test_an_answer_that_says_ok_with_an_error_is_an_error(server: SlackServer) -> None:
    server.fault = Fault(502, body="ok")
    with pytest.raises(DeliveryError, match="HTTP 502 ok"):
        send(webhook(server))
