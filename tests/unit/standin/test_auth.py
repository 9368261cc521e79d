"""Accounts, codes and log-ins, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest


def post(client: httpx.Client, path: str, **data: object) -> tuple[int, str]:
    answer = client.post(f"/api/auth/{path}", json=data)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_a_mailed_code_signs_somebody_new_in(standin: Any) -> None:
    person = standin.person("host+run@synthetic.test")
    user = person.get("/api/users/profile").json()["user"]
    assert (user["email"], user["name"]) == ("host+run@synthetic.test", "host")


def test_a_standing_account_logs_in_without_signing_up(standin: Any) -> None:
    client = standin.client()
    assert post(client, "login", email="guest@synthetic.test") == (202, "")
    code = standin.code("guest@synthetic.test")
    assert post(client, "verify-otp", email="guest@synthetic.test", code=code) == (200, "")


def test_the_log_in_cookie_is_out_of_reach_of_scripts_and_other_sites(standin: Any) -> None:
    client = standin.client()
    post(client, "signup", email="cookie@synthetic.test")
    code = standin.code("cookie@synthetic.test")
    verified = client.post(
        "/api/auth/verify-otp", json={"email": "cookie@synthetic.test", "code": code}
    )
    cookie = verified.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    "email",
    [
        *("", "host", "host@", "@synthetic.test", "a b@synthetic.test", "a@b", "a\r\nb@x.test"),
        *("a..b@synthetic.test", "a@-x.test", "\ud800@x.test", "a\0@x.test", "ä@x.test"),
        *(7, None, ["a@x.test"]),
    ],
)
def test_what_is_no_address_is_refused(standin: Any, email: object) -> None:
    body = httpx.post(
        f"{standin.url}/api/auth/signup",
        content=json.dumps({"email": email}),
    )
    assert body.status_code == 422
    assert body.json()["error"]["code"].startswith("email_")


def test_an_unknown_account_cannot_log_in(standin: Any) -> None:
    assert post(standin.client(), "login", email="nobody@synthetic.test") == (
        404,
        "account_unknown",
    )


def test_a_known_account_cannot_sign_up_again(standin: Any) -> None:
    assert post(standin.client(), "signup", email="guest@synthetic.test") == (409, "account_exists")


def test_a_code_works_once(standin: Any) -> None:
    client = standin.client()
    post(client, "signup", email="once@synthetic.test")
    answer = {"email": "once@synthetic.test", "code": standin.code("once@synthetic.test")}
    assert post(client, "verify-otp", **answer) == (200, "")
    assert post(client, "verify-otp", **answer) == (410, "code_used")


def test_a_code_expires_after_five_minutes(standin: Any) -> None:
    client, email = standin.client(), "late@synthetic.test"
    post(client, "signup", email=email)
    code = standin.code(email)
    standin.clock.ahead += 301
    assert post(client, "verify-otp", email=email, code=code) == (410, "code_expired")


def test_a_new_code_replaces_the_one_before(standin: Any) -> None:
    client, email = standin.client(), "twice@synthetic.test"
    post(client, "signup", email=email)
    first = standin.code(email)
    standin.clock.ahead += 2
    assert post(client, "resend", email=email) == (202, "")
    second = standin.code(email)
    assert first == second or post(client, "verify-otp", email=email, code=first)[0] == 401
    assert post(client, "verify-otp", email=email, code=second) == (200, "")


def test_after_five_wrong_codes_the_right_one_is_refused_too(standin: Any) -> None:
    client, email = standin.client(), "guesser@synthetic.test"
    post(client, "signup", email=email)
    right = standin.code(email)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    tries = [post(client, "verify-otp", email=email, code=wrong) for _ in range(5)]
    assert tries == [(401, "code_wrong")] * 5
    assert post(client, "verify-otp", email=email, code=right) == (429, "too_many_tries")


def test_three_resends_are_sent_and_a_fourth_is_told_when_to_come_back(standin: Any) -> None:
    client, email = standin.client(), "impatient@synthetic.test"
    post(client, "signup", email=email)
    for _ in range(3):
        standin.clock.ahead += 1.1
        assert post(client, "resend", email=email) == (202, "")
    standin.clock.ahead += 1.1
    fourth = client.post("/api/auth/resend", json={"email": email})
    assert fourth.status_code == 429
    assert 280 < int(fourth.headers["retry-after"]) <= 300


def test_a_second_code_within_a_second_is_refused(standin: Any) -> None:
    client, email = standin.client(), "hasty@synthetic.test"
    post(client, "signup", email=email)
    assert post(client, "resend", email=email) == (429, "too_soon")


def test_a_code_that_was_never_requested_is_unknown(standin: Any) -> None:
    answer = post(standin.client(), "verify-otp", email="new@synthetic.test", code="123456")
    assert answer == (404, "code_unknown")
    assert post(standin.client(), "resend", email="new@synthetic.test") == (404, "code_unknown")


def test_logging_out_ends_the_log_in_on_the_server(standin: Any) -> None:
    person = standin.person()
    cookies = dict(person.cookies)
    person.post("/api/auth/logout")
    again = httpx.get(f"{standin.url}/api/users/profile", cookies=cookies)
    assert again.status_code == 401


def test_a_deleted_account_is_gone_with_its_sessions(standin: Any) -> None:
    person, other = standin.person("leaver@synthetic.test"), standin.person()
    session = person.post("/api/sessions/create", json={"title": "Mine"}).json()["session"]
    assert person.delete("/api/users/profile").status_code == 200
    assert post(standin.client(), "login", email="leaver@synthetic.test")[0] == 404
    joined = other.post("/api/sessions/join", json={"code": session["code"]})
    assert joined.status_code == 410


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/users/profile"),
        ("DELETE", "/api/users/profile"),
        ("GET", "/api/sessions/list"),
        ("POST", "/api/sessions/create"),
        ("POST", "/api/sessions/join"),
        ("POST", "/api/sessions/x/leave"),
        ("POST", "/api/sessions/x/end"),
        ("POST", "/api/hms/token"),
        ("POST", "/api/messages/send"),
        ("GET", "/api/messages/list"),
        ("POST", "/api/recordings/start"),
        ("PUT", "/api/recordings/x/chunks/0"),
        ("POST", "/api/recordings/x/finish"),
        ("GET", "/api/recordings/x"),
        ("GET", "/api/recordings/x/download"),
    ],
)
def test_what_needs_a_log_in_says_so(standin: Any, method: str, path: str) -> None:
    answer = standin.client().request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
