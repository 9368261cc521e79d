"""A failed journey is tried again from fresh browsers; one outcome counts, and says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.journeys.conftest import Answer, Smoke, Standin, says
from tests.journeys.running import Finished

AGAIN = {
    "SYNTHETIC_ATTEMPTS": "2",
    "SYNTHETIC_STEP_TIMEOUT_S": "8",
    "SYNTHETIC_INBOX__TIMEOUT_S": "3",
}


def statuses(run: Finished) -> list[tuple[int, str]]:
    meetings = [one for one in run.record.journeys if one.name == "test_two_people_meet"]
    return [(one.attempt, one.status) for one in meetings]


def forgetting_one_address(mailbox: str) -> Answer:
    """A way to the mailbox's API on which the first address that is asked for never gets mail."""
    forgotten: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = parse_qs(urlsplit(handler.path).query).get("query", [])
        forgotten.extend(asked if not forgotten else [])
        reply = httpx.get(mailbox + handler.path)
        nothing = b'{"messages": []}'
        says(200, nothing if asked and asked == forgotten else reply.content)(handler)

    return answer


def test_what_passes_on_the_second_attempt_degrades(
    smoke: Smoke, standin: Standin, web: Callable[[Answer], str]
) -> None:
    mailbox = web(forgetting_one_address(standin.env["SYNTHETIC_INBOX__URL"]))
    run = smoke("-k", "meet", env={**standin.env, **AGAIN, "SYNTHETIC_INBOX__URL": mailbox})
    assert (run.code, run.record.verdict, run.record.origin) == (0, "degraded", "dependency")
    assert statuses(run) == [(1, "failed"), (2, "passed")]
    run.tells("attempt 2, from fresh browsers", "mail FAILS: a mail to ourselves did not come")


def test_what_fails_twice_is_confirmed_and_explained(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke("-k", "meet", env={**serve("otp-not-sent").env, **AGAIN})
    assert (run.code, run.record.verdict, run.record.origin) == (1, "failed", "target")
    assert statuses(run) == [(1, "failed"), (2, "failed")]
    for journey in run.record.journeys:
        assert {one.name: one.ok for one in journey.controls}["mail"] is True
        assert (journey.story or "").partition("Our side works: a mail to ourselves came")[1]
    run.tells("mail works: a mail to ourselves came to the same mailbox")


def test_each_attempt_has_its_own_evidence_and_another_standing_account(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke("-k", "meet", env={**serve("login-500").env, **AGAIN})
    folders = run.reports / "runs" / run.record.run_id / "evidence"
    asked = []
    for attempt in (1, 2):
        folder = folders / f"test_two_people_meet-{attempt}"
        assert json.loads((folder / "controls.json").read_text())["origin"] == "target"
        assert (folder / "guest" / "screenshot.png").exists()
        asked.append((folder / "guest" / "trace.zip").stat().st_size)
    assert asked[1] > asked[0], "the second attempt is traced in full"


def test_without_a_way_to_mail_ourselves_a_missing_code_is_nobodys_fault(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    env = {**serve("otp-not-sent").env, **AGAIN, "SYNTHETIC_INBOX__SMTP_URL": ""}
    run = smoke("-k", "meet", env=env)
    assert (run.code, run.record.verdict, run.record.origin) == (6, "inconclusive", "unknown")
    run.tells("mail unclear", "SYNTHETIC_INBOX__SMTP_URL")


def test_who_is_asked_too_often_is_not_asked_again(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke("-k", "meet", env={**serve("rate-limited").env, **AGAIN})
    assert statuses(run) == [(1, "failed")]


def test_no_more_journeys_are_tried_again_than_settings_allow(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke(
        "-k", "meet", env={**serve("login-500").env, **AGAIN, "SYNTHETIC_CONFIRMATIONS": "0"}
    )
    assert statuses(run) == [(1, "failed")]
