"""Figures as screens show them: a value beside what the plan holds it against. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from synthetic.evaluate.gauges import Gauging, matches
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.rules import beyond
from synthetic.plan.model import BELOW, Comparison, Phase, Plan, Row, Span, Unit
from synthetic.reports.document import State
from synthetic.reports.words import figure, limit, of

_MILD = "low"
"""An alert of this severity wakes nobody: what is past it misses its target, no more."""
_SEVERITIES = ("critical", "high", "medium", "low", None)
_ROOM = 1.25  # of the highest line, so that what is past it still has a place on the scale


@dataclass(frozen=True)
class Held:
    """What the plan holds a figure against in a phase: its target, and the rules that may fire."""

    target: Row | None
    rules: tuple[Row, ...]
    better: str | None

    def state(self, value: float | None) -> State | None:
        """Past an alert line, past the target, within it; none where nothing is said."""
        if value is None:
            return "unknown"
        past = {row.severity for row in self.rules if beyond(row, value)}
        if past - {_MILD}:
            return "failed"
        if past or (self.target is not None and self._misses(value)):
            return "degraded"
        return "ok" if self.target is not None or self.rules else None

    def _misses(self, value: float) -> bool:
        line = self.target.target if self.target else None
        if isinstance(line, Span):
            low = line.min is not None and value < line.min
            return low or (line.max is not None and value > line.max)
        return line is not None and (value < line if self.low_is_bad else value > line)

    @property
    def low_is_bad(self) -> bool:
        """Whether it is too little rather than too much that the plan warns of."""
        compares = {row.compare for row in self.rules if row.compare}
        compares |= {self.target.compare} if self.target and self.target.compare else set()
        return bool(compares & BELOW) if compares else self.better == "higher"

    def target_said(self, unit: Unit) -> str:
        """Such as ``< 1%``; nothing where there is no target."""
        if self.target is None or self.target.target is None:
            return ""
        if self.target.target == 0:
            return figure(0, unit)
        compare: Comparison = ">" if self.low_is_bad else "<"
        return limit(self.target.target, compare, unit)

    def alert_said(self, unit: Unit) -> str:
        """The line that comes first, such as ``> 2%``; nothing where no rule can fire."""
        first = self.first
        if first is None or first.alert is None:
            return ""
        if isinstance(first.alert, Span) and first.alert.min is not None:
            return f"< {figure(first.alert.min, unit)} or > {figure(first.alert.max or 0, unit)}"
        return limit(first.alert, first.compare, unit)

    @property
    def first(self) -> Row | None:
        """The rule that is crossed first on the way from good to bad."""
        lines = [(row.alert, row) for row in self.rules if isinstance(row.alert, int | float)]
        if not lines:
            return self.rules[0] if self.rules else None
        pick = max if self.low_is_bad else min
        return pick(lines, key=lambda one: one[0])[1]

    def lines(self, unit: Unit) -> tuple[Line, ...]:
        """Every line that means something new, the lowest first."""
        found = {
            value: Line(value, f"alert {limit(value, None, unit)} ({row.severity})", "alert")
            for value, row in self._alerts().items()
        }
        for value in _bounds(self.target.target if self.target else None):
            both = value in found
            said = found[value].said if both else limit(value, None, unit)
            found[value] = Line(value, f"target, {said}" if both else f"target {said}",
                                "alert" if both else "target")  # fmt: skip
        return tuple(found[value] for value in sorted(found))

    def said(self, unit: Unit) -> str:
        """All of it in words: ``target < 1%; alert > 2% (medium), > 5% (high)``."""
        alerts = ", ".join(
            f"{'<' if self._is_lower_bound(value, row) else '>'} {limit(value, None, unit)} "
            f"({row.severity})"
            for value, row in self._alerts().items()
        )
        target = self.target_said(unit)
        return "; ".join(
            (*((f"target {target}",) if target else ()), *((f"alert {alerts}",) if alerts else ()))
        )

    def _alerts(self) -> dict[float, Row]:
        """The alert lines from good to bad, but for those beyond which nobody else is told."""
        rows = [(value, row) for row in self.rules for value in _bounds(row.alert)]
        rows.sort(key=lambda one: (one[0] if not self.low_is_bad else -one[0], _rank(one[1])))
        found: dict[float, Row] = {}
        worst = len(_SEVERITIES)
        for value, row in rows:
            if _rank(row) < worst or isinstance(row.alert, Span):
                worst = min(worst, _rank(row))
                found.setdefault(value, row)
        return found

    def _is_lower_bound(self, value: float, row: Row) -> bool:
        return row.alert.min == value if isinstance(row.alert, Span) else self.low_is_bad


@dataclass(frozen=True)
class Line:
    """A value on a scale or a chart that means something: ``target`` or ``alert``."""

    value: float
    said: str
    kind: str


@dataclass(frozen=True)
class Zone:
    """A part of a scale that means one state; where it begins and how wide it is, in per cent."""

    state: State
    start: float
    width: float


@dataclass(frozen=True)
class Reading:
    """A metric's value at a moment for one label set, with what it is held against.

    ``value`` is none where it is unknown; ``few`` is how many more observations it takes until
    the value is held against anything. ``sourced`` is whether only a source can tell it.
    """

    metric: str
    title: str
    unit: Unit
    value: float | None
    state: State | None
    held: Held
    at: datetime | None = None
    count: int | None = None
    low: float | None = None
    high: float | None = None
    few: int = 0
    sourced: bool = False

    @property
    def shown(self) -> str:
        """The value with its unit, or that it is unknown."""
        return "unknown" if self.value is None else figure(self.value, self.unit)

    @property
    def basis(self) -> str:
        """``18 of 20`` where it is a share, and nothing otherwise."""
        if self.value is None or self.low is None or not self.count:
            return ""
        return of(self.value, self.count)

    @property
    def interval(self) -> str:
        """Where the true share lies, 19 times in 20: ``84% to 99%``."""
        if self.low is None or self.high is None:
            return ""
        return f"{figure(self.low, self.unit)} to {figure(self.high, self.unit)}"

    @property
    def target(self) -> str:
        """What it should be."""
        return self.held.target_said(self.unit)

    @property
    def alert(self) -> str:
        """Beyond what somebody is told."""
        return self.held.alert_said(self.unit)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of its scale."""
        return self.held.lines(self.unit)

    @property
    def against(self) -> str:
        """What it is held against, in words."""
        return self.held.said(self.unit)

    def zones(self, top: float) -> tuple[Zone, ...]:
        """How a scale from zero to ``top`` divides; of nothing that is held against it, one."""
        edges = sorted({0.0, top, *(one.value for one in self.lines if 0 < one.value < top)})
        return tuple(
            Zone(self.held.state((low + high) / 2) or "unknown", place(low, top),
                 round(place(high, top) - place(low, top), 2))
            for low, high in pairwise(edges)
        )  # fmt: skip


