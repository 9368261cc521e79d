"""A network that breaks under a call, between two pages in a real browser."""

from __future__ import annotations

import gc
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from synthetic.errors import UsageError
from synthetic.media.relay import Network
from tests.unit.conftest import Web
from tests.unit.media.relayed import Person, connect, person, seeded

Breaking = Callable[[Network, Person], AbstractContextManager[object]]
BREAKINGS: dict[str, Breaking] = {
    "cut": lambda network, who: network.cut(who, seconds=0),
    "lossy": lambda network, who: network.lossy(who, 0.5),
    "held": lambda network, who: network.held_to(who, 100),
}
FROZEN_AFTER_MS = 500  # what is on its way and in the buffers is still shown


@dataclass(frozen=True)
class Call:
    """Two people in a call."""

    network: Network
    host: Person
    guest: Person

    @property
    def people(self) -> tuple[Person, Person]:
        """Both."""
        return self.host, self.guest


@pytest.fixture(scope="module")
def call(chromium: Browser) -> Iterator[Call]:
    """One call for all tests of this module."""
    with (
        seeded() as network,
        person(chromium, network, "host") as host,
        person(chromium, network, "guest") as guest,
    ):
        connect(host, guest)
        yield Call(network, host, guest)


@pytest.fixture
def network(call: Call) -> Network:
    """The network of the call, whole."""
    assert all(call.network.clean(one.role) for one in call.people)
    return call.network


def crosses(network: Network, one: Person) -> bool:
    """Whether every address that ``one`` talks to, once one is chosen, is a port of the relay."""
    ports = {port for _, port in one.page.evaluate("chosenPairs()")}
    return bool(ports) and ports <= network.ports()


def test_all_media_crosses_the_relay(call: Call, network: Network) -> None:
    for one in call.people:
        assert crosses(network, one)
        before = network.packets(one.role).carried
        one.sees_new_frames(time.time() * 1000 + 500)
        assert network.packets(one.role).carried > before + 5


def test_a_cut_freezes_both_pictures_and_they_flow_again(call: Call, network: Network) -> None:
    with network.cut(call.guest, seconds=3) as cut:
        assert not network.clean("guest")
    assert cut.restored_ms is not None
    assert 3000 <= cut.restored_ms - cut.begun_ms < 4000
    for one in call.people:
        one.sees_new_frames(cut.restored_ms)
        during = [
            at for at in one.frames() if cut.begun_ms + FROZEN_AFTER_MS < at < cut.restored_ms
        ]
        assert during == []
    assert network.packets("guest").dropped > 0


def rate_kbps(one: Person, milliseconds: int) -> float:
    """What arrives at ``one`` in that time."""
    first = one.inbound()
    one.page.evaluate("span => new Promise((go) => setTimeout(go, span))", milliseconds)
    last = one.inbound()
    octets = last["bytesReceived"] - first["bytesReceived"]
    return float(octets * 8 / (last["timestamp"] - first["timestamp"]))


def test_loss_shows_in_the_statistics(call: Call, network: Network) -> None:
    first = call.host.inbound()
    with network.lossy(call.guest, 0.2):
        rate_kbps(call.host, 2000)
        last = call.host.inbound()
    lost = last["packetsLost"] - first["packetsLost"]
    arrived = last["packetsReceived"] - first["packetsReceived"]
    assert 0.05 < lost / (lost + arrived) < 0.4


def test_a_slow_line_holds_the_picture_to_its_rate(call: Call, network: Network) -> None:
    # A sender climbs slowly after a lossy line: half of what it sends now is slow at any time.
    limit_kbps = rate_kbps(call.host, 2000) / 2
    with network.held_to(call.guest, limit_kbps):
        rate_kbps(call.host, 500)
        held = rate_kbps(call.host, 2000)
    assert 0 < held <= limit_kbps * 1.05


@pytest.mark.parametrize("breaking", BREAKINGS.values(), ids=BREAKINGS.keys())
def test_the_line_is_restored_when_the_test_fails(
    call: Call, network: Network, breaking: Breaking
) -> None:
    def fails() -> None:
        with breaking(network, call.guest):
            assert not network.clean("guest")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert network.clean("guest")


