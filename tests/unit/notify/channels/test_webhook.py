"""What a webhook gets: the note as JSON, under a signature that covers its time."""

from __future__ import annotations

import json

from synthetic.notify.channels.webhook import body, signature
from tests.notes import INCIDENT, hostile, parcel
from tests.services.vendor import Request
from tests.services.webhook_server import SECRET, is_signed


def asked(content: bytes, timestamp: int, given: str) -> Request:
    headers = {"x-synthetic-timestamp": str(timestamp), "x-synthetic-signature": given}
    return Request("POST", "/", {}, headers, content)


def test_the_body_holds_the_note() -> None:
    composed = body(parcel())
    assert (composed["key"], composed["incident"]) == (f"{INCIDENT}/opened@slack", INCIDENT)
    assert composed["facts"][0] == ["Error rate", "12%, alert line > 10%"]
    assert json.loads(json.dumps(composed)) == composed


def test_an_endless_note_has_an_end() -> None:
    assert len(json.dumps(body(hostile()))) < 1_000_000


def test_the_signature_covers_body_and_time() -> None:
    good = signature(b"{}", SECRET, 1000)
    assert is_signed(asked(b"{}", 1000, good), SECRET, 1001)
    assert not is_signed(asked(b"{ }", 1000, good), SECRET, 1001)
    assert not is_signed(asked(b"{}", 1001, good), SECRET, 1001)
    assert not is_signed(asked(b"{}", 1000, good), "wrong", 1001)
    assert not is_signed(asked(b"{}", 1000, good), SECRET, 2000)
