"""Journeys that need no browser, one for each way to end; run by test_allure.py alone."""

from __future__ import annotations

import sys

import pytest

from synthetic.errors import MailboxError, RunnerError, StepTimeout
from synthetic.journeys.journey import Journey

SECRET = "pa55-planted-4711"  # of the mailbox, which this run knows
TOKEN = "tok-planted-0815"  # which nobody told it of
_TRIED: list[str] = []


@pytest.mark.smoke
def test_all_is_well(journey: Journey) -> None:
    with journey.step("site accessible", feature="site", actor="probe") as step:
        step.lasted(240)


@pytest.mark.smoke
def test_works_when_repeated(journey: Journey) -> None:
    _TRIED.append(journey.name)
    with journey.step("dashboard loads", feature="dashboard", actor="probe") as step:
        if len(_TRIED) == 1:
            raise StepTimeout("the dashboard did not show its sessions within 20 s")
        step.lasted(400)


@pytest.mark.smoke
def test_two_people_chat(journey: Journey) -> None:
    with journey.step("message arrives", feature="chat", actor="probe"):
        sys.stdout.write(f"the mailbox takes {SECRET}, the page said token={TOKEN}\n")
        raise StepTimeout(f"no line after {SECRET} within 20 s; token={TOKEN}")


@pytest.mark.smoke
def test_a_code_is_mailed(journey: Journey) -> None:
    with journey.step("code arrives", feature="signup", actor="probe"):
        raise MailboxError(f"the mailbox does not answer ?password={SECRET}")


@pytest.mark.smoke
def test_our_machine_holds(journey: Journey) -> None:
    with journey.step("leave", feature="leave", actor="probe"):
        raise RunnerError("this machine has no memory left")


@pytest.mark.smoke
def test_allure_breaks(monkeypatch: pytest.MonkeyPatch, journey: Journey) -> None:
    monkeypatch.setattr("synthetic.pytest_fixtures.tell", None)  # until the journey is closed
    with journey.step("leave", feature="leave", actor="probe"):
        raise RunnerError("this machine has no memory left")
