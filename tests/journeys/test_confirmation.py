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


def test_what_fails_twice_is_confirmed_explained_and_proved(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke("-k", "meet", env={**serve("otp-not-sent").env, **AGAIN})
    assert (run.code, run.record.verdict, run.record.origin) == (1, "failed", "target")
    assert statuses(run) == [(1, "failed"), (2, "failed")]
    for journey in run.record.journeys:
        assert {one.name: one.ok for one in journey.controls}["mail"] is True
        assert (journey.story or "").partition("The monitor works: a mail to ourselves came")[1]
    run.tells("mail works: a mail to ourselves came to the same mailbox")
    folders = [
        run.reports / "runs" / run.record.run_id / "evidence" / f"test_two_people_meet-{attempt}"
        for attempt in (1, 2)
    ]
    for folder in folders:
        assert json.loads((folder / "controls.json").read_text())["origin"] == "target"
        assert (folder / "host" / "screenshot.png").exists()
        assert json.loads((folder / "host" / "mail.json").read_text()) == []
    traces = [(folder / "host" / "trace.zip").stat().st_size for folder in folders]
    assert traces[1] > traces[0], "the second attempt is traced in full"
    assert (folders[1] / "host" / "video.webm").stat().st_size > 1000
    assert "2 of 2 attempts" in (folders[1] / "summary.html").read_text("utf-8")
