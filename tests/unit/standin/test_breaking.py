"""A stand-in that runs is broken and mended: by this machine, and where it was started for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from synthetic.standin.__main__ import main
from synthetic.standin.breaking import PATH
from tests.unit.standin.conftest import Standin, serving

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def breakable() -> Iterator[Standin]:
    with ExitStack() as stack:
        yield stack.enter_context(serving("chat-lost", breakable=True))


@pytest.fixture(autouse=True)
def _begins_with_its_own_faults(breakable: Standin) -> None:
    put(breakable, "chat-lost")


def put(standin: Standin, *faults: object) -> httpx.Response:
    return standin.reader.put(PATH, json={"faults": list(faults)})


def in_force(standin: Standin) -> list[str]:
    faults: list[str] = standin.reader.get(PATH).json()["faults"]
    return faults


def test_it_breaks_and_recovers_while_it_runs(breakable: Standin, capsys: Captured) -> None:
    assert main(["--break", "landing-500", "--break", "health-500", "--at", breakable.url]) == 0
    assert capsys.readouterr().out == (
        f"{breakable.url}: messages are accepted but reach nobody; the landing page answers 500; "
        "GET /api/health answers 500.\n"
    )
    assert in_force(breakable) == ["chat-lost", "landing-500", "health-500"]
    assert [breakable.reader.get(path).status_code for path in ("/", "/api/health")] == [500, 500]
    assert main(["--mend", "--at", breakable.url]) == 0
    assert capsys.readouterr().out == f"{breakable.url}: all is well.\n"
    assert [breakable.reader.get(path).status_code for path in ("/", "/api/health")] == [200, 200]


def test_mails_break_too(breakable: Standin) -> None:
    """Whoever posts them shares the faults."""
    put(breakable, "otp-not-sent")
    address = "nobody-hears@synthetic.test"
    asked = breakable.reader.post("/api/auth/signup", json={"email": address})
    assert (asked.status_code, breakable.mails(address)) == (202, [])


def test_mending_first_leaves_only_what_is_broken_now(breakable: Standin) -> None:
    assert main(["--mend", "--break", "landing-500", "--at", breakable.url]) == 0
    assert in_force(breakable) == ["landing-500"]


def test_it_is_found_by_the_setting(breakable: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", f"{breakable.url}/")
    assert main(["--mend"]) == 0
    assert in_force(breakable) == []


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("sign-up-500", "There is no fault 'sign-up-500'; did you mean 'signup-500'?"),
        ("otp-late=soon", "takes a number of seconds from 0 to 3600, not 'soon'."),
    ],
)
def test_what_is_no_fault_changes_nothing(
    breakable: Standin, capsys: Captured, wanted: str, sentence: str
) -> None:
    assert main(["--break", "landing-500", "--break", wanted, "--at", breakable.url]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert sentence in said.err
    assert in_force(breakable) == ["chat-lost"]


@pytest.mark.parametrize("body", [{"faults": "landing-500"}, {"faults": [1]}, {}, []])
def test_anything_else_than_a_list_of_faults_is_refused(breakable: Standin, body: object) -> None:
    assert breakable.reader.put(PATH, json=body).status_code in (400, 422)
    assert in_force(breakable) == ["chat-lost"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "kulti.test"}, {"Host": "evil.localhost.test"}, {"X-Forwarded-For": "203.0.113.7"}],
)
def test_nobody_from_elsewhere_breaks_it(breakable: Standin, headers: dict[str, str]) -> None:
    """Neither through a proxy, nor through a name that leads here."""
    wanted = {"faults": ["landing-500"]}
    assert breakable.reader.put(PATH, json=wanted, headers=headers).status_code == 404
    assert breakable.reader.get(PATH, headers=headers).status_code == 404
    assert in_force(breakable) == ["chat-lost"]


def test_one_that_was_not_started_for_it_has_no_such_address(
    standin: Standin, capsys: Captured
) -> None:
    assert put(standin, "landing-500").status_code == 404
    assert main(["--break", "landing-500", "--at", standin.url]) == 2
    assert "was started without --breakable" in capsys.readouterr().err


def test_where_nothing_answers_that_is_said(capsys: Captured) -> None:
    assert main(["--break", "landing-500", "--at", "http://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err.startswith("No stand-in answers at http://127.0.0.1:1: ")


class Product(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_what_is_no_stand_in_is_left_alone(capsys: Captured) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Product) as product:
        threading.Thread(target=product.handle_request, daemon=True).start()
        assert main(["--mend", "--at", f"http://127.0.0.1:{product.server_port}"]) == 2
    assert "is no stand-in" in capsys.readouterr().err
