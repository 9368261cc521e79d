"""A journey's steps as its witness hears of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from synthetic.browser.page_log import Exchange
from synthetic.errors import FeedError, MailboxError, RateLimited, StepTimeout, UsageError
from synthetic.journeys.cleanup import Ledger
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import Ruling, origin_of, settle
from synthetic.journeys.outline import PlannedStep
from synthetic.journeys.step import OpenStep
from synthetic.redaction import Redactor
from synthetic.results import Finding, Media, Page, Request, Sample, Step

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAN = (
    PlannedStep("open", "site", "host"),
    PlannedStep("chat", "chat", "host"),
    PlannedStep("leave", "leave", "guest"),
)


@dataclass
class Told:
    """A witness that remembers."""

    steps: list[Step] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def step_done(self, journey: str, attempt: int, step: Step) -> None:
        assert (journey, attempt) == ("test_it", 1)
        self.steps.append(step)

    def request_done(self, request: Request) -> None:
        self.requests.append(request)

    def media_seen(self, media: Media) -> None:
        raise AssertionError(media)

    def page_seen(self, page: Page) -> None:
        raise AssertionError(page)

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)

    def measured(self, sample: Sample) -> None:
        raise AssertionError(sample)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(step.name, step.status) for step in self.steps]


@pytest.fixture
def told() -> Told:
    """What the witness heard."""
    return Told()


@pytest.fixture
def journey(told: Told, tmp_path: Path) -> Journey:
    """A journey of three steps."""
    return Journey(
        name="test_it",
        run_id="r-1",
        planned=PLAN,
        witness=told,
        redactor=Redactor(["sesame"]),
        limit_s=20,
        warmup_s=0,
        watch_s=1,
        ledger=Ledger(tmp_path / "ledger"),
        on_failure=lambda error, _: settle(error, str(error), ()),
        now=lambda: NOW,
    )


def fail(journey: Journey, error: Exception, name: str = "open") -> None:
    """Fail in a step."""
    with pytest.raises(type(error)), journey.step(name, feature="site", actor="host"):
        raise error


def fail_after(journey: Journey, status: int) -> None:
    """Fail in a step in which a request got ``status``."""
    with journey.step("open", feature="site", actor="host"):
        journey.heard("host", answer(status))
        raise StepTimeout("no answer")


def answer(status: int | None, endpoint: str = "/api/messages/send") -> Exchange:
    return Exchange("POST", f"https://x.test{endpoint}", status, 5.0, NOW)


def test_a_step_that_passes_has_its_latency_and_start(journey: Journey, told: Told) -> None:
    with journey.step("open", feature="site", actor="host") as step:
        step.took(1_000_000.0, 1_000_250.04)
    (only,) = told.steps
    assert (only.status, only.latency_ms, only.feature, only.actor) == (
        "passed",
        250.0,
        "site",
        "host",
    )
    assert only.started_at == datetime.fromtimestamp(1000, UTC)
    assert journey.outcome().status == "passed"


def test_a_step_without_a_page_has_the_latency_it_was_given(journey: Journey, told: Told) -> None:
    with journey.step("open", feature="site", actor="host") as step:
        step.lasted(12.5)
    assert (told.steps[0].latency_ms, told.steps[0].started_at) == (12.5, NOW)


def test_after_a_failure_the_rest_is_skipped(journey: Journey, told: Told) -> None:
    with journey.step("open", feature="site", actor="host"):
        pass
    fail(journey, StepTimeout("no"), "chat")
    assert told.outcomes == [("open", "passed"), ("chat", "failed"), ("leave", "skipped")]
    assert all(step.latency_ms is None for step in told.steps[1:])


@pytest.mark.parametrize(
    ("error", "origin"),
    [
        (StepTimeout("x"), "target"),
        (MailboxError("x"), "dependency"),
        (RateLimited("x"), "unknown"),
        (FeedError("x"), "runner"),
        (AssertionError("x"), "runner"),
    ],
)
def test_a_failure_has_the_origin_of_its_error(
    journey: Journey, told: Told, error: Exception, origin: str
) -> None:
    fail(journey, error)
    assert (told.steps[0].origin, journey.outcome().origin, origin_of(error)) == (origin,) * 3


def test_a_failures_message_is_redacted(journey: Journey, told: Told) -> None:
    fail(journey, StepTimeout("saw sesame"))
    assert told.steps[0].error is not None
    assert told.steps[0].error.message == "saw [redacted]"


def test_a_failure_after_429_is_nobodys_outage(journey: Journey, told: Told) -> None:
    with pytest.raises(StepTimeout):
        fail_after(journey, 429)
    assert told.steps[0].error is not None
    assert (told.steps[0].error.type, told.steps[0].origin) == ("RateLimited", "unknown")
    assert "/api/messages/send answered 429 during 'open'" in told.steps[0].error.message


def test_429_in_an_earlier_step_explains_nothing(journey: Journey, told: Told) -> None:
    with journey.step("open", feature="site", actor="host"):
        journey.heard("host", answer(429))
    fail(journey, StepTimeout("no"), "chat")
    assert told.steps[1].origin == "target"


def test_a_429_that_the_journey_wants_explains_nothing(journey: Journey, told: Told) -> None:
    journey.expects("/api/messages/send", 429)
    with pytest.raises(StepTimeout):
        fail_after(journey, 429)
    assert told.steps[0].origin == "target"


def test_a_browser_that_died_is_not_the_targets_fault(journey: Journey, told: Told) -> None:
    journey.gone = lambda: ["guest"]
    fail(journey, StepTimeout("host did not see guest"))
    assert told.steps[0].error is not None
    assert (told.steps[0].error.type, told.steps[0].origin) == ("BrowserDied", "runner")
    assert "the browser of guest ended by itself during 'open'" in told.steps[0].error.message


def test_what_fails_before_the_first_step_fails_that_step(journey: Journey, told: Told) -> None:
    with pytest.raises(FeedError), journey.beginning():
        raise FeedError("no camera")
    assert told.outcomes == [("open", "failed"), ("chat", "skipped"), ("leave", "skipped")]


def test_two_failures_at_the_beginning_are_told_once(journey: Journey, told: Told) -> None:
    for _ in range(2):
        with pytest.raises(FeedError), journey.beginning():
            raise FeedError("no camera")
    assert len(told.steps) == len(PLAN)


def test_evidence_is_kept_after_the_step_is_told_and_before_the_rest(
    journey: Journey, told: Told
) -> None:
    heard: list[list[tuple[str, str]]] = []

    def hears(error: Exception, _: Step) -> Ruling:
        heard.append(list(told.outcomes))
        return settle(error, "", ())

    journey.on_failure = hears
    fail(journey, StepTimeout("no"))
    assert heard == [[("open", "failed")]]


def test_a_captcha_is_nobodys_outage(journey: Journey, told: Told) -> None:
    journey.challenged = lambda: ["host"]
    fail(journey, StepTimeout("no"))
    assert told.steps[0].origin == "unknown"
    assert "the page of host asked for a captcha during 'open'" in journey.sentence()


def test_a_captcha_explains_nothing_of_our_own_trouble(journey: Journey, told: Told) -> None:
    journey.challenged = lambda: ["host"]
    fail(journey, MailboxError("down"))
    assert told.steps[0].origin == "dependency"


def test_between_features_it_is_told_how_many_steps_are_over(journey: Journey) -> None:
    told: list[int] = []
    journey.on_pass = told.append
    same = PlannedStep("hear", "chat", "host")
    journey.planned = (
        PLAN[0],
        PLAN[1],
        same,
        PlannedStep("join", "session_join", "guest"),
        PLAN[2],
    )
    for planned in journey.planned:
        with journey.step(planned.name, feature="site", actor="host"):
            pass
    assert told == [1, 3, 5]


def test_what_nobody_looked_into_is_nobodys_fault(journey: Journey) -> None:
    journey.error = StepTimeout("outside of any step")
    assert journey.outcome().origin == "unknown"


def test_controls_that_break_blame_nobody(journey: Journey) -> None:
    def breaks(*_: object) -> Ruling:
        raise ZeroDivisionError("oh")

    journey.on_failure = breaks
    fail(journey, StepTimeout("no"))
    outcome = journey.outcome()
    assert outcome.origin == "unknown"
    assert "our own controls broke (ZeroDivisionError: oh)" in (outcome.story or "")


@pytest.mark.parametrize(
    ("status", "expected"), [(200, True), (302, True), (404, False), (409, True), (None, False)]
)
def test_a_request_is_expected_when_it_went_well_or_was_announced(
    journey: Journey, told: Told, status: int | None, expected: bool
) -> None:
    journey.expects("/api/messages/send", 409)
    with journey.step("open", feature="site", actor="host"):
        journey.heard("guest", answer(status))
    (request,) = told.requests
    assert (request.expected, request.step, request.actor) == (expected, "open", "guest")


def test_a_step_without_a_page_cannot_act() -> None:
    with pytest.raises(UsageError, match="a step of probe has no page to act in"):
        OpenStep("probe", 1).act(lambda: None, until=[])


def test_media_cannot_be_timed_from_a_step_without_a_gesture() -> None:
    with pytest.raises(UsageError, match="made no gesture to count from"):
        OpenStep("host", 1).since(OpenStep("host", 1), until=[])


def test_titles_and_lines_name_the_run(journey: Journey) -> None:
    assert journey.title("two people meet") == "synthetic r-1: two people meet"
    assert "r-1" in journey.line("hello")
