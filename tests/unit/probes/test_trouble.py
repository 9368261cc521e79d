"""Rounds amid trouble: a network that comes and goes, and what takes too long."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable

import pytest

from synthetic.probes import member as members
from synthetic.probes.one_round import OFFLINE, PROFILE, Round
from synthetic.probes.prober import Probed, Prober
from tests.unit.conftest import Web
from tests.unit.probes.rounds import HEALTH, probing, settings, values
from tests.unit.probes.servers import raw


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The name product.test leads to loopback, but for as many look-ups as are lost first."""
    known, made = socket.getaddrinfo, list[str]()

    def losing(lost: int) -> None:
        def look_up(host: str, *how: object, **more: object) -> object:
            if host != "product.test":
                return known(host, *how, **more)  # type: ignore[arg-type]
            made.append(host)
            if len(made) <= lost:
                raise OSError("no network")
            return known("127.0.0.1", *how, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return losing


def named(web: Web) -> str:
    return web.url.replace("127.0.0.1", "product.test")


@pytest.fixture
def way_out(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], bool]], None]:
    def follows(open_now: Callable[[], bool]) -> None:
        async def asked(_: Prober) -> bool:
            return open_now()

        monkeypatch.setattr(Prober, "_way_out", asked)

    return follows


def test_a_short_drop_of_our_own_network_is_held_against_nobody(
    product: Web,
    signing_in: list[str],
    lookups: Callable[[int], None],
    way_out: Callable[[Callable[[], bool]], None],
) -> None:
    """It is over before the round is: by then nobody could tell that there was one."""
    lookups(2)
    answers = iter([False, False])
    way_out(lambda: next(answers, True))
    product.put(PROFILE, "{}")
    probed = probing(settings(named(product), WATCH__PROBE_EVERY="1s"))
    assert signing_in
    assert values(probed, "request_failed", endpoint=PROFILE) == [0, 0]
    assert not values(probed, "site_up")
    assert not values(probed, "health_up")
    assert not values(probed, "request_failed", endpoint=HEALTH)
    assert OFFLINE in probed.findings


def test_what_nothing_answers_is_asked_once_more_where_others_are_answered(
    product: Web,
    lookups: Callable[[int], None],
    way_out: Callable[[Callable[[], bool]], None],
) -> None:
    lookups(1)
    way_out(lambda: True)
    probed = probing(settings(named(product)))
    assert values(probed, "site_up") == values(probed, "health_up") == [1]
    assert any(one.endswith("it is asked once more.") for one in probed.findings)


def test_what_nothing_answers_twice_is_believed(product: Web) -> None:
    with raw(lambda _: None) as port:  # hangs up
        product.put("/", "", 302, Location=f"http://127.0.0.1:{port}/")
        probed = probing(settings(product.url))
    assert values(probed, "site_up") == [0]
    assert values(probed, "health_up") == [1]
    assert [one.path for one in product.heard].count("/") == 2


def test_a_line_that_dies_amid_an_answer_is_held_against_nobody(
    way_out: Callable[[Callable[[], bool]], None],
) -> None:
    over = threading.Event()

    def half(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        over.wait(5)

    way_out(lambda: False)
    with raw(half) as port:
        probed = probing(settings(f"http://127.0.0.1:{port}", PROBES__TIMEOUT_S="0.3"))
        over.set()
    assert probed == Probed((), (OFFLINE,))


@pytest.fixture
def slow_mail(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A log-in that takes until the event."""
    came = threading.Event()

    def sign_in(client: object, *_: object, **__: object) -> bool:
        came.wait(10)
        client.cookies.set("login", "token-of-a-member")  # type: ignore[attr-defined]
        return True

    monkeypatch.setattr(members, "sign_in", sign_in)
    monkeypatch.setattr(members, "_PATIENCE_S", 0.1)
    return came


def test_a_log_in_that_takes_long_is_there_for_a_later_round(
    product: Web, slow_mail: threading.Event
) -> None:
    product.put(PROFILE, "{}")

    async def until_signed_in(prober: Prober) -> Probed:
        first = await prober.round()
        assert values(first, "site_up") == [1]
        assert not values(first, "request_failed", endpoint=PROFILE)
        slow_mail.set()
        async with asyncio.timeout(5):
            while not values(probed := await prober.round(), "request_failed", endpoint=PROFILE):
                assert values(probed, "site_up") == [1]
        return probed

    probed = probing(settings(product.url), until_signed_in)
    assert values(probed, "request_failed", endpoint=PROFILE)[-1] == 0


def test_nobody_waits_for_a_log_in_at_the_end(product: Web, slow_mail: threading.Event) -> None:
    began = time.monotonic()
    assert values(probing(settings(product.url)), "site_up") == [1]
    assert time.monotonic() - began < 5
    slow_mail.set()


def test_a_round_that_never_ends_is_given_up_and_tells_what_it_found(
    product: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: Round) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Round, "certificate", never)
    probed = probing(settings(product.url, PROBES__TIMEOUT_S="0.2"))
    assert values(probed, "site_up") == values(probed, "health_up") == [1]
    assert any("a round of probes was given up" in one for one in probed.findings)


def test_what_was_in_doubt_when_a_round_is_given_up_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(_: Round) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Round, "certificate", never)
    probed = probing(settings("http://127.0.0.1:9", PROBES__TIMEOUT_S="0.2"))
    assert values(probed, "site_up") == values(probed, "health_up") == [0]
