"""What an answer held is told in a few words, without secrets, and read only when asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import Mock

import pytest
from playwright.sync_api import Browser, Response
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.answers import LONGEST, told
from synthetic.browser.page_log import Exchange, PageLog
from synthetic.redaction import Redactor
from tests.unit.conftest import Web

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
SECRET = "sesame-4711-open"


def answer(
    body: bytes | Exception,
    status: int = 200,
    path: str = "/api/health",
    kind: str = "application/json; charset=utf-8",
    after_s: int = 0,
) -> tuple[Exchange, Response]:
    response = Mock(headers={"content-type": kind})
    response.body.side_effect = [body]
    at = AT + timedelta(seconds=after_s)
    return Exchange("GET", f"https://x.test{path}", status, 5.0, at), cast("Response", response)


def said(*answers: tuple[Exchange, Response]) -> list[tuple[object, object]]:
    return [(one["said"], one["odd"]) for one in told(answers, Redactor([SECRET]))]


@pytest.mark.parametrize(
    ("given", "words", "odd"),
    [
        (answer(b'{"sessions": [{"id": 1, "title": "x"}], "next": null}'),
         "JSON {sessions: [1 × {id, title}], next}", False),
        (answer(b'{"sessions": []}'), "JSON {sessions: [0]}", False),
        (answer(b"{}"), "JSON {}", False),
        (answer(b'["a", "b"]'), "JSON [2 × str]", False),
        (answer(b'{"a": {"b": {"c": {"d": 1}}}}'), "JSON {a: {b: {…}}}", False),
        (answer(b"null"), "JSON null", False),
        (answer(b" <!doctype html>\n <h1>Sorry</h1>", kind="text/html"),
         "text/html: <!doctype html> <h1>Sorry</h1>", True),
        (answer(b'{"sessions": [{"id"'), "application/json, no JSON, 19 bytes", True),
        (answer(b")]}'\n{}"), "application/json, no JSON, 7 bytes", True),
        (answer(b""), "application/json, empty", True),
        (answer(b"", kind=""), "of no kind, empty", False),
        (answer(b"fine", kind="text/plain"), "text/plain, no JSON, 4 bytes", False),
        (answer(b"a@x.test,Ann\n", kind="text/csv"), "text/csv, no JSON, 13 bytes", False),
        (answer(b'{"alice@example.com": {"bob@example.com": 1}, "next": 1}'),
         "JSON {[redacted]: {[redacted]}, next}", False),
        (answer(f'{{"{"x" * 38}@example.com": 1}}'.encode()), "JSON {[redacted]}", False),
        (answer(b'{"error": "no database"}', status=500),
         'application/json: {"error": "no database"}', False),
        (answer(b"[" * 100_000), "application/json, no JSON, 100000 bytes", True),
    ],
)  # fmt: skip
def test_in_a_few_words(given: tuple[Exchange, Response], words: str, odd: bool) -> None:
    ((text, strange),) = said(given)
    assert isinstance(text, str)
    assert (text, strange) == (words, odd)
    assert len(text) <= LONGEST


@pytest.mark.parametrize("kind", ["text/html", SECRET])
def test_no_secret_is_told_even_where_it_is_cut_or_its_name_is(kind: str) -> None:
    body = f"<p>{'x' * 270}{SECRET} {{'accessToken': 'abcdef0123456789'}}"
    for begin in (0, 260, 268, 272):
        ((text, _),) = said(answer(body[begin:].encode(), kind=kind))
        assert [part for part in ("sesame", "4711", "abcdef") if part in str(text)] == []


def test_a_secret_that_is_a_name_is_known_before_names_are_cut() -> None:
    secret = "".join(f"{n:02x}" for n in range(101, 133))
    body = json.dumps({secret: 1, "held": {f"of-{secret}": [{secret: 1}]}}).encode()
    ((row),) = told([answer(body)], Redactor([secret]))
    assert row["said"] == "JSON {[redacted], held: {of-[redacted]: [1 × {…}]}}"


def test_no_secret_is_told_where_a_kind_is_one() -> None:
    for body in (b"", b"fine"):
        ((text, _),) = said(answer(body, kind=SECRET))
        assert SECRET not in str(text)


def test_the_newest_of_each_kind_is_told_and_what_matters_only() -> None:
    answers = [
        answer(b'{"a": 1}', after_s=1),
        answer(b"<p>no", status=500, after_s=2),
        answer(b'{"b": 1}', after_s=3),
        answer(b"", path="/logo", after_s=4),
        answer(b"gone", path="/app.js", status=404, kind="text/plain", after_s=5),
    ]
    assert [text for text, _ in said(*answers)] == [
        "application/json: <p>no",
        "JSON {b}",
        "text/plain: gone",
    ]
    assert all(not one.body.called for one in (cast("Any", answers[n][1]) for n in (0, 3)))


@pytest.mark.parametrize("status", [204, 302, 304])
def test_what_has_no_body_is_left_out(status: int) -> None:
    assert said(answer(PlaywrightError("unavailable for redirect responses"), status=status)) == []


def test_a_body_that_was_let_go_is_not_taken_for_a_good_one() -> None:
    gone = answer(PlaywrightError("No resource with given identifier found"))
    ((words, odd),) = said(gone)
    assert "what it held is not known" in str(words)
    assert not odd


def test_a_browser_that_died_is_no_answer() -> None:
    with pytest.raises(PlaywrightError):
        said(answer(PlaywrightError("Target page, context or browser has been closed")))


def test_a_real_page_s_answers_can_be_read_later(web: Web, chromium: Browser) -> None:
    web.put("/api/health", json.dumps({"ok": True}), Content_Type="application/json")
    web.put("/api/sessions/list", "<html>", Content_Type="text/html")
    context = chromium.new_context()
    log = PageLog(context, web.url, lambda _: None)
    page = context.new_page()
    page.goto(web.page(""))
    asking = "fetch(u).then(r => r.text())"
    page.evaluate(f"Promise.all(['/api/health', '/api/sessions/list'].map(u => {asking}))")
    page.wait_for_timeout(0)
    assert {one["url"]: one["said"] for one in told(log.answers, Redactor())} == {
        f"{web.url}/api/health": "JSON {ok}",
        f"{web.url}/api/sessions/list": "text/html: <html>",
    }
    context.close()


def test_a_real_page_that_went_on_leaves_an_answer_that_is_not_known(
    web: Web, chromium: Browser
) -> None:
    web.put("/api/health", json.dumps({"ok": True}), Content_Type="application/json")
    context = chromium.new_context()
    log = PageLog(context, web.url, lambda _: None)
    page = context.new_page()
    page.goto(web.page("one"))
    page.evaluate("fetch('/api/health').then(r => r.text())")
    page.goto("about:blank")
    ((words, odd),) = [(str(one["said"]), one["odd"]) for one in told(log.answers, Redactor())]
    assert "what it held is not known" in words
    assert not odd
    context.close()
