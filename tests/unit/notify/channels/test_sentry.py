"""A note as an event of Sentry's, its envelope, and what a DSN says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthetic.asking import Answer
from synthetic.notify.channels.sentry import envelope, event, event_id, limited_for, parse_dsn
from tests.notes import INCIDENT, NOW, hostile, parcel
from tests.services.sentry_server import LARGEST_EVENT, event_in


@pytest.mark.parametrize(
    ("dsn", "endpoint"),
    [
        ("https://k@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/"),
        ("http://k@127.0.0.1:9000/1", "http://127.0.0.1:9000/api/1/envelope/"),
        ("https://k:secret@sentry.test/path/7", "https://sentry.test/path/api/7/envelope/"),
        ("https://k@[::1]:9000/1", "https://[::1]:9000/api/1/envelope/"),
    ],
)
def test_a_dsn_is_an_address_and_a_key(dsn: str, endpoint: str) -> None:
    parsed = parse_dsn(dsn)
    assert parsed
    assert (parsed.endpoint, parsed.key) == (endpoint, "k")


@pytest.mark.parametrize(
    "dsn",
    ["", "hush", "https://sentry.test/42", "https://k@/42", "https://k@host/", "ftp://k@host/1",
     "https://k@host:port/1", "https://k@host/x-y"],
)  # fmt: skip
def test_what_is_no_dsn_is_known(dsn: str) -> None:
    assert parse_dsn(dsn) is None


def test_events_of_an_incident_are_one_issue() -> None:
    first, second = event(parcel()), event(parcel("resolved"))
    assert first["fingerprint"] == second["fingerprint"] == ["synthetic", INCIDENT]
    assert first["event_id"] != second["event_id"]


def test_a_parcel_is_one_event_however_often_it_is_sent() -> None:
    assert event_id(parcel()) == event_id(parcel(tries=5))


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({}, "fatal"),
        ({"severity": "high"}, "error"),
        ({"severity": "medium"}, "warning"),
        ({"severity": "low"}, "info"),
        ({"severity": None}, "info"),
        ({"event": "resolved"}, "info"),
    ],
)
def test_levels_are_sentrys(more: dict[str, Any], level: str) -> None:
    assert event(parcel(**more))["level"] == level


@pytest.mark.parametrize("some", [parcel(), hostile(), parcel(story="two\nlines", facts=())])
def test_an_envelope_holds_the_event(some: Any) -> None:
    content = envelope(event(some), NOW)
    assert event_in(content) == event(some)
    assert len(content) < LARGEST_EVENT
    assert json.loads(content.split(b"\n")[0])["sent_at"] == "2026-11-26T09:30:00+00:00"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("60:transaction:key", None),
        ("60:error:organization", 60),
        ("60:transaction:key, 2700:default;error;security:organization", 2700),
        ("60::organization, 5:error:key", 60),
        ("soon:error:key", None),
        ("60", None),
    ],
)
def test_limits_that_concern_us_are_heard(header: str, seconds: float | None) -> None:
    assert limited_for(Answer(200, {"x-sentry-rate-limits": header}, b"")) == seconds
