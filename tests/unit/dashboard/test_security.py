"""Who may look and act: names of this host, the token, tickets, and what nobody can forge."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from synthetic.dashboard.security import LASTS_S, PER_S, TRIES, Access, Tries, same_origin
from synthetic.errors import SettingsError
from synthetic.settings import Settings

TOKEN = "a token of sixteen or more"


def access(
    host: str = "127.0.0.1", token: str | None = None, hosts: tuple[str, ...] = ()
) -> Access:
    usual = Settings()
    given = {"token": SecretStr(token) if token else None, "hosts": hosts}
    own = usual.dashboard.model_copy(update=given)
    return Access.of(usual.model_copy(update={"dashboard": own}), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "dash.example"])
@pytest.mark.parametrize("token", [None, "short"])
def test_what_others_can_reach_needs_a_long_token(host: str, token: str | None) -> None:
    with pytest.raises(SettingsError, match="SYNTHETIC_DASHBOARD__TOKEN"):
        access(host, token)
    assert access(host, TOKEN).exposed


def test_names_for_others_expose_it_too() -> None:
    with pytest.raises(SettingsError):
        access(hosts=("dash.example",))
    assert access(hosts=("dash.example",), token=TOKEN).exposed


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_none(host: str) -> None:
    assert not access(host).exposed


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8000", False),
        ("192.0.2.7", False),
        ("", False),
        ("[", False),
    ],
)
def test_on_loopback_only_loopback_is_meant(header: str, ours: bool) -> None:
    assert access().names_us(header) is ours


@pytest.mark.parametrize(
    ("header", "ours"),
    [("192.0.2.7:80", True), ("Dash.Example", True), ("evil.example", False), ("0x7f.1", False)],
)
def test_exposed_an_address_will_do_but_no_strange_name(header: str, ours: bool) -> None:
    assert access("0.0.0.0", TOKEN, ("dash.example",)).names_us(header) is ours


def test_a_ticket_counts_until_its_time_is_over() -> None:
    door = access(token=TOKEN)
    ticket = door.ticket(1000)
    assert door.holds(ticket, 1000 + LASTS_S - 1)
    assert not door.holds(ticket, 1000 + LASTS_S + 1)


@pytest.mark.parametrize("forged", ["", "9999999999", "9999999999.", "9999999999.00", "x.y", "²."])
def test_a_forged_ticket_opens_nothing(forged: str) -> None:
    assert not access(token=TOKEN).holds(forged, 0)


def test_another_token_ends_all_sessions() -> None:
    ticket = access(token=TOKEN).ticket(0)
    assert not access(token="another of sixteen or more").holds(ticket, 1)
    assert not access().holds(ticket, 1), "without a token nobody may act"


def test_who_guesses_waits() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    for _ in range(TRIES):
        assert not tries.wait_s("192.0.2.7")
        tries.was_wrong("192.0.2.7")
    assert tries.wait_s("192.0.2.7") == PER_S
    assert not tries.wait_s("192.0.2.8"), "others need not"
    now[0] = PER_S + 1
    assert not tries.wait_s("192.0.2.7")


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://127.0.0.1:80", "host": "127.0.0.1:80"}, True),
        ({"origin": "http://127.0.0.1:81", "host": "127.0.0.1:80"}, False),
        ({"origin": "null", "host": "127.0.0.1:80"}, False),
    ],
)
def test_only_our_own_pages_may_send_forms(headers: dict[str, str], ours: bool) -> None:
    assert same_origin(headers) is ours
