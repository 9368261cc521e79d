"""Whatever is sent, the answer is a refusal that makes sense, never a 500."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import pytest

BODIES = {
    "empty": b"",
    "not JSON": b"{",
    "no object": b"[1]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"email": "\xff\xfe"}',
    "UTF-16": '{"email": "a@x.test"}'.encode("utf-16"),
    "NaN": b'{"email": NaN}',
    "deep": b"[" * 8000,
    "deep object": b'{"email":' * 1500,
    "long integer": b'{"email": ' + b"9" * 6000 + b"}",
    "huge": b'{"email": "' + b"a" * 200_000 + b'"}',
    "lone surrogate": b'{"email": "\\ud800", "title": "\\udfff", "code": "\\ud800", '
    b'"session_id": "\\ud800", "text": "\\ud800"}',
    "NUL": b'{"email": "a\\u0000@x.test", "title": "\\u0000", "code": "\\u0000", '
    b'"session_id": "\\u0000", "text": "\\u0000"}',
    "wrong types": b'{"email": {}, "title": [], "code": 1, "session_id": true, "text": 1e999}',
    "doubled keys": b'{"title": "a", "title": null}',
}
POSTS = (
    *(f"/api/auth/{name}" for name in ("signup", "login", "resend", "verify-otp")),
    *(f"/api/sessions/{name}" for name in ("create", "join", "none/end", "%00/leave")),
    *("/api/hms/token", "/api/messages/send", "/api/recordings/start"),
    *("/api/recordings/none/finish", "/api/recordings/%ff/chunks/0"),
)


@pytest.fixture(scope="module")
def person(standin: Any) -> httpx.Client:
    client: httpx.Client = standin.person()
    return client


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_refused_in_json(person: httpx.Client, path: str, body: str) -> None:
    answer = person.post(path, content=BODIES[body])
    assert 400 <= answer.status_code < 500
    error = answer.json()["error"]
    assert error["code"]
    assert error["message"]


def test_a_body_that_is_not_json_is_a_400(person: httpx.Client) -> None:
    answer = person.post("/api/sessions/create", content=b"title=Review")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_json")


def test_a_huge_body_is_a_413_even_without_a_length(person: httpx.Client) -> None:
    pieces = (b"x" * 65_536 for _ in range(100))
    assert person.post("/api/sessions/create", content=pieces).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/auth/signup", 405),
        ("DELETE", "/api/sessions/list", 405),
        ("BREW", "/api/health", 405),
        ("POST", "/api/health/", 404),
        ("GET", "/api/recordings/none", 404),
    ],
)
def test_an_unknown_path_or_method_of_the_api_is_refused_in_json(
    person: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = person.request(method, path)
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (status, True)


@pytest.mark.parametrize(
    "path", ["/nothing", "/session/none", "/session/%00", "/session/a/room", "/static/../app.py"]
)
def test_an_unknown_page_is_refused_in_html(person: httpx.Client, path: str) -> None:
    answer = person.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "kulti_login=\xff"},
        {"cookie": "kulti_login=" + "x" * 4000},
        {"cookie": ";;=;kulti_login"},
        {"content-type": "\xff/\xfe"},
        {"host": "evil.example:1/%0d"},
        {"content-encoding": "gzip"},
        {"range": "bytes=9-1"},
    ],
)
def test_odd_headers_do_no_harm(standin: Any, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    for path in ("/api/users/profile", "/dashboard", "/static/style.css", "/mail/api/v1/messages"):
        assert httpx.get(standin.url + path, headers=raw).status_code < 500


def test_random_requests_never_break_it(person: httpx.Client) -> None:
    dice = random.Random(20261123)
    scraps = ["api", "session", "%00", "%ff", "..", "x" * 300, "%2e", "mail", "v1", "é", "-1", "{}"]
    fields = ["email", "code", "title", "session_id", "text", "link", "chunks", "IDs"]
    values: list[object] = [None, 0, -1, 1e308, "", "\0", "\ud800", "a@x.test", [], {}, True]
    for _ in range(200):
        path = "/" + "/".join(dice.choices(scraps, k=dice.randint(1, 5)))
        path = dice.choice(
            [path, *POSTS, "/api/messages/list?session_id=%ff", "/mail/api/v1/search"]
        )
        body = json.dumps({name: dice.choice(values) for name in dice.sample(fields, 4)})
        method = dice.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
        answer = person.request(method, path, content=body.encode())
        assert answer.status_code < 500, (method, path, body)


def test_every_answer_says_that_it_is_the_stand_in(standin: Any) -> None:
    for path in ("/", "/api/health", "/api/nothing", "/static/style.css", "/mail/api/v1/messages"):
        assert httpx.get(standin.url + path).headers["x-synthetic-standin"]
