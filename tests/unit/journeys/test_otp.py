"""A code that no mail brought gives its step no latency, and the record and terminal say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from synthetic._settings_product import Inbox
from synthetic.browser.page_log import Exchange
from synthetic.browser.stopwatch import Lap
from synthetic.errors import StepTimeout, UsageError
from synthetic.inbox import Code, Mail, Mailbox
from synthetic.journeys import otp
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes, answered
from synthetic.journeys.step import OpenStep
from synthetic.journeys.work import Witnesses, Work
from synthetic.redaction import Redactor
from synthetic.results import Finding

ME = "host@example.org"
CLICK = datetime(2026, 11, 26, tzinfo=UTC)
CODE = Code("123456", CLICK, 1, "Supabase")


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


class Asked:
    """What a page asked: ``rounds`` are what is open at each look; each ends as an exchange."""

    def __init__(self, *rounds: list[Exchange]) -> None:
        self.rounds, self.exchanges = list(rounds), list[Exchange]()

    def first_party(self, url: str) -> bool:
        return url.startswith("https://kulti.test/")

    def unanswered(self, also: str = "") -> list[Exchange]:
        assert also == "project.supabase.co"
        return self.rounds[0] if self.rounds else []

    def later(self, _: float) -> None:
        if self.rounds:
            self.exchanges += self.rounds.pop(0)


def waited(log: Asked, kind: str = "supabase", limit_s: float = 9.0) -> Asked:
    """The log once nothing more was waited for."""
    actor: Any = SimpleNamespace(
        log=log,
        page=SimpleNamespace(wait_for_timeout=log.later),
        stage=SimpleNamespace(limit_s=limit_s),
    )
    inbox = Inbox.model_validate({"kind": kind, "url": "https://project.supabase.co"})
    answered(actor, inbox, CLICK.timestamp() * 1000)
    return log


def asking(url: str, method: str = "POST", after_s: float = 0.1) -> Exchange:
    return Exchange(method, url, 200, 5.0, CLICK + timedelta(seconds=after_s))


@pytest.mark.parametrize(
    "url", ["https://kulti.test/api/auth/resend", "https://project.supabase.co/auth/v1/otp"]
)
def test_a_code_is_issued_only_after_the_product_has_answered(url: str) -> None:
    mine = asking(url)
    others = [asking("https://kulti.test/api/x", "GET"), asking("https://kulti.test/", "POST", -9)]
    log = waited(Asked([], [*others, asking("https://elsewhere.test/")], [mine], [mine], others))
    assert mine in log.exchanges
    assert log.rounds == [others]


def test_mails_are_not_waited_for_in_the_log() -> None:
    assert waited(Asked([asking("https://kulti.test/api/auth/resend")]), "mailpit").exchanges == []


def test_a_product_that_never_answers_is_the_one_to_blame() -> None:
    log = Asked([asking("https://kulti.test/api/auth/resend")])
    with pytest.raises(StepTimeout, match=r"did not answer POST /api/auth/resend within 0 s"):
        waited(log, limit_s=0.0)


def test_a_page_that_makes_no_request_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otp, "_BEGINS_S", 0.0)
    assert waited(Asked()).exchanges == []


def test_a_code_sent_again_is_issued_after_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(otp, "answered", lambda *_: order.append("answered"))
    box: Any = Box("Supabase")

    def issued(*_: object, **__: object) -> Code:
        order.append("issued")
        return CODE

    monkeypatch.setattr(otp, "wait_for_code", issued)
    inputs: list[Any] = []
    actor: Any = SimpleNamespace(
        email=ME,
        role="host",
        dwell=lambda _: None,
        view=SimpleNamespace(inputs=inputs),
        access=SimpleNamespace(resend_code=lambda: inputs.append(("click", 1.0))),
    )
    journey: Any = SimpleNamespace(tell=lambda *_: None, redactor=Redactor([]))
    OneTimeCodes(box, Inbox(kind="fixed")).arrives_again(journey, OpenStep("host", 1), actor)
    assert order == ["answered", "issued"]


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
