"""What a page had trouble with is told once, and what was announced is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from synthetic.browser.page_log import Exchange
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.trouble import tell_trouble


@dataclass
class Told:
    """A journey that announced a 409, and remembers what it is told."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def wants(self, exchange: Exchange) -> bool:
        return exchange.status == 409

    def tell(self, kind: str, who: str, text: str) -> None:
        self.rows.append((kind, who, text))


@dataclass
class Log:
    """What the page said and asked."""

    console: list[str]
    exchanges: list[Exchange]


@dataclass
class Someone:
    """As far as this looks."""

    log: Any
    role: str = "host"


def answered(status: int | None, path: str = "/api/messages/send") -> Exchange:
    return Exchange("POST", f"https://x.test{path}", status, 1.0, datetime.now(UTC))


def told(console: list[str], *exchanges: Exchange) -> list[tuple[str, str, str]]:
    journey = Told()
    actor = Someone(Log(console, list(exchanges)))
    tell_trouble(cast("Journey", journey), cast("Actor", actor))
    return journey.rows


def test_errors_of_the_console_are_told_once() -> None:
    said = ["error: boom", "log: fine", "error: boom", "page error: TypeError"]
    assert told(said) == [
        ("console", "host", "error: boom"),
        ("console", "host", "page error: TypeError"),
    ]


def test_a_refused_request_is_told_as_a_request_only() -> None:
    rows = told(["error: Failed to load resource: 500"], answered(500), answered(500))
    assert rows == [("request", "host", "POST /api/messages/send: 500")]


def test_a_request_without_an_answer_is_told() -> None:
    assert told([], answered(None)) == [("request", "host", "POST /api/messages/send: no answer")]


def test_what_went_well_or_was_announced_is_not_told() -> None:
    assert told([], answered(200), answered(409)) == []
