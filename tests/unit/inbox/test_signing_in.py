"""Signing in over plain HTTP, at targets that answer in strange ways."""

from __future__ import annotations

import socket
import threading
import time

import httpx
import pytest

from synthetic.errors import RateLimited
from synthetic.inbox.signing_in import sign_in
from tests.unit.conftest import Web
from tests.unit.probes.rounds import GUEST, settings
from tests.unit.probes.servers import Answering, raw

LOG_IN = "POST /api/auth/login"


def signed_in(url: str) -> httpx.Cookies:
    known = settings(url, INBOX__KIND="fixed", INBOX__CODES=f'{{"{GUEST}": "123456"}}')
    with httpx.Client(timeout=5) as client:
        assert sign_in(
            client,
            url,
            GUEST,
            log_in=LOG_IN,
            inbox=known.inbox,
            timeout_s=5,
            secret=lambda _: None,
        )
        return client.cookies


def answering(over: threading.Event, head: bytes, drip: bytes) -> Answering:
    def answer(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: login=token\r\n" + head + b"\r\n\r\n")
        while not over.wait(0.05):
            line.sendall(drip)

    return answer


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"Content-Length: 1000000", b"x"),
        (b"Content-Length: 99999999999\r\nContent-Encoding: gzip", b"no gzip at all" * 10_000),
    ],
    ids=["drips", "endless and damaged"],
)
def test_nobody_waits_for_the_body_of_an_answer(head: bytes, drip: bytes) -> None:
    over = threading.Event()
    began = time.monotonic()
    with raw(answering(over, head, drip)) as port:
        cookies = signed_in(f"http://127.0.0.1:{port}")
        over.set()
    assert cookies["login"] == "token"
    assert time.monotonic() - began < 3


def test_too_many_log_ins_say_for_how_long(web: Web) -> None:
    web.put("/api/auth/login", "", 429, Retry_After="77")
    with pytest.raises(RateLimited) as caught:
        signed_in(web.url)
    assert caught.value.retry_after_s == 77