def held(plan: Plan, phase: Phase, metric: str, labels: Mapping[str, str] = {}) -> Held:
    """What the plan says in a phase of a metric's figure with these labels.

    The phase's own target counts before that of all phases, and any before that of another phase.
    """
    pairs = tuple(sorted(labels.items()))
    fitting = [one for one in plan.rows if one.metric == metric and matches(pairs, one.where)]
    ranks = {phase: 0, None: 1}
    targets = [one for one in fitting if one.target is not None]
    target = min(targets, key=lambda one: ranks.get(one.phase, 2), default=None)
    rules = {one.id for one in plan.rules(phase)}
    known = plan.metrics.get(metric)
    return Held(
        target, tuple(one for one in fitting if one.id in rules), known.better if known else None
    )


def reading(
    plan: Plan, phase: Phase, working: Gauging, metric: str, at: datetime, where: Mapping[str, str]
) -> Reading:
    """A metric now: of several label sets that fit, the one that stands worst."""
    against = held(plan, phase, metric, where)
    fitting = [one for one in working.gauge(metric, at) if matches(one.labels, where)]
    return of_gauge(plan, metric, worst_of(fitting, against), against)


def of_gauge(plan: Plan, metric: str, found: Gauge | None, against: Held) -> Reading:
    """A gauge, or that there is none, as it is shown."""
    known = plan.metrics[metric]
    if found is None:
        sourced = known.observed_by == "source"
        return Reading(metric, known.title, known.unit, None, "unknown", against, sourced=sourced)
    return Reading(
        metric, known.title, known.unit, found.value, against.state(found.value), against,
        found.at, found.count, found.low, found.high,
    )  # fmt: skip


def place(value: float, top: float) -> float:
    """Where a value lies on a scale, in per cent of it, its ends included."""
    return round(100 * min(1.0, max(0.0, value / top)), 2)


def scale_top(lines: Iterable[Line], value: float | None) -> float:
    """Where a scale from zero ends: a quarter past its last line, or past the value without one."""
    highest = max((one.value for one in lines), default=0.0)
    return _ROOM * highest if highest > 0 else max(1.0, _ROOM * (value or 0))


def worst_of(gauges: Iterable[Gauge], against: Held) -> Gauge | None:
    """Of a metric's label sets the one that stands worst."""
    sign = 1 if against.low_is_bad else -1
    return min(gauges, key=lambda one: sign * one.value, default=None)


def _bounds(line: float | Span | None) -> list[float]:
    if isinstance(line, Span):
        return [one for one in (line.min, line.max) if one is not None]
    return [] if line is None else [line]


def _rank(row: Row) -> int:
    return _SEVERITIES.index(row.severity)
