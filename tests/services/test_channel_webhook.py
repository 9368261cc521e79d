"""A webhook of one's own gets signed JSON at least once; what goes wrong is said, secrets not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from synthetic._settings_channels import Webhook
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels.webhook import WebhookChannel
from tests.notes import hostile, parcel
from tests.services.vendor import Fault
from tests.services.webhook_server import SECRET, WebhookServer, serving


@pytest.fixture
def server() -> Iterator[WebhookServer]:
    with serving() as webhook:
        yield webhook


def channel(server: WebhookServer, **more: Any) -> WebhookChannel:
    settings = {"url": server.hook_url, "secret": SECRET} | more
    return WebhookChannel(Webhook.model_validate(settings), 1, lambda: datetime.now(UTC))


def test_what_is_signed_is_believed(server: WebhookServer) -> None:
    channel(server).send(parcel(), None)
    assert server.by_key == {parcel().id: 1}


def test_a_double_is_known_by_its_key(server: WebhookServer) -> None:
    webhook = channel(server)
    assert webhook.at_least_once
    server.fault = Fault(0, lost=True)
    with pytest.raises(DeliveryError, match="did not answer"):
        webhook.send(parcel(), None)
    assert webhook.find(parcel(), None) is None
    webhook.send(parcel(), None)
    assert server.by_key == {parcel().id: 2}


def test_what_is_hostile_is_taken(server: WebhookServer) -> None:
    channel(server).send(hostile(id="ключ \r\nX-Evil: 1"), None)
    assert len(server.taken) == 1


@pytest.mark.parametrize("wrong", [{"secret": "wrong"}, {"secret": None}])
def test_a_wrong_secret_is_a_setting(server: WebhookServer, wrong: dict[str, str]) -> None:
    with pytest.raises(DeliveryError, match=r"401: signature does not match; check SYNTH") as said:
        channel(server, **wrong).send(parcel(), None)
    assert not isinstance(said.value, MessageRefused)


@pytest.mark.parametrize("path", ["/hidden-elsewhere", ":x", "\x00"])
def test_an_address_that_leads_nowhere_is_not_shown(server: WebhookServer, path: str) -> None:
    with pytest.raises(DeliveryError) as said:
        channel(server, url=f"{server.url}{path}").send(parcel(), None)
    assert "hidden" not in str(said.value)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_message_at_fault_is_told_apart(server: WebhookServer, status: int) -> None:
    server.fault = Fault(status, body="no, thanks")
    with pytest.raises(MessageRefused, match=f"{status} no, thanks"):
        channel(server).send(parcel(), None)


@pytest.mark.parametrize(
    ("status", "seconds"), [(429, 9), (503, 9), (302, None), (404, None), (500, 9)]
)
def test_what_may_pass_later_says_when(
    server: WebhookServer, status: int, seconds: float | None
) -> None:
    server.fault = Fault(status, headers={"Retry-After": "9", "Location": "http://127.0.0.1:1/"})
    with pytest.raises(DeliveryError) as said:
        channel(server).send(parcel(), None)
    assert said.value.retry_after_s == seconds
    assert server.asked == 1


def test_one_that_hangs_is_left(server: WebhookServer) -> None:
    server.fault = Fault(0, hangs=True)
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.2 s"):
        replace(channel(server), timeout_s=0.2).send(parcel(), None)
