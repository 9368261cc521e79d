"""A journey in progress: its steps, what they found, and what is kept when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, cast

import allure

from synthetic.browser.page_log import Exchange
from synthetic.errors import BrowserDied, RateLimited, Refused, RunnerError, StepTimeout
from synthetic.journeys.actor import Actor
from synthetic.journeys.cleanup import Created, Ledger
from synthetic.journeys.headroom import Reading, reading
from synthetic.journeys.origin import Ruling, origin_of, settle
from synthetic.journeys.outline import PlannedStep
from synthetic.journeys.step import OpenStep
from synthetic.redaction import Redactor
from synthetic.results import (
    Control,
    Feature,
    Finding,
    FindingKind,
    Media,
    Page,
    Problem,
    Request,
    Sample,
    Step,
)
from synthetic.store.run_folder import JourneyDone


class Witness(Protocol):
    """Hears what happened, in order: the run record, the terminal, Allure."""

    def step_done(self, journey: str, attempt: int, step: Step) -> None:
        """A step passed, failed or was skipped."""

    def request_done(self, request: Request) -> None:
        """A request to an endpoint of the product got its answer."""

    def media_seen(self, media: Media) -> None:
        """Media was judged."""

    def page_seen(self, page: Page) -> None:
        """A page loaded."""

    def found(self, finding: Finding) -> None:
        """Something odd was noticed."""

    def measured(self, sample: Sample) -> None:
        """A figure of the target itself was taken."""


@dataclass
class Journey:
    """One attempt at one test; ``planned`` is what its source announces."""

    name: str
    run_id: str
    planned: Sequence[PlannedStep]
    witness: Witness
    redactor: Redactor
    limit_s: float
    warmup_s: float
    watch_s: float
    ledger: Ledger
    on_failure: Callable[[Exception, Step], Ruling]
    """Keeps evidence and makes controls."""
    gone: Callable[[], Sequence[str]] = tuple
    """The actors whose browser ended by itself."""
    challenged: Callable[[], Sequence[str]] = tuple
    """The actors whose page asks for a captcha."""
    admit: Callable[[], object] = lambda: None
    """Waits until this machine can hold one more call."""
    attempt: int = 1
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    error: BaseException | None = None
    ended: bool = False
    current: str | None = None
    """The name of the step in progress, or of the last one."""
    before: Reading = field(default_factory=reading)
    """This machine when that step began."""
    ruling: Ruling | None = None
    on_step: Callable[[int], None] = lambda _: None
    """Told how many steps are over, before each."""
    on_pass: Callable[[int], None] = lambda _: None
    """Told the same, after each that passed while nothing is being timed."""
    _done: int = 0
    _expected: list[tuple[str, int]] = field(default_factory=list)
    _limited: Exchange | None = None

    def title(self, what: str) -> str:
        """A session's title by which product analytics can leave it out."""
        return f"synthetic {self.run_id}: {what}"

    def line(self, text: str) -> str:
        """A chat line that only this run can have sent."""
        return f"{text} (run {self.run_id})"

    def created_session(self, owner: Actor) -> None:
        """Note the session that ``owner`` is in, so that it is ended whatever happens."""
        target = owner.stage.base_url
        self.ledger.created(Created("session", owner.room.session_id, owner.email, target))

    @contextmanager
    def step(
        self, name: str, *, feature: Feature, actor: Actor | str, limit_s: float | None = None
    ) -> Iterator[OpenStep]:
        """One thing a user does and waits for. A failure ends the journey."""
        who = actor if isinstance(actor, str) else actor.role
        opened = OpenStep(who, limit_s or self.limit_s)
        opened.acting = None if isinstance(actor, str) else actor
        began = self.now()
        self.on_step(self._done)
        self.current, self._limited, self.before = name, None, reading()
        try:
            with allure.step(f"{who}: {name}"):
                yield opened
        except Exception as error:
            self._failed(name, feature, who, began, error)
            raise
        if opened.started_ms is not None:
            began = datetime.fromtimestamp(opened.started_ms / 1000, UTC)
        self._done += 1
        self.witness.step_done(
            self.name,
            self.attempt,
            Step(
                name=name,
                feature=feature,
                actor=who,
                status="passed",
                latency_ms=opened.latency_ms,
                started_at=began,
                ended_at=self.now(),
            ),
        )
        if self._between_features():
            self.on_pass(self._done)

    def _between_features(self) -> bool:
        """Whether nothing is being timed: steps of one feature may count from one gesture."""
        here, coming = (
            self.planned[at].feature if at < len(self.planned) else None
            for at in (self._done - 1, self._done)
        )
        return here != coming and here != "session_join"

    def _failed(
        self, name: str, feature: Feature, who: str, began: datetime, error: Exception
    ) -> None:
        self.error = self._cause(name, who, error)
        step = Step(
            name=name,
            feature=feature,
            actor=who,
            status="failed",
            started_at=began,
            ended_at=self.now(),
            error=Problem(
                type=type(self.error).__name__, message=self.redactor.text(str(self.error))
            ),
            origin=origin_of(self.error),
        )
        self.witness.step_done(self.name, self.attempt, step)
        self._done += 1
        self.ruling = self._inquired(self.error, step)
        self._skip_rest()

    def _inquired(self, error: Exception, step: Step) -> Ruling:
        try:
            return self.on_failure(error, step)
        except Exception as broken:  # what we could not look into is nobody's fault yet
            said = self.redactor.text(f"{type(broken).__name__}: {broken}", 300)
            control = Control(name="controls", ok=None, said=f"our own controls broke ({said})")
            return Ruling(
                "unknown",
                self.redactor.text(str(error)),
                f"Whose fault it is could not be settled: {control.said}.",
                (control,),
            )

    def _cause(self, name: str, who: str, error: Exception) -> Exception:
        if isinstance(error, RunnerError):
            return error
        # Whoever waits for a person whose browser died would blame the product for it.
        if gone := self.gone():
            said = next(iter(str(error).splitlines()), type(error).__name__)
            return BrowserDied(
                f"the browser of {' and '.join(gone)} ended by itself during {name!r} ({said}); "
                "look for an out-of-memory kill, and run again"
            )
        if self._limited and not isinstance(error, RateLimited):
            return RateLimited(
                f"{self._limited.endpoint} answered 429 during {name!r}: we asked too often; "
                "run less often, or ask for a higher limit for the monitor's accounts"
            )
        if isinstance(error, StepTimeout | Refused) and who in self.challenged():
            return RateLimited(
                f"the page of {who} asked for a captcha during {name!r}: it takes "
                "us for a robot, which we are; let the monitor's accounts pass, or run less often"
            )
        return error

    @contextmanager
    def beginning(self) -> Iterator[None]:
        """What goes wrong before a step, such as somebody's entrance, fails that step."""
        try:
            yield
        except Exception as error:
            if self.error is None and self._done < len(self.planned):
                coming = self.planned[self._done]
                feature = cast("Feature", coming.feature)
                self._failed(coming.name, feature, coming.actor, self.now(), error)
            raise

    def tell(self, kind: FindingKind, who: str, text: str) -> None:
        """Note something odd that no step waits for."""
        self.witness.found(
            Finding(
                kind=kind,
                actor=who,
                text=self.redactor.text(text, 300),
                journey=self.name,
                attempt=self.attempt,
                step=self.current,
            )
        )

    def outcome(self) -> JourneyDone:
        """How it ended."""
        ruling = self._ruled()
        return JourneyDone(
            journey=self.name,
            attempt=self.attempt,
            status="failed" if ruling else "passed",
            origin=ruling.origin if ruling else None,
            story=ruling.story if ruling else None,
            controls=ruling.controls if ruling else (),
        )

    def _ruled(self) -> Ruling | None:
        if self.ruling or self.error is None:
            return self.ruling
        said = self.redactor.text(str(self.error))
        if origin_of(self.error) == "target":
            return Ruling("unknown", said, "Nobody looked whose fault it was.")
        return settle(self.error, said, ())

    def sentence(self) -> str:
        """Why it failed, redacted, and why we think so."""
        told = self.redactor.text(f"{type(self.error).__name__}: {self.error}")
        return f"{told}\n{self.ruling.why}" if self.ruling else told

    def _skip_rest(self) -> None:
        for planned in self.planned[self._done :]:
            step = Step.model_validate(
                {
                    "name": planned.name,
                    "feature": planned.feature,
                    "actor": planned.actor,
                    "status": "skipped",
                    "started_at": self.now(),
                }
            )
            self.witness.step_done(self.name, self.attempt, step)

    def expects(self, endpoint: str, status: int) -> None:
        """Announce an answer that this journey wants, such as a deliberate 4xx."""
        self._expected.append((endpoint, status))

    def wants(self, exchange: Exchange) -> bool:
        """Whether this answer is one that the journey announced."""
        return (exchange.endpoint, exchange.status) in self._expected

    def heard(self, who: str, exchange: Exchange) -> None:
        """Take note of a request of an actor, and record it where it is one of the listed."""
        if exchange.status == 429 and not self.wants(exchange):
            self._limited = exchange
        if not exchange.listed:
            return
        self.witness.request_done(
            Request(
                endpoint=self.redactor.text(exchange.endpoint, 120),
                method=exchange.method,
                status=exchange.status,
                duration_ms=exchange.duration_ms,
                at=exchange.at,
                actor=who,
                journey=self.name,
                attempt=self.attempt,
                step=self.current,
                expected=exchange.good or self.wants(exchange),
            )
        )
