"""Channels are there when they are configured; places that are one channel are told once."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.notify.channels.registry import channels, settled
from synthetic.plan.model import Destination, Plan, Route
from synthetic.settings import Settings
from tests.notes import parcel

BOT = {"bot_token": "xoxb-1", "channel": "C1"}


def names(**settings: Any) -> set[str]:
    return set(channels(Settings.model_validate(settings)))


@pytest.mark.parametrize(
    ("settings", "there"),
    [
        ({}, set()),
        ({"slack": BOT}, {"slack"}),
        ({"slack": {"webhook_url": "https://x.test"}}, {"slack"}),
        ({"pagerduty": {"routing_key": "f" * 32}}, {"pagerduty"}),
        ({"jira": {"api_url": "http://x.test"}}, {"jira"}),
        ({"sentry": {"dsn": "http://k@x.test/1"}}, {"sentry"}),
        ({"webhook": {"url": "http://x.test"}}, {"webhook"}),
        ({"apprise": {"urls": {"sms": "a://b", "signal": "c://d"}}}, {"sms", "signal"}),
    ],
)
def test_what_is_configured_is_there(settings: dict[str, Any], there: set[str]) -> None:
    assert names(**settings) == there | {"console"}


def test_a_bot_is_used_rather_than_a_webhook() -> None:
    some = Settings.model_validate({"slack": {**BOT, "webhook_url": "https://x.test"}})
    assert channels(some)["slack"].at_least_once is False


def test_the_console_shows_where_it_is_told() -> None:
    shown: list[str] = []
    channels(Settings(), show=shown.append)["console"].send(parcel(), None)
    assert shown[0].startswith("🔴 CRITICAL: Error rate 12%")


def test_channels_print_no_secret() -> None:
    some = Settings.model_validate(
        {
            "slack": {**BOT, "bot_token": "hush"},
            "pagerduty": {"routing_key": "hush", "routing_keys": {"lead": "hush"}},
            "jira": {"api_url": "http://x.test", "token": "hush"},
            "sentry": {"dsn": "hush"},
            "webhook": {"url": "hush", "secret": "hush"},
            "apprise": {"urls": {"sms": "a://hush"}},
        }
    )
    assert "hush" not in repr(channels(some))


def plan(*to: tuple[str, str | None]) -> Plan:
    ways = tuple(Destination.model_validate({"channel": one, "place": place}) for one, place in to)
    route = Route(id="r", part="E", heading="h", item="i", title="t", to=ways)
    return Plan(metrics={}, rows=(), routes=(route,), causes={}, phases=(), tiers=())


TWO = (("slack", "#alerts"), ("slack", "#ops-alerts"), ("sms", "Lead"))


@pytest.mark.parametrize(
    ("slack", "to"),
    [
        (BOT, [("slack", "C1"), ("sms", "Lead")]),
        ({**BOT, "channels": {"#alerts": "C2"}},
         [("slack", "C2"), ("slack", "#ops-alerts"), ("sms", "Lead")]),
        ({"webhook_url": "https://x.test"}, [("slack", None), ("sms", "Lead")]),
    ],
)  # fmt: skip
def test_places_that_are_one_channel_are_one(slack: dict[str, Any], to: list[Any]) -> None:
    done = settled(plan(*TWO), Settings.model_validate({"slack": slack}))
    assert [(one.channel, one.place) for one in done.routes[0].to] == to
