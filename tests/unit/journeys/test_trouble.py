"""What a page had trouble with is told once, and what was announced is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from synthetic.browser.page_log import Exchange
from synthetic.errors import Refused, StepTimeout, WrongPicture
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.trouble import explained, tell_trouble

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Told:
    """A journey that announced a 409, and remembers what it is told."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def wants(self, exchange: Exchange) -> bool:
        return exchange.status == 409

    def now(self) -> datetime:
        return NOW

    def tell(self, kind: str, who: str, text: str) -> None:
        self.rows.append((kind, who, text))


@dataclass
class Log:
    """What the page said and asked."""

    console: list[str]
    exchanges: list[Exchange]
    open: list[Exchange] = field(default_factory=list)

    def first_party(self, url: str) -> bool:
        return url.startswith("https://x.test/")

    def unanswered(self) -> list[Exchange]:
        return self.open


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


def why(error: Exception, host: Log, guest: Log | None = None) -> str:
    actors = [Someone(host), Someone(guest or Log([], []), role="guest")]
    journey, people = cast("Journey", Told()), cast("list[Actor]", actors)
    return explained(journey, people, error, since=NOW - 8 * SECOND)


def asked(
    status: int | None, ago: float, path: str = "/api/hms/token", site: str = "https://x.test"
) -> Exchange:
    return Exchange("POST", f"{site}{path}", status, None, NOW - ago * SECOND)


def test_what_the_product_answered_explains_what_the_page_showed() -> None:
    """The first bad answer of the step, and everybody who met it."""
    host = Log([], [asked(200, 7), asked(500, 6), asked(404, 5, "/logo.png")])
    guest = Log([], [asked(500, 4), asked(500, 3)])
    said = why(Refused("guest was told: 'Sorry'"), host, guest)
    assert said == "POST /api/hms/token answered 500 (host, guest): guest was told: 'Sorry'"


def test_what_the_product_never_answered_explains_it_too() -> None:
    host = Log([], [], open=[asked(None, 7)])
    said = why(StepTimeout("host did not see the room"), host)
    assert said == "POST /api/hms/token had no answer (host): host did not see the room"


def test_a_wrong_picture_is_told_first() -> None:
    said = why(WrongPicture("it is black"), Log([], [asked(500, 2)]))
    assert said == "it is black; meanwhile POST /api/hms/token answered 500 (host)"


def test_what_explains_nothing_is_left_out() -> None:
    """What was announced, came before the step, was just asked for, or went to others."""
    answers = [asked(409, 2), asked(500, 9), asked(500, 2, site="https://ads.test"), asked(200, 1)]
    log = Log([], answers, open=[asked(None, 0.5)])
    assert why(StepTimeout("no room"), log) == "no room"
