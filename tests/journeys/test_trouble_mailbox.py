"""Codes that come late, twice, after older ones, or not at all, and a mailbox that is gone."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.journeys.conftest import Smoke, Standin
from tests.journeys.running import wait_for


@pytest.mark.fault("mailbox-down", "our mailbox cannot be reached", "inconclusive | dependency")
def test_a_mailbox_that_refuses_is_a_dependency_of_ours(
    smoke: Smoke, standin: Standin, closed_port: int
) -> None:
    nobody = f"http://127.0.0.1:{closed_port}"
    run = smoke(env={**standin.env, "SYNTHETIC_INBOX__URL": nobody})
    assert run.code == 6
    assert (run.record.verdict, run.record.origin) == ("inconclusive", "dependency")
    run.tells(f"MailboxError: The mailbox at {nobody} cannot be reached", "SYNTHETIC_INBOX__URL")


def test_a_code_that_never_comes_is_the_products_fault(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke(env={**serve("otp-not-sent").env, "SYNTHETIC_INBOX__TIMEOUT_S": "2"})
    assert run.code == 1
    assert (run.record.verdict, run.record.origin) == ("failed", "target")
    assert [(step.name, step.feature) for step in run.failed] == [
        ("sign-up code arrives", "signup")
    ]
    run.tells("NoCode: No mail with a code came to", "see the target's mail log")


def test_the_right_code_of_late_doubled_and_older_ones_is_used(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    standin = serve("otp-twice", "otp-late=0.7")
    with httpx.Client(base_url=standin.url) as visitor:
        guest = json.loads(standin.env["SYNTHETIC_ACCOUNTS__STANDING"])[0]
        visitor.post("/api/auth/login", json={"email": guest}).raise_for_status()
        wait_for(lambda: len(mails_to(visitor, guest)) == 2, 10, "an older code came, twice")
    run = smoke(env=standin.env)
    assert run.code == 0, run.output
    took = [s.latency_ms or 0 for s in run.record.journeys[1].steps if "code arrives" in s.name]
    assert len(took) == 2
    assert all(latency_ms >= 700 for latency_ms in took)


def mails_to(visitor: httpx.Client, email: str) -> list[dict[str, str]]:
    """The mails to an address, newest first."""
    found = visitor.get("/mail/api/v1/search", params={"query": f'to:"{email}"'}).json()
    mails: list[dict[str, str]] = found["messages"]
    return mails
