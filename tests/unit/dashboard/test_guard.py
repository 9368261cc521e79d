"""The guard: what comes in, what is sent away, and what every answer says to browsers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from synthetic.dashboard.guard import LONGEST_FORM
from synthetic.dashboard.security import TRIES, Access
from synthetic.dashboard.watched import Watched
from synthetic.store.history import Store
from tests.dashboards import TOKEN, Visitor, visiting, watched


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    with Store.open(None, tmp_path) as store:
        yield watched(store, tmp_path, token=TOKEN)


@pytest.fixture
def here(seen: Watched) -> Iterator[Visitor]:
    """Somebody on this machine."""
    with visiting(seen) as visitor:
        yield visitor


@pytest.fixture
def outside(seen: Watched) -> Iterator[Visitor]:
    """Somebody at a dashboard that others can reach."""
    with visiting(replace(seen, host="0.0.0.0")) as visitor:
        yield visitor


def test_another_name_that_points_here_is_refused(here: Visitor) -> None:
    answer = here.get("/", host="evil.example")
    assert answer.status_code == 421
    assert "SYNTHETIC_DASHBOARD__HOSTS" in answer.text


@pytest.mark.parametrize("address", ["/?range=24h&x=" + "a" * 3000, "/" + "a" * 3000])
def test_an_endless_address_is_refused(here: Visitor, address: str) -> None:
    assert here.get(address).status_code == 414


@pytest.mark.parametrize(
    "query", ["range=25h", "range=", "x=1", "range=24h&range=24h", "range=<script>"]
)
def test_what_a_page_cannot_be_asked_is_said(here: Visitor, query: str) -> None:
    answer = here.get(f"/?{query}")
    assert answer.status_code == 400
    assert "<script>" not in answer.text


def test_a_long_word_is_refused(here: Visitor) -> None:
    assert "100 characters" in here.get("/runs?suite=" + "a" * 101).text
    assert "100 characters" not in here.get("/runs?suite=" + "a" * 100).text


@pytest.mark.parametrize(
    "name",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "..%5capp.py",
        "/etc/passwd",
        "%00",
        "style.css/",
    ],
)
def test_there_is_no_way_out_of_the_static_files(here: Visitor, name: str) -> None:
    assert here.get(f"/static/{name}").status_code == 404
    assert here.get("/static/style.css").status_code == 200


@pytest.mark.parametrize("address", ["/", "/nowhere", "/?x=1", "/static/style.css", "/login"])
def test_every_answer_protects_itself(here: Visitor, address: str) -> None:
    headers = here.get(address).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_without_a_token_nothing_can_be_changed(seen: Watched) -> None:
    dashboard = seen.settings.dashboard.model_copy(update={"token": None})
    open_ = replace(seen, settings=seen.settings.model_copy(update={"dashboard": dashboard}))
    with visiting(open_) as visitor:
        answer = visitor.post("/alerts/take", {"incident": "i-1"})
        assert answer.status_code == 403
        assert "read-only" in answer.text
        assert visitor.get("/login").status_code == 404


def test_a_form_of_another_site_is_refused(here: Visitor) -> None:
    here.log_in()
    here.client.headers["sec-fetch-site"] = "cross-site"
    assert here.post("/alerts/take", {"incident": "i-1"}).status_code == 403
    here.client.headers.pop("sec-fetch-site")
    here.client.headers["origin"] = "http://evil.example"
    assert here.post("/alerts/take", {"incident": "i-1"}).status_code == 403


def test_a_form_has_its_measure(here: Visitor) -> None:
    assert here.post("/login", {"token": "x" * (LONGEST_FORM + 1)}).status_code == 413
    assert here.post("/login", {str(n): "" for n in range(99)}).status_code == 400


def test_nothing_but_reading_and_forms(here: Visitor) -> None:
    answer = here.runner.run(here.client.put("/alerts"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_whoever_guesses_has_to_wait(here: Visitor) -> None:
    codes = [here.post("/login", {"token": "guess"}).status_code for _ in range(TRIES + 1)]
    assert codes == [*[401] * TRIES, 429]
    assert here.post("/login", {"token": TOKEN}).status_code == 303, "who has it need not wait"
    assert here.get("/", authorization=f"Bearer {TOKEN}").status_code == 200


def test_outside_it_takes_the_token_to_look(outside: Visitor) -> None:
    answer = outside.get("/plan?part=D")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/plan%3Fpart%3DD")
    assert outside.get("/static/style.css").status_code == 200
    outside.log_in()
    assert outside.get("/plan?part=D").status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_through_a_proxy_this_machine_is_no_reason_to_let_anybody_in(
    seen: Watched, tmp_path: Path, header: str
) -> None:
    with visiting(seen) as visitor:
        assert visitor.get("/", **{header: "192.0.2.7"}).headers["location"] == "/login?next=/"
        visitor.log_in()
        assert visitor.get("/", **{header: "192.0.2.7"}).status_code == 200
    with visiting(watched(seen.store, tmp_path)) as visitor:
        answer = visitor.get("/", **{header: "192.0.2.7"})
    assert answer.status_code == 403
    assert "SYNTHETIC_DASHBOARD__TOKEN" in answer.text


def test_a_page_can_still_be_used_after_a_restart(seen: Watched) -> None:
    with visiting(seen) as visitor:
        visitor.log_in()
        ticket = visitor.client.cookies
        csrf = Access.of(seen.settings, seen.host).csrf
    with visiting(seen) as later:
        later.client.cookies = ticket
        answer = later.post("/alerts/speak", {"csrf": csrf, "match": "*"})
    assert answer.status_code == 409, "let in, though no silence holds"


def test_programs_send_it_as_a_bearer_token(outside: Visitor) -> None:
    outside.client.headers["accept"] = "*/*"
    assert outside.get("/").status_code == 401
    assert outside.get("/events").status_code == 401
    assert outside.get("/", authorization=f"Bearer {TOKEN}").status_code == 200
    assert outside.get("/", authorization="Bearer guess").status_code == 401


def test_the_ticket_is_for_this_site_alone(here: Visitor) -> None:
    given = here.post("/login", {"token": TOKEN}).headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=strict" in given
    assert TOKEN not in given


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", ""]
)
def test_logging_in_leads_nowhere_else(here: Visitor, wanted: str) -> None:
    answer = here.post("/login", {"token": TOKEN, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
