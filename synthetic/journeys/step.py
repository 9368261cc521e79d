"""A step in progress: one thing a user does, and what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthetic.browser.stopwatch import Condition, Lap, await_since, measure
from synthetic.errors import Leak, Refused, UsageError
from synthetic.journeys.actor import Actor


@dataclass
class OpenStep:
    """A step in progress: act, then wait in the page; the last wait is the step's latency."""

    actor: str
    limit_s: float
    latency_ms: float | None = None
    started_ms: float | None = None
    ended_ms: float | None = None
    acting: Actor | None = None

    def act(self, gesture: Callable[[], object], until: Sequence[Condition]) -> Lap:
        """Make a gesture and time it until all conditions hold."""
        return self._timed(gesture, until, unless=self._page.access.refusal)

    def go(self, gesture: Callable[[], object], until: Sequence[Condition]) -> Lap:
        """Navigate by address and time it until all conditions hold in the new document."""
        return self._timed(gesture, until, unless=self._page.access.refusal, navigates=True)

    def is_refused(self, gesture: Callable[[], object], else_in: Condition | None = None) -> Lap:
        """Make a gesture that the product should refuse, and time it until it says so.

        ``else_in`` is what the page shows when it lets them in nevertheless: raises
        :class:`~synthetic.errors.Leak` then.
        """
        try:
            return self._timed(gesture, [self._page.access.refusal], unless=else_in)
        except Refused as error:
            raise Leak(f"{self.actor} was let in, which should have been refused") from error

    @property
    def _page(self) -> Actor:
        if self.acting is None:
            raise UsageError(f"a step of {self.actor} has no page to act in")
        return self.acting

    def _timed(
        self,
        gesture: Callable[[], object],
        until: Sequence[Condition],
        *,
        unless: Condition | None,
        navigates: bool = False,
    ) -> Lap:
        lap = measure(
            self._page.view,
            gesture,
            until,
            refusal=unless,
            navigates=navigates,
            limit_s=self.limit_s,
        )
        self.took(lap.started_ms, lap.ended_ms)
        return lap

    def since(self, earlier: OpenStep, until: Sequence[Condition]) -> Lap:
        """Time what an earlier step's gesture brings about."""
        if earlier.started_ms is None:
            raise UsageError("the earlier step made no gesture to count from")
        return self.since_moment(earlier.started_ms, until)

    def since_moment(self, started_ms: float, until: Sequence[Condition]) -> Lap:
        """Time what nobody's gesture brings about, from a moment (milliseconds since the epoch)."""
        lap = await_since(started_ms, until, limit_s=self.limit_s)
        self.took(lap.started_ms, lap.ended_ms)
        return lap

    def lasted(self, latency_ms: float) -> None:
        """Set the latency of a step that no page was needed for."""
        self.latency_ms = latency_ms

    def untimed(self) -> None:
        """Give the step no latency: what it stands for did not happen as it does to users."""
        self.latency_ms = None

    def took(self, started_ms: float, ended_ms: float) -> None:
        """Set the step's latency from two moments (milliseconds since the epoch)."""
        self.started_ms, self.ended_ms = started_ms, ended_ms
        self.latency_ms = round(ended_ms - started_ms, 1)
