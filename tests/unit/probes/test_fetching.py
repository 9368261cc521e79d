"""One answer at a time, from servers that misbehave in every way."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time

import httpcore
import httpx
import pytest
import trustme

from synthetic.errors import StepTimeout, TargetUnreachable
from synthetic.probes.fetching import TooOften, fetch
from tests.unit.conftest import Web
from tests.unit.probes.fetches import NO_TLS, asked, fetched
from tests.unit.probes.servers import raw, says

_SERVER = ssl.PROTOCOL_TLS_SERVER


def test_an_answer_is_whole_and_its_time_is_split() -> None:
    with raw(says(body=b"Hello", X_Cache="HIT")) as port:
        answer = fetched(f"http://localhost:{port}/")
    assert (answer.status, answer.body, answer.headers["x-cache"]) == (200, b"Hello", "HIT")
    timing = answer.timing
    parts = (timing.dns_ms, timing.connect_ms, timing.first_byte_ms, timing.body_ms)
    known = [part for part in parts if part is not None]
    assert len(known) == 4
    assert min(known) >= 0
    assert timing.tls_ms is None
    assert sum(known) <= timing.total_ms


def test_what_comes_late_is_late_in_its_own_part() -> None:
    over = threading.Event()

    def late(line: socket.socket) -> None:
        over.wait(0.2)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        over.wait(0.1)
        line.sendall(b"b")

    with raw(late) as port:
        timing = fetched(f"http://127.0.0.1:{port}/").timing
    assert timing.first_byte_ms
    assert timing.body_ms
    assert timing.first_byte_ms > 100
    assert timing.body_ms > 50
    assert timing.total_ms > 250


def test_requests_share_a_connection() -> None:
    lines = []

    def twice(line: socket.socket) -> None:
        lines.append(line)
        for _ in range(2):
            says()(line)
            line.recv(4096)

    async def ask(client: httpx.AsyncClient) -> list[bool]:
        url = f"http://127.0.0.1:{port}/"
        return [(await fetch(client, url, timeout_s=5)).timing.reused for _ in range(2)]

    with raw(twice) as port:
        assert asked(ask, NO_TLS) == [False, True]
    assert len(lines) == 1


def test_a_connection_that_was_closed_meanwhile_is_nobodys_failure() -> None:
    """The other side may close a kept connection just when a request is on its way."""
    closing = threading.Event()
    lines = []

    def once_then_gone(line: socket.socket) -> None:
        lines.append(line)
        says()(line)
        if len(lines) == 1:
            line.recv(4096)  # takes the second request, and goes without an answer
            closing.set()
        else:
            closing.wait(5)

    async def ask(client: httpx.AsyncClient) -> list[int]:
        url = f"http://127.0.0.1:{port}/"
        return [(await fetch(client, url, timeout_s=5)).status for _ in range(2)]

    with raw(once_then_gone) as port:
        assert asked(ask, NO_TLS) == [200, 200]
    assert len(lines) == 2


def test_a_fresh_connection_that_is_cut_is_a_failure() -> None:
    with raw(lambda _: None) as port, pytest.raises(TargetUnreachable, match="nothing usable"):
        fetched(f"http://127.0.0.1:{port}/")


def test_a_reset_is_a_failure() -> None:
    def reset(line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        line.close()

    with raw(reset) as port, pytest.raises(TargetUnreachable, match="ReadError"):
        fetched(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("start", "kind", "said"),
    [
        (b"", TargetUnreachable, "did not answer within"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", TargetUnreachable, "did not answer within"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", StepTimeout, "was not whole after"),
    ],
    ids=["silence", "head", "body"],
)
def test_what_trickles_is_given_up_in_time(start: bytes, kind: type[Exception], said: str) -> None:
    over = threading.Event()

    def trickle(line: socket.socket) -> None:
        line.sendall(start)
        while not over.wait(0.05):
            line.sendall(b"." if start else b"")

    began = time.monotonic()
    with raw(trickle) as port:
        with pytest.raises(kind, match=f"{said} 0.3 s"):
            fetched(f"http://127.0.0.1:{port}/", timeout_s=0.3)
        over.set()
    assert time.monotonic() - began < 3


def test_a_loop_of_redirects_is_named(web: Web) -> None:
    web.put("/a", "", 302, Location="/b")
    url = web.put("/b", "", 302, Location="/a")
    with pytest.raises(TargetUnreachable, match="redirects in a loop"):
        fetched(url)


@pytest.mark.parametrize(
    "place", ["http://[", "ftp://127.0.0.1/", "http://" + "a" * 300 + ".test/"]
)
def test_a_redirect_to_nowhere_is_told(web: Web, place: str) -> None:
    with pytest.raises(TargetUnreachable, match="nothing usable answers"):
        fetched(web.put("/", "", 302, Location=place))


def test_a_name_that_is_gone_is_told() -> None:
    with pytest.raises(TargetUnreachable, match=r"the name no-such-host\.invalid leads nowhere"):
        fetched("http://no-such-host.invalid/", timeout_s=10)


def test_a_server_of_ipv6_only_is_reached_by_name_and_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its name may have an IPv4 address as well, where nobody listens."""
    known = socket.getaddrinfo

    def both(host: str, *how: object, **more: object) -> list[object]:
        if host != "both.test":
            return known(host, *how, **more)  # type: ignore[arg-type,return-value]
        hosts = ("127.0.0.1", "::1")
        return [one for each in hosts for one in known(each, *how, **more)]  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with raw(says(), family=socket.AF_INET6) as port:
        assert fetched(f"http://[::1]:{port}/").status == 200
        assert fetched(f"http://both.test:{port}/").status == 200


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """Where names lead, each after a tenth of a second."""
    known, names = socket.getaddrinfo, dict[str, tuple[str, ...]]()

    def look_up(host: str, *how: object, **more: object) -> list[object]:
        if host in names:
            threading.Event().wait(0.1)
        hosts = names.get(host, (host,))
        return [one for each in hosts for one in known(each, *how, **more)]  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def test_an_address_that_swallows_everything_costs_a_moment(
    monkeypatch: pytest.MonkeyPatch, addresses: dict[str, tuple[str, ...]]
) -> None:
    """As IPv6 does on many a network."""
    addresses["both.test"] = ("192.0.2.1", "127.0.0.1")
    known = httpcore.AnyIOBackend.connect_tcp

    async def connect(self: httpcore.AnyIOBackend, host: str, *how: object) -> object:
        if host == "192.0.2.1":
            await asyncio.Event().wait()
        return await known(self, host, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with raw(says()) as port:
        answer = fetched(f"http://both.test:{port}/", timeout_s=3)
    assert answer.timing.connect_ms is not None
    assert 200 < answer.timing.connect_ms < 2000


def test_each_look_up_counts_once_where_a_redirect_leads_to_another_host(
    addresses: dict[str, tuple[str, ...]],
) -> None:
    addresses |= {"one.test": ("127.0.0.1",), "other.test": ("127.0.0.1",)}
    with raw(says()) as port, raw(says("302 Found", Location=f"http://other.test:{port}/")) as here:
        timing = asked(
            lambda client: fetch(client, f"http://one.test:{here}/", timeout_s=5), NO_TLS
        ).timing
    assert timing.dns_ms is not None
    assert timing.connect_ms is not None
    assert timing.dns_ms >= 200
    assert 0 <= timing.connect_ms < 100


def http_2(line: socket.socket) -> None:
    line.sendall(b"\0\0\0\x04\0\0\0\0\0")  # a frame of settings, which is empty
    line.recv(4096)


def test_http_2_only_is_named_where_tls_agrees_on_nothing() -> None:
    authority = trustme.CA()
    ours, theirs = (ssl.SSLContext(one) for one in (ssl.PROTOCOL_TLS_CLIENT, _SERVER))
    authority.configure_trust(ours)
    authority.issue_cert("localhost").configure_cert(theirs)
    theirs.set_alpn_protocols(["h2"])
    with raw(http_2, theirs) as port, pytest.raises(TargetUnreachable, match="HTTP/2 only"):
        fetched(f"https://localhost:{port}/", trusting=ours)


def test_http_2_only_is_named_without_tls() -> None:
    with raw(http_2) as port, pytest.raises(TargetUnreachable, match="HTTP/2 only"):
        fetched(f"http://127.0.0.1:{port}/")


def test_a_bad_certificate_is_told() -> None:
    theirs = ssl.SSLContext(_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(theirs)
    with (
        raw(says(), theirs) as port,
        pytest.raises(TargetUnreachable, match="certificate verify failed"),
    ):
        fetched(f"https://localhost:{port}/", trusting=ssl.create_default_context())


@pytest.mark.parametrize(("said", "wait_s"), [({"Retry_After": "7"}, 7), ({}, None)])
def test_asking_too_often_says_for_how_long(
    web: Web, said: dict[str, str], wait_s: float | None
) -> None:
    with pytest.raises(TooOften, match="we asked too often") as caught:
        fetched(web.put("/", "", 429, **said))
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize("wall", ["cf-mitigated", "x-vercel-mitigated"])
def test_a_wall_against_robots_is_nobodys_outage(web: Web, wall: str) -> None:
    with pytest.raises(TooOften, match="no robot"):
        fetched(web.put("/", "", 403, **{wall: "challenge"}))


def test_what_stands_after_a_question_mark_is_not_told() -> None:
    with raw(lambda _: None) as port, pytest.raises(TargetUnreachable) as caught:
        fetched(f"http://127.0.0.1:{port}/?session_id=abc")
    assert "abc" not in str(caught.value)
