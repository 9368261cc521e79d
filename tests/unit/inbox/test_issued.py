"""Codes that no mail brought: known ones, and ones that Supabase's admin API issues."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr, ValidationError

from synthetic._settings_product import Inbox
from synthetic.errors import MailboxError, SettingsError
from synthetic.inbox import Code, open_mailbox, supabase, wait_for_code
from tests.services import supabase_server
from tests.services.supabase_server import KEY, SupabaseServer
from tests.services.vendor import Fault

ME = "host+run7@example.org"


@pytest.fixture
def server() -> Iterator[SupabaseServer]:
    with supabase_server.serving() as server:
        yield server


def inbox(server: SupabaseServer, key: str = KEY) -> Inbox:
    return Inbox(kind="supabase", url=f"{server.url}/", password=SecretStr(key))


def code(settings: Inbox, address: str = ME) -> Code:
    """What a step does: look, let the product ask, read."""
    with closing(open_mailbox(settings)) as box:
        seen, since = box.ids_to(address), datetime.now(UTC)
        return wait_for_code(box, address, since=since, seen_before=seen, timeout_s=1)


def test_a_code_is_issued_after_it_was_asked_for_and_says_by_whom(server: SupabaseServer) -> None:
    with closing(open_mailbox(inbox(server))) as box:
        assert box.ids_to(ME) == frozenset()
        assert server.issued == 0
    found = code(inbox(server))
    assert found.value == server.codes[ME] == "000001"
    assert found.issued_by == "Supabase's admin API"
    assert (datetime.now(UTC) - found.received_at).total_seconds() < 5


def test_each_code_takes_the_place_of_the_one_before(server: SupabaseServer) -> None:
    assert [code(inbox(server)).value for _ in range(2)] == ["000001", "000002"]
    assert server.codes == {ME: "000002"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(503), "answered 503: try again later"),
        (Fault(429), "answered 429: try again later"),
        (Fault(302, headers={"Location": "http://127.0.0.1:9"}), "is not Supabase's admin API"),
        (Fault(200, body="<html>"), r"not Supabase's admin API .status 200.: see SYNTHETIC_INBOX"),
        (Fault(200, body='{"users": 7}'), "is not Supabase's admin API"),
    ],
)
def test_what_supabase_does_wrong_is_one_sentence(
    server: SupabaseServer, fault: Fault, said: str
) -> None:
    server.fault = fault
    with pytest.raises(MailboxError, match=said) as caught:
        code(inbox(server))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("key", ["anon-key", "schlüssel"])
def test_a_wrong_key_is_named_and_not_shown(server: SupabaseServer, key: str) -> None:
    with pytest.raises(MailboxError) as caught:
        code(inbox(server, key))
    assert key not in str(caught.value)


def test_the_setting_of_the_key_is_named(server: SupabaseServer) -> None:
    with pytest.raises(MailboxError, match=r"refused us with 401: SYNTHETIC_INBOX__PASSWORD"):
        code(inbox(server, "anon-key"))


def test_a_silent_supabase_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supabase, "REQUEST_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(MailboxError, match=r"did not answer within 0.1 s"):
            code(Inbox(kind="supabase", url=url, password=SecretStr(KEY)))
    with pytest.raises(MailboxError, match=r"cannot be reached .ConnectError.: see whether"):
        code(Inbox(kind="supabase", url=url, password=SecretStr(KEY)))


def fixed(**codes: str) -> Inbox:
    return Inbox.model_validate({"kind": "fixed", "codes": codes})


@pytest.mark.parametrize("known", [ME, "host@example.org", "HOST@example.org"])
def test_a_fixed_code_is_for_the_address_and_its_tags(known: str) -> None:
    found = code(fixed(**{known: "a1b2"}))
    assert (found.value, found.issued_by) == ("a1b2", "the settings (a fixed code)")


def test_the_code_of_the_very_address_goes_first() -> None:
    assert code(fixed(**{"host@example.org": "1111", ME: "2222"})).value == "2222"


def test_an_address_without_a_code_is_told_before_anybody_asks_for_one() -> None:
    box = open_mailbox(fixed(**{"guest@example.org": "1111", "host@example.org": ""}))
    with pytest.raises(MailboxError, match=r"No fixed code .*host@example.org, to SYNTHETIC_INBOX"):
        box.ids_to(ME)


def test_codes_are_not_printed() -> None:
    assert "1111" not in repr(fixed(**{ME: "1111"})) + repr(code(fixed(**{ME: "1111"})))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "fixed", "url": "http://host"}, "should be unset, since the inbox kind is fixed"),
        ({"kind": "supabase", "url": "imap://host"}, "should be http://host or https://host"),
        ({"kind": "fixed", "codes": {"nobody": "1"}}, "should be an e-mail address"),
        ({"kind": "supabase", "smtp_url": "smtp://host"}, "is for mailboxes that get mails"),
    ],
)
def test_settings_that_do_not_fit_the_kind_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Inbox.model_validate(wrong)


def test_supabase_without_an_address_says_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"SYNTHETIC_INBOX__KIND: mailpit, imap, supabase"):
        open_mailbox(Inbox(kind="supabase"))
    with pytest.raises(SettingsError, match=r"set SYNTHETIC_INBOX__PASSWORD to the project's"):
        open_mailbox(Inbox(kind="supabase", url="https://project.supabase.co"))


def test_only_mails_show_that_mails_arrive() -> None:
    kinds = ("mailpit", "imap", "supabase", "fixed")
    told = [Inbox.model_validate({"kind": kind}).delivers for kind in kinds]
    assert told == [True, True, False, False]
