"""Makes charts from history, thinned to what a screen can show. Pure.

A range has as many steps however long it is, and each step asks history once: whole hours and
days of the past are answered from what is rolled up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from synthetic.dashboard.charts import Chart, Point, Range, Tick
from synthetic.dashboard.figures import Line
from synthetic.dashboard.past import OVER, Past
from synthetic.evaluate.history import Ask
from synthetic.plan.model import Metric, Plan
from synthetic.reports.measured import Measuring, What
from synthetic.reports.period import Period

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_APART = 1.5  # times the distance that is usual: more is a gap
_NEAR = 1.2  # times the most that was measured: a line farther off would only flatten the rest


@dataclass(frozen=True)
class Charting:
    """Makes charts of one target that end at one moment."""

    plan: Plan
    ask: Ask
    at: datetime
    range: Range
    past: Past = field(default_factory=Past)

    def chart(
        self,
        metric: str,
        where: Mapping[str, str] = {},
        *,
        title: str | None = None,
        lines: Sequence[Line] = (),
        bars: bool = False,
    ) -> Chart:
        """A metric's chart; what is counted by the hour takes steps as wide as ``bars``."""
        known = self.plan.metrics[metric]
        step = self.range.bars if bars or known.unit == "per hour" else self._step(known)
        within = self._within(step)
        found = self.points(metric, where, within, step)
        apart = _APART * max(step, _interval(known))
        points = tuple(_with_gaps(found, apart))
        top, near = _scale(found, lines)
        key = "-".join((metric, *where.values())).replace("/", "-")
        return Chart(
            key, title or known.title, known.unit, within, step, apart, points, near, top,
            bars, tuple(_ticks(within, self.range)),
        )  # fmt: skip

    def points(
        self, metric: str, where: Mapping[str, str], within: Period, step: timedelta
    ) -> tuple[Point, ...]:
        """The figure over each step that has one; the last is as long as any, and ends now."""
        measuring = Measuring(self.plan, self.ask, self.at, self.at)
        what = What(metric, "mean", tuple(sorted(where.items())))
        found: list[Point] = []
        end = within.start + step
        while end <= within.end:
            until = min(end, self.at)
            value = self._figure(measuring, what, Period(until - step, until))
            if value is not None:
                found.append(Point(end, value))
            end += step
        return tuple(found)

    def _figure(self, measuring: Measuring, what: What, within: Period) -> float | None:
        def ask() -> float | None:
            found = measuring.one(what, within)
            return found.value if found else None

        over = within.end <= self.at - OVER
        return self.past.figure((what, within), ask) if over else ask()

    def _step(self, known: Metric) -> timedelta:
        """No finer than figures come."""
        return self.range.step if _interval(known) < _HOUR else max(self.range.step, _HOUR / 2)

    def _within(self, step: timedelta) -> Period:
        """Whole steps, so that what is over is asked in the same words each time."""
        end = _EPOCH + -((_EPOCH - self.at) // step) * step
        return Period(end - self.range.length, end)


def _interval(known: Metric) -> timedelta:
    return timedelta(seconds=known.interval)


def _with_gaps(points: Sequence[Point], most: timedelta) -> Iterator[Point]:
    before: Point | None = None
    for one in points:
        if before is not None and one.at - before.at > most:
            yield Point(before.at + (one.at - before.at) / 2, None)
        yield one
        before = one


def _scale(points: Sequence[Point], lines: Sequence[Line]) -> tuple[float, tuple[Line, ...]]:
    """Where the chart ends, and the lines that have a place on it: the first always has."""
    most = max((one.value for one in points if one.value is not None), default=0.0)
    first = min((one.value for one in lines), default=0.0)
    near = tuple(one for one in lines if one.value <= _NEAR * max(most, first))
    top = max([most, *(one.value for one in near)])
    return _round_up(1.05 * top), near


def _round_up(value: float) -> float:
    """The next figure that is easy to halve."""
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(
        size * step for step in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10) if size * step >= value
    )


def _ticks(within: Period, range_: Range) -> Iterator[Tick]:
    at = _EPOCH + -((_EPOCH - within.start) // range_.ticks) * range_.ticks
    while at <= within.end:
        place = 100 * ((at - within.start) / within.length)
        if 4 <= place <= 96:  # a label needs room on both sides
            yield Tick(round(place, 2), f"{at:{range_.format}}")
        at += range_.ticks
