"""Checks of our own side, each against a real server on this machine that works, or does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiosmtpd.controller import Controller

from synthetic.errors import MailboxError
from synthetic.inbox.model import Mail
from synthetic.journeys import controls
from synthetic.journeys.controls import (
    Asked,
    made,
    mail_to_ourselves,
    network,
    second_look,
    udp,
    way_out,
)
from synthetic.results import Control
from tests.unit.conftest import Web
from tests.unit.journeys.test_headroom import ENOUGH

HERE = "127.0.0.1"
TO = "guest@synthetic.test"


@pytest.fixture
def nobody() -> str:
    """``host:port`` where nothing listens."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return f"{HERE}:{probe.getsockname()[1]}"


@pytest.fixture
def somebody() -> Iterator[str]:
    """``host:port`` that accepts connections."""
    with socket.create_server((HERE, 0)) as server:
        yield f"{HERE}:{server.getsockname()[1]}"


def test_one_host_that_answers_is_a_way_out(nobody: str, somebody: str) -> None:
    assert way_out([nobody, somebody]).ok is True


def test_no_host_that_answers_is_none(nobody: str) -> None:
    found = way_out([nobody, nobody])
    assert (found.ok, found.said) == (
        False,
        f"neither {nobody} nor {nobody} can be reached from here",
    )


def test_without_hosts_it_cannot_be_told() -> None:
    assert way_out([]).ok is None


def stun(request: bytes) -> bytes:
    return b"\x01\x01\x00\x00" + request[4:20]


@contextmanager
def answering(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A UDP server; ``answer`` makes a packet of each that comes, or none."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind((HERE, 0))

        def serve() -> None:
            while (came := server.recvfrom(2048))[0] != b"end":
                if (said := answer(came[0])) is not None:
                    server.sendto(said, came[1])

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"{HERE}:{server.getsockname()[1]}"
        with socket.socket(type=socket.SOCK_DGRAM) as ends:
            ends.sendto(b"end", server.getsockname())
        thread.join()


def test_udp_passes_when_a_stun_server_answers() -> None:
    with answering(stun) as server:
        assert udp(server).ok is True


def test_a_first_packet_may_be_lost() -> None:
    seen: list[bytes] = []

    def forgetful(request: bytes) -> bytes | None:
        seen.append(request)
        return stun(request) if len(seen) > 1 else None

    with answering(forgetful) as server:
        assert udp(server).ok is True


@pytest.mark.parametrize(
    "answer",
    [lambda _: None, lambda _: b"hello", lambda _: b"\x01\x01\x00\x00" + bytes(16)],
    ids=["silent", "other", "an answer to somebody else"],
)
def test_udp_does_not_pass(
    answer: Callable[[bytes], bytes | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "WAY_OUT_S", 0.3)
    with answering(answer) as server:
        assert udp(server).ok is False


def test_udp_where_nobody_listens(nobody: str) -> None:
    assert udp(nobody).ok is False


class Box:
    """A mailbox that an SMTP server fills; ``broken`` makes it unreadable."""

    resolution_s = 0.001

    def __init__(self, *, broken: bool = False, takes: bool = True) -> None:
        self.ids: set[str] = set()
        self.broken, self.takes = broken, takes
        self.came = threading.Event()

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if not self.takes:
            return "452 the mailbox is full"
        self.ids.add(str(envelope))
        self.came.set()
        return "250 taken"

    def ids_to(self, address: str) -> frozenset[str]:
        assert address == TO
        if self.broken:
            raise MailboxError("down")
        return frozenset(self.ids)

    def mails_to(self, address: str, but: object = ()) -> list[Mail]:
        raise NotImplementedError

    def wait(self, timeout_s: float) -> None:
        self.came.wait(timeout_s)

    def close(self) -> None:
        """Nothing to give back."""


@contextmanager
def smtp(box: Box) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname=HERE, port=port)
    server.start()
    yield f"smtp://{HERE}:{port}"
    server.stop()


def test_a_mail_to_ourselves_that_comes() -> None:
    box = Box()
    with smtp(box) as url:
        assert mail_to_ourselves(url, lambda: box, TO).ok is True


def test_a_mail_to_ourselves_that_is_refused() -> None:
    box = Box(takes=False)
    with smtp(box) as url:
        found = mail_to_ourselves(url, lambda: box, TO)
    assert (found.ok, found.said) == (
        False,
        "a mail to ourselves was refused (SMTPDataError)",
    )


def test_a_way_to_send_that_is_broken_tells_nothing_of_the_mailbox(nobody: str) -> None:
    found = mail_to_ourselves(f"smtp://{nobody}", Box, TO)
    assert (found.ok, found.said) == (
        None,
        "a mail to ourselves could not be sent (ConnectionRefusedError)",
    )


def test_a_password_is_not_sent_in_the_clear() -> None:
    box = Box()
    with smtp(box) as url:
        found = mail_to_ourselves(url.replace("//", "//me:secret@"), lambda: box, TO)
    assert (found.ok, box.ids) == (None, set())


def test_a_mail_to_ourselves_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "MAIL_S", 0.3)
    elsewhere = Box()
    with smtp(elsewhere) as url:
        found = mail_to_ourselves(url, Box, TO)
    assert elsewhere.ids
    assert (found.ok, "did not come" in found.said) == (False, True)


def test_a_mailbox_that_cannot_be_read() -> None:
    assert mail_to_ourselves("smtp://127.0.0.1:1", lambda: Box(broken=True), TO).ok is False


def test_without_a_way_to_send_it_cannot_be_told() -> None:
    found = mail_to_ourselves(None, Box, TO)
    assert (found.ok, "SYNTHETIC_INBOX__SMTP_URL" in found.said) == (None, True)


def test_a_second_look_takes_any_answer(web: Web) -> None:
    found = second_look(httpx.Client, f"{web.url}/no-such-page")
    assert (found.ok, "404" in found.said) == (True, True)


def test_a_second_look_at_nobody(nobody: str) -> None:
    found = second_look(httpx.Client, f"http://{nobody}/")
    assert (found.ok, "ConnectError" in found.said) == (False, True)


def test_another_way_out_is_looked_for_only_when_the_target_is_silent() -> None:
    for answers in (True, False):
        asked: list[str] = []

        def control(name: str, ok: bool, asked: list[str] = asked) -> Callable[[], Control]:
            def ask() -> Control:
                asked.append(name)
                return Control(name=name, ok=ok, said=name)

            return ask

        found = made(
            Asked(
                ENOUGH,
                cut_off=[],
                target=control("target", answers),
                way_out=control("way out", True),
                udp=None,
                call=control("call", True),
                mail=None,
            )
        )
        assert asked == ["target", *([] if answers else ["way out"]), "call"]
        assert [one.name for one in found] == ["machine", *asked]


def test_our_network_is_told_of_only_where_it_changed() -> None:
    at = datetime(2026, 12, 1, 9, 0, 1, tzinfo=UTC)
    assert network([]) is None
    one, two = network([at]), network([at + timedelta(seconds=5), at])
    assert one
    assert two
    assert (one.ok, one.said) == (
        False,
        "our own network changed during the step: a request of our browsers was cut off at "
        "09:00:01 UTC",
    )
    assert "2 requests of our browsers were cut off at 09:00:01 UTC" in two.said
    target = Control(name="target", ok=True, said="")
    asked = Asked(ENOUGH, [at], lambda: target, way_out=None, udp=None, call=None, mail=None)
    assert [each.name for each in made(asked)] == ["machine", "network", "target"]
