"""A code that no mail brought gives its step no latency, and the record and terminal say so."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from synthetic._settings_product import Inbox
from synthetic.browser.stopwatch import Lap
from synthetic.errors import UsageError
from synthetic.inbox import Mail, Mailbox
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.step import OpenStep
from synthetic.journeys.work import Witnesses, Work
from synthetic.results import Finding

ME = "host@example.org"


class Box:
    """A mailbox with one mail, which came now."""

    resolution_s = 0.0

    def __init__(self, issued_by: str) -> None:
        self.issued_by = issued_by

    def ids_to(self, address: str) -> frozenset[str]:
        del address
        return frozenset()

    def mails_to(self, address: str, but: object = ()) -> list[Mail]:
        del but
        came = datetime.now(UTC)
        return [Mail("1", (address,), "your code", "123456", came, issued_by=self.issued_by)]


def arrived(issued_by: str, monkeypatch: pytest.MonkeyPatch) -> tuple[OpenStep, list[Any]]:
    """The step in which a code was asked for and read, and what the journey told."""
    told: list[Any] = []
    redactor = SimpleNamespace(add=lambda *_: None)
    journey = SimpleNamespace(tell=lambda *said: told.append(said), redactor=redactor)
    actor: Any = SimpleNamespace(email=ME, role="host", access=SimpleNamespace(code_form=None))
    step, now_ms = OpenStep("host", 1), datetime.now(UTC).timestamp() * 1000

    def act(*_: object, **__: object) -> Lap:
        step.took(now_ms, now_ms + 7)
        return cast("Lap", SimpleNamespace(started_at=datetime.now(UTC), started_ms=now_ms))

    monkeypatch.setattr(step, "act", act)
    codes = OneTimeCodes(cast("Mailbox", Box(issued_by)), Inbox(kind="fixed"))
    assert codes.arrives(cast("Journey", journey), step, actor) == "123456"
    return step, told


def test_an_issued_code_is_told_and_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    step, told = arrived("Supabase's admin API", monkeypatch)
    assert step.latency_ms is None
    assert step.started_ms is not None
    said = "code issued by Supabase's admin API, not delivered: that mails arrive is not shown"
    assert told == [("code", "host", said)]


def test_a_delivered_code_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    step, told = arrived("", monkeypatch)
    assert step.latency_ms is not None
    assert told == []


def test_the_terminal_says_it_beside_the_step() -> None:
    shown: list[str] = []
    folder = SimpleNamespace(append=lambda *_: None)
    work = SimpleNamespace(part="main", folder=folder, progress=shown.append)
    witnesses = Witnesses(cast("Work", work))
    for kind in ("console", "code"):
        finding = {"kind": kind, "actor": "host", "text": f"a {kind}", "journey": "test_it"}
        witnesses.found(Finding.model_validate(finding))
    assert shown == ["  note    host    a code"]


def test_codes_that_never_change_cannot_be_used_up() -> None:
    codes = OneTimeCodes(cast("Mailbox", Box("")), Inbox())
    codes.differ("1111", "2222")
    with pytest.raises(UsageError, match=r"fixed codes are never used up"):
        codes.differ("1111", "1111")
