"""An incident is one thread in Slack; whatever goes wrong, nothing comes twice and it is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from traceback import format_exception
from typing import Any

import pytest
from pydantic import SecretStr

from synthetic._settings_channels import Slack
from synthetic.errors import DeliveryError, MessageRefused, PlaceUnusable
from synthetic.notify.channels.slack import SlackBot, SlackWebhook
from tests.notes import hostile, parcel
from tests.services.slack_server import CHANNEL, TOKEN, Fault, SlackServer, serving

PLACE = "#incident-response"


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with serving() as slack:
        yield slack


def bot(server: SlackServer, **more: Any) -> SlackBot:
    settings = {"api_url": server.api_url, "bot_token": TOKEN, "channel": CHANNEL}
    return SlackBot(Slack.model_validate(settings | more), timeout_s=1)


def webhook(server: SlackServer, **more: Any) -> SlackWebhook:
    return SlackWebhook(Slack.model_validate({"webhook_url": server.webhook_url} | more), 1)


both_ways = pytest.mark.parametrize("way", [bot, webhook])
Way = Callable[[SlackServer], SlackBot | SlackWebhook]


def test_an_incident_is_one_message_and_its_thread(server: SlackServer) -> None:
    slack = bot(server)
    thread = slack.send(parcel(), None)
    for event in ("acknowledged", "run", "reminder", "resolved"):
        slack.send(parcel(event, title=f"It is {event}"), thread)
    first, *replies = server.messages[CHANNEL]
    assert {reply["thread_ts"] for reply in replies} == {first["ts"]}
    assert [reply["blocks"][0]["text"]["text"] for reply in replies] == [
        "👀 It is acknowledged", "🔁 It is run", "⏰ It is reminder", "✅ It is resolved"
    ]  # fmt: skip


def test_the_first_message_shows_the_state(server: SlackServer) -> None:
    slack = bot(server)
    thread = slack.send(parcel(), None)
    slack.send(parcel("reminder", title="Still critical"), thread)
    assert headline(server).startswith("🔴 CRITICAL")
    slack.send(parcel("resolved", title="Resolved after 9 min"), thread)
    assert headline(server) == "✅ Resolved after 9 min"
    assert sum(server.edits.values()) == 1


def headline(server: SlackServer) -> str:
    """What the first message shows first."""
    text: str = server.messages[CHANNEL][0]["blocks"][0]["text"]["text"]
    return text


@pytest.mark.parametrize("may_look", [True, False])
def test_who_has_it_stands_over_the_figures(server: SlackServer, may_look: bool) -> None:
    slack = bot(server)
    thread = slack.send(parcel(), None)
    if not may_look:
        server.scopes.discard("channels:history")
    slack.send(parcel("acknowledged", title="Ann has it", facts=()), thread)
    assert headline(server) == "👀 Ann has it"
    assert ("alert line > 10%" in str(server.messages[CHANNEL][0]["blocks"][2])) is may_look


def test_an_edited_message_keeps_its_key(server: SlackServer) -> None:
    slack = bot(server)
    slack.send(parcel("resolved"), slack.send(parcel(), None))
    assert server.by_key == {parcel().id: 1, parcel("resolved").id: 1}


@pytest.mark.parametrize(
    ("more", "place", "channel"),
    [
        ({}, "#alerts", CHANNEL),
        ({"channels": {"#alerts": "C02"}}, "#alerts", "C02"),
        ({"channels": {"alerts": "C02"}}, "#alerts", "C02"),
        ({"channels": {"#alerts": "C02"}}, "#ops-alerts", "C04"),
        ({"channels": {"#alerts": "C02"}}, None, CHANNEL),
        ({"channels": {"#alerts": "C02"}}, "Engineering Lead", CHANNEL),
        ({"channel": "#other"}, None, "C05"),
    ],
)
def test_places_are_channels(
    server: SlackServer, more: dict[str, Any], place: str, channel: str
) -> None:
    slack = bot(server, **more)
    some = parcel(place=place)
    called = slack.send(some, None)
    assert len(server.messages[channel]) == 1
    assert slack.find(some, None) == called


def test_what_arrived_is_found(server: SlackServer) -> None:
    slack = bot(server)
    thread = slack.send(parcel(), None)
    reply = slack.send(parcel("resolved"), thread)
    assert slack.find(parcel(), None) == thread
    assert slack.find(parcel("resolved"), thread) == reply
    assert slack.find(parcel("reminder"), thread) is None
    assert slack.find(parcel("opened", id="another"), None) is None


def test_what_arrived_is_found_on_a_later_page(server: SlackServer) -> None:
    server.largest_page = 2
    slack = bot(server, channels={"#x": "C09"}, channel="#ops-alerts")
    thread = slack.send(parcel(), None)
    for number in range(5):
        slack.send(parcel(id=f"other {number}"), None)
    assert slack.find(parcel(), None) == thread
    assert server.calls.count("users.conversations") > 1


def test_channels_are_asked_for_once(server: SlackServer) -> None:
    slack = bot(server, channel="#alerts")
    for _ in range(3):
        slack.find(parcel(), None)
    assert server.calls.count("users.conversations") == 1


@pytest.mark.parametrize("event", ["opened", "resolved"])
def test_a_message_whose_answer_was_lost_is_not_sent_again(server: SlackServer, event: str) -> None:
    slack = bot(server)
    thread = slack.send(parcel(id="root"), None) if event == "resolved" else None
    server.weather = lambda request: (
        Fault(0, lost=True) if request.path.endswith("postMessage") else None
    )
    with pytest.raises(DeliveryError, match="did not answer"):
        slack.send(parcel(event), thread)
    assert slack.find(parcel(event), thread)
    assert server.by_key[parcel(event).id] == 1


@pytest.mark.parametrize("scope", ["channels:history", "channels:read"])
def test_a_bot_that_may_not_look_sends_again_and_says_so(
    server: SlackServer, scope: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.scopes.discard(scope)
    slack = bot(server, channel="#alerts")
    slack.send(parcel(), None)
    assert slack.find(parcel(), None) is None
    assert "a message may come twice" in caplog.text


@pytest.mark.parametrize("event", ["resolved", "reminder"])
def test_a_reply_to_a_deleted_message_stands_for_itself(server: SlackServer, event: str) -> None:
    slack = bot(server)
    thread = slack.send(parcel(), None)
    server.messages[CHANNEL].clear()
    called = slack.send(parcel(event), thread)
    (left,) = server.messages[CHANNEL]
    assert "thread_ts" not in left
    assert slack.find(parcel(event), thread) == called


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"bot_token": "xoxb-wrong"}, "invalid_auth"),
        ({"channel": "C999"}, "channel_not_found"),
        ({"channel": "#nowhere"}, "channel_not_found"),
        ({"channel": "C02"}, "is_archived"),
    ],
)
def test_a_wrong_bot_or_channel_is_said(
    server: SlackServer, more: dict[str, str], answer: str
) -> None:
    server.archived.add("C02")
    with pytest.raises(DeliveryError, match=f"refused the message to .*: {answer}; check") as said:
        bot(server, **more).send(parcel(), None)
    assert not isinstance(said.value, MessageRefused)
    assert "xoxb" not in str(said.value)


@both_ways
@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "30"}, 30), ({}, None), ({"Retry-After": "x"}, None)]
)
def test_a_limit_of_our_rate_is_handed_on(
    server: SlackServer, way: Way, headers: dict[str, str], seconds: float | None
) -> None:
    server.fault = Fault(429, headers=headers)
    with pytest.raises(DeliveryError, match="limits our rate") as said:
        way(server).send(parcel(), None)
    assert said.value.retry_after_s == seconds
    assert server.asked == 1


@both_ways
@pytest.mark.parametrize("fault", [Fault(500), Fault(503, body='{"ok":false,"error":"x"}'),
                                   Fault(200, body="<h1>Hotel Wi-Fi</h1>")])  # fmt: skip
def test_an_ill_slack_is_said(server: SlackServer, way: Way, fault: Fault) -> None:
    server.fault = Fault(fault.status, body=fault.body)
    with pytest.raises(DeliveryError, match="refused the message") as said:
        way(server).send(parcel(), None)
    assert not isinstance(said.value, MessageRefused)


@both_ways
def test_a_slow_slack_is_waited_for(server: SlackServer, way: Way) -> None:
    server.fault = Fault(0, slow_s=0.2)
    way(server).send(parcel(), None)
    assert len(server.posted) == 1


@both_ways
def test_a_slack_that_hangs_is_left(server: SlackServer, way: Way) -> None:
    server.fault = Fault(0, hangs=True)
    with pytest.raises(DeliveryError, match=r"did not answer within 1 s \(timed out\)"):
        way(server).send(parcel(), None)


@both_ways
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "metadata_too_large"])
def test_a_message_at_fault_is_told_apart(server: SlackServer, way: Way, error: str) -> None:
    by_bot = way is bot
    body = f'{{"ok": false, "error": "{error}"}}' if by_bot else error
    server.fault = Fault(200 if by_bot else 400, body=body)
    with pytest.raises(MessageRefused, match=f"will not take this message: {error}"):
        way(server).send(parcel(), None)


@both_ways
def test_what_is_hostile_is_taken(server: SlackServer, way: Way) -> None:
    way(server).send(hostile(), None)
    assert len(server.posted) == 1


def test_a_webhook_posts_each_note_and_doubles_are_counted(server: SlackServer) -> None:
    hook = webhook(server)
    assert hook.at_least_once
    for some in (parcel(), parcel("resolved"), parcel("resolved")):
        assert hook.send(some, None) is None
    assert hook.find(parcel(), None) is None
    assert (len(server.posted), server.doubled_by_webhook) == (3, 1)


def test_a_wrong_webhook_is_said_without_its_secret(
    server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = webhook(server, webhook_url=f"{server.url}/services/wrong-secret")
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError, match="no_service") as said:
        wrong.send(parcel(), None)
    assert "secret" not in str(said.value) + caplog.text


@pytest.mark.parametrize(
    "url", ["hooks.test/services/hush", "http://127.0.0.1:1/ hush", "x://hush"]
)
def test_a_webhook_that_is_no_address_is_said_without_it(url: str) -> None:
    wrong = Slack.model_construct(webhook_url=SecretStr(url))
    with pytest.raises(DeliveryError, match="check SYNTHETIC_SLACK__WEBHOOK_URL") as said:
        SlackWebhook(wrong, 1).send(parcel(), None)
    assert "hush" not in "".join(format_exception(said.value))


def test_a_place_that_the_bot_cannot_use_is_told_from_slack_itself(server: SlackServer) -> None:
    server.archived.add(CHANNEL)
    with pytest.raises(PlaceUnusable, match="is_archived"):
        bot(server).send(parcel(), None)


@pytest.mark.parametrize("body", ['{"ok": true}', '{"ok": true, "messages": 5, "channel": "C"}'])
def test_an_answer_that_lacks_what_it_should_have_is_said(server: SlackServer, body: str) -> None:
    slack = bot(server)
    server.weather = lambda _: Fault(200, body=body)
    with pytest.raises(DeliveryError, match="Slack answered something else"):
        slack.send(parcel(), None)