def test_a_cut_within_a_cut_ends_with_the_outer_one(call: Call, network: Network) -> None:
    with network.cut(call.guest, seconds=0):
        with network.cut(call.guest, seconds=0):
            pass
        assert not network.clean("guest")
    assert network.clean("guest")


def test_conditions_add_up_and_end_one_by_one(call: Call, network: Network) -> None:
    with network.lossy(call.guest, 0.1):
        with network.held_to(call.guest, 500):
            pass
        assert not network.clean("guest")
    assert network.clean("guest")


def test_others_are_left_whole(call: Call, network: Network) -> None:
    with network.cut(call.guest, seconds=0):
        assert network.clean("host")


@pytest.mark.parametrize(
    ("breaking", "sentence"),
    [
        (lambda network, who: network.lossy(who, 1.2), "cannot lose 1.2 of its packets"),
        (lambda network, who: network.held_to(who, 0), "cannot be held to 0 kbps; to stop it, cut"),
    ],
)
def test_what_cannot_be_is_refused(
    call: Call, network: Network, breaking: Breaking, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence), breaking(network, call.guest):
        pytest.fail("it was let in")


@dataclass(frozen=True)
class Stranger:
    """Somebody whose browser was never given the network."""

    role: str = "third"


@pytest.mark.parametrize("breaking", BREAKINGS.values(), ids=BREAKINGS.keys())
def test_a_stranger_is_refused(network: Network, breaking: Breaking) -> None:
    stranger = Stranger()
    with (
        pytest.raises(UsageError, match=r"third is not on this network, which has \['guest', 'h"),
        breaking(network, stranger),  # type: ignore[arg-type]  # no Someone, on purpose
    ):
        pytest.fail("it was let in")


WRAPPINGS = {
    "a class": "class extends RTCPeerConnection {}",
    "a function": "function (...args) { return Reflect.construct(RTCPeerConnection, args); }",
    "its older name": "webkitRTCPeerConnection",
}


@pytest.mark.parametrize("connection", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_media_crosses_the_relay_whatever_the_page_puts_in_place_of_connections(
    chromium: Browser, connection: str
) -> None:
    with (
        seeded() as network,
        person(chromium, network, "host") as host,
        person(chromium, network, "guest") as guest,
    ):
        connect(host, guest, connection)
        for one in (host, guest):
            assert crosses(network, one)


def test_cutting_without_media_is_refused_unless_said(chromium: Browser) -> None:
    with seeded() as network, person(chromium, network, "host") as host:
        with (
            pytest.raises(UsageError, match="would prove nothing: no sound or picture"),
            network.cut(host, seconds=0),
        ):
            pytest.fail("it was let in")
        with network.cut(host, seconds=0, media=False):
            assert not network.clean("host")


def test_http_waits_out_a_cut_and_goes_on(chromium: Browser, web: Web) -> None:
    web.page("")
    web.put("/said", "hello")
    with seeded() as network, person(chromium, network, "host", web.url) as host:
        ask = "() => { globalThis.said = fetch('/said').then((answer) => answer.text()); }"
        with network.cut(host, seconds=0.3, media=False):
            host.page.evaluate(ask)
            still = "() => Promise.race([said, new Promise((go) => setTimeout(go, 200, 'cut'))])"
            assert host.page.evaluate(still) == "cut"
        assert host.page.evaluate("() => said") == "hello"
        assert network.packets("host").connections >= 1


def test_a_network_that_does_not_run_says_so() -> None:
    with pytest.raises(UsageError, match="not running; use it inside `with Network"):
        seeded().proxy_of("host")


def test_nothing_stays_open_of_who_was_just_let_in() -> None:
    """Warnings of what was left open are errors, told by whoever collects it."""
    for _ in range(10):
        with Network(random.random) as network:
            port = urlsplit(network.proxy_of("host")).port
            comers = [socket.create_connection(("127.0.0.1", port or 0)) for _ in range(10)]
        for one in comers:
            one.close()
        gc.collect()
