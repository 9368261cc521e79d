"""Faults of mail, codes and log-ins, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

EMAIL = "guest@synthetic.test"


def asked(standin: Any) -> httpx.Client:
    """Somebody who was mailed a code."""
    client: httpx.Client = standin.client()
    assert client.post("/api/auth/login", json={"email": EMAIL}).status_code == 202
    return client


def verified(client: httpx.Client, code: str) -> int:
    return client.post("/api/auth/verify-otp", json={"email": EMAIL, "code": code}).status_code


def other(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def text_of(standin: Any, email: str) -> str:
    newest = standin.mails(email)[0]["ID"]
    return str(standin.reader.get(f"/mail/api/v1/message/{newest}").json()["Text"])


def test_a_mail_can_lack_its_code(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("otp-missing")
    asked(standin)
    assert not any(sign.isdigit() for sign in text_of(standin, EMAIL))


def test_a_mail_can_have_another_code(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("otp-wrong")
    assert verified(asked(standin), standin.code(EMAIL)) == 401


def test_a_mail_can_go_to_somebody_else(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("otp-to-another")
    client = asked(standin)
    assert standin.mails(EMAIL) == []
    assert verified(client, standin.code("somebody-else@synthetic.test")) == 200


@pytest.mark.parametrize("faults", [(), ("otp-accepts-wrong",)])
def test_a_wrong_code_can_be_accepted(
    misbehaving: Callable[..., Any], faults: tuple[str, ...]
) -> None:
    standin = misbehaving(*faults)
    client = asked(standin)
    assert verified(client, other(standin.code(EMAIL))) == (200 if faults else 401)


@pytest.mark.parametrize("again", [False, True])
def test_a_used_code_can_be_accepted(misbehaving: Callable[..., Any], again: bool) -> None:
    standin = misbehaving("otp-reusable")
    client = asked(standin)
    code = standin.code(EMAIL)
    assert verified(client, code) == 200
    if again:
        standin.clock.ahead += 2
        asked(standin)
    assert verified(client, code) == 200
    assert verified(client, other(code)) == 401


def test_an_expired_code_can_be_accepted(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("otp-never-expires")
    client = asked(standin)
    standin.clock.ahead += 301
    assert verified(client, standin.code(EMAIL)) == 200


def test_a_log_in_can_lose_its_cookie(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("cookie-lost")
    client = asked(standin)
    assert verified(client, standin.code(EMAIL)) == 200
    assert not client.cookies


def test_a_log_in_can_be_somebody_elses(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("login-as-another")
    client = asked(standin)
    assert verified(client, standin.code(EMAIL)) == 200
    assert (
        client.get("/api/users/profile").json()["user"]["email"] == "somebody-else@synthetic.test"
    )
