"""An event reaches Sentry once, however often it is sent; limits and refusals are said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from synthetic._settings_channels import Sentry
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels.sentry import SentryChannel
from tests.notes import NOW, hostile, parcel
from tests.services.sentry_server import KEY, SentryServer, serving
from tests.services.vendor import Fault


@pytest.fixture
def server() -> Iterator[SentryServer]:
    with serving() as sentry:
        yield sentry


def channel(dsn: str) -> SentryChannel:
    return SentryChannel(Sentry.model_validate({"dsn": dsn}), 1, lambda: NOW)


def test_an_event_sent_twice_is_there_once(server: SentryServer) -> None:
    sentry = channel(server.dsn)
    server.fault = Fault(0, lost=True)
    with pytest.raises(DeliveryError, match="did not answer"):
        sentry.send(parcel(), None)
    assert sentry.find(parcel(), None) is None
    called = sentry.send(parcel(), None)
    assert (list(server.events), server.dropped) == ([called], [called])


def test_what_is_hostile_is_taken(server: SentryServer) -> None:
    assert channel(server.dsn).send(hostile(), None) in server.events


@pytest.mark.parametrize("wrong", [("b15", "bad"), ("/42", "/43")])
def test_a_wrong_dsn_is_said(server: SentryServer, wrong: tuple[str, str]) -> None:
    with pytest.raises(
        DeliveryError, match=r"Sentry answered 403: .*SYNTHETIC_SENTRY__DSN"
    ) as said:
        channel(server.dsn.replace(*wrong, 1)).send(parcel(), None)
    assert KEY not in str(said.value)


def test_a_key_that_cannot_be_sent_is_not_shown(server: SentryServer) -> None:
    with pytest.raises(DeliveryError, match="LocalProtocolError") as said:
        channel(server.dsn.replace(KEY, "hush\x00")).send(parcel(), None)
    assert "hush" not in str(said.value)


def test_what_is_no_dsn_is_said_without_it() -> None:
    with pytest.raises(DeliveryError, match="should be a DSN such as") as said:
        channel("hush").send(parcel(), None)
    assert "hush" not in str(said.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7", "X-Sentry-Rate-Limits": "60:error:organization"}, 60),
        ({"Retry-After": "7", "X-Sentry-Rate-Limits": "60:transaction:key"}, 7),
        ({"Retry-After": "7"}, 7),
        ({}, 60),
    ],
)
def test_a_limit_of_our_rate_is_handed_on(
    server: SentryServer, headers: dict[str, str], seconds: float
) -> None:
    server.fault = Fault(429, headers=headers)
    with pytest.raises(DeliveryError, match=f"asks to wait {seconds} s") as said:
        channel(server.dsn).send(parcel(), None)
    assert said.value.retry_after_s == seconds


def test_an_event_that_was_taken_stays_taken_though_a_limit_follows(server: SentryServer) -> None:
    server.limits = "60:error:organization:quota"
    assert channel(server.dsn).send(parcel(), None) in server.events


@pytest.mark.parametrize("status", [400, 413])
def test_a_message_at_fault_is_told_apart(server: SentryServer, status: int) -> None:
    server.fault = Fault(status, body='{"detail":"invalid event envelope"}')
    with pytest.raises(MessageRefused, match="invalid event envelope"):
        channel(server.dsn).send(parcel(), None)


@pytest.mark.parametrize("fault", [Fault(500), Fault(503), Fault(301)])
def test_an_ill_sentry_is_said(server: SentryServer, fault: Fault) -> None:
    server.fault = Fault(fault.status)
    with pytest.raises(DeliveryError, match=f"Sentry answered {fault.status}"):
        channel(server.dsn).send(parcel(), None)


def test_one_that_hangs_is_left(server: SentryServer) -> None:
    server.fault = Fault(0, hangs=True)
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.2 s"):
        replace(channel(server.dsn), timeout_s=0.2).send(parcel(), None)
