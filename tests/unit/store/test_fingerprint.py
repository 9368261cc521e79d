"""Two messages of one kind have one fingerprint, and two kinds have two."""

from __future__ import annotations

import time

import pytest

from synthetic.store.fingerprint import fingerprint


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("guest did not see “Marie 3f9c” within 20 s", "guest did not see <text> within <n> s"),
        ("host didn't see 'a b' and can't join", "host didn't see <text> and can't join"),
        ("told: \"no, 'x' is 5\"", "told: <text>"),
        ("GET https://kulti.club/api/a?b=1&c=2 took 2.5 s", "GET https://<host>/api/a took <n> s"),
        ("ws://10.0.0.1:80/x and wss://[::1]:9/x", "ws://<host>/x and wss://<host>/x"),
        ("connect to db.internal:5432 refused", "connect to <host> refused"),
        ("db-1:5432, localhost:80 and localhost refused", "<host>, <host> and <host> refused"),
        ("from 192.168.1.10:443 or 2001:db8::1", "from <host> or <host>"),
        ("mail to a.b+c@example.org bounced", "mail to <email> bounced"),
        ("session 8f14e45f-ceea-467f-a9d1-2b6c8b1d2e3f is gone", "session <id> is gone"),
        ("/session/x7Kq29ab/join and 0xdeadbeef", "/session/<id>/join and <id>"),
        ("at 2026-11-26T05:42:00.123Z", "at <time>"),
        ("1,234.5 % of -3", "<n> % of <n>"),
        ("net::ERR_NAME_NOT_RESOLVED in app.js", "net::ERR_NAME_NOT_RESOLVED in app.js"),
        ("a\nb\x1b[31m  c", "a b [<n>m c"),
        ("", ""),
    ],
)
def test_what_differs_each_time_is_masked(message: str, kind: str) -> None:
    assert fingerprint(message) == kind
    assert fingerprint(kind) == kind


def test_what_distinguishes_errors_is_kept() -> None:
    messages = ["did not see the dashboard", "did not see the room", "GET /api/a failed: timeout"]
    assert len({fingerprint(message) for message in messages}) == 3


@pytest.mark.parametrize("piece", ["'", '"', "a", "a-1", "1.", "?=", "a.com.", ":", "a:", "@", "-"])
def test_a_hostile_message_costs_little(piece: str) -> None:
    began = time.process_time()
    assert len(fingerprint(piece * 300_000)) <= 200
    assert time.process_time() - began < 0.5
