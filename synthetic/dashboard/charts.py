"""A figure over time, and where everything lies on its chart. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.dashboard.figures import Line
from synthetic.plan.model import Unit
from synthetic.reports.period import Period
from synthetic.reports.words import figure

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_WORDS_NEED = 10  # per cent of the height
TOP, HIGH = 8, 80
"""Per cent of a chart's height: above what is plotted, and that of what is plotted."""


@dataclass(frozen=True)
class Range:
    """How far a chart looks back, in which steps; ``bars`` are steps of what is counted."""

    name: str
    title: str
    length: timedelta
    step: timedelta
    bars: timedelta
    ticks: timedelta
    format: str


RANGES: Mapping[str, Range] = {
    one.name: one
    for one in (
        Range("6h", "6 hours", 6 * _HOUR, 5 * _MINUTE, 30 * _MINUTE, _HOUR, "%H:%M"),
        Range("24h", "24 hours", _DAY, 10 * _MINUTE, _HOUR, 4 * _HOUR, "%H:%M"),
        Range("7d", "7 days", 7 * _DAY, _HOUR, 6 * _HOUR, _DAY, "%a %d"),
        Range("30d", "30 days", 30 * _DAY, 6 * _HOUR, _DAY, 5 * _DAY, "%d %b"),
        Range("1y", "1 year", 365 * _DAY, 7 * _DAY, 7 * _DAY, 61 * _DAY, "%b %Y"),
    )
}
USUAL = "24h"


@dataclass(frozen=True)
class Point:
    """A figure over the step that ends ``at``; without a value it is the beginning of a gap."""

    at: datetime
    value: float | None


@dataclass(frozen=True)
class Tick:
    """A label on an axis, and its place in per cent."""

    place: float
    said: str


@dataclass(frozen=True)
class Chart:
    """A figure over time; ``key`` is its name on the page.

    A point is the figure over the ``step`` that ends there; no figure for longer than ``apart`` is
    a gap.
    """

    key: str
    title: str
    unit: Unit
    within: Period
    step: timedelta
    apart: timedelta
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    top: float
    bars: bool
    ticks: tuple[Tick, ...]

    @property
    def known(self) -> tuple[Point, ...]:
        """Where there is a figure."""
        return tuple(one for one in self.points if one.value is not None)

    def x(self, at: datetime) -> float:
        """Where a moment lies, in per cent from the left."""
        return round(100 * ((at - self.within.start) / self.within.length), 2)

    def y(self, value: float) -> float:
        """Where a value lies, in per cent from the top."""
        return round(TOP + HIGH * (1 - min(1.0, max(0.0, value / self.top))), 2)

    @property
    def levels(self) -> tuple[Tick, ...]:
        """The values that are written at the side."""
        return tuple(
            Tick(self.y(self.top * share), figure(self.top * share, self.unit))
            for share in (0, 0.5, 1)
        )

    @property
    def placed(self) -> tuple[tuple[Line, float, bool], ...]:
        """The lines, how far down each is, and whether its words stand below it for want of room
        above."""
        heights = [self.y(one.value) for one in self.lines]
        above = [*heights[1:], 0.0][: len(heights)]
        return tuple(
            (line, height, height - next_ < _WORDS_NEED)
            for line, height, next_ in zip(self.lines, heights, above, strict=True)
        )

    @property
    def pieces(self) -> tuple[tuple[Point, ...], ...]:
        """What is drawn in one go; gaps lie between them."""
        pieces: list[list[Point]] = [[]]
        for one in self.points:
            if one.value is None:
                pieces.append([])
            else:
                pieces[-1].append(one)
        return tuple(tuple(piece) for piece in pieces if piece)

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """Where nothing is known: left edge and width of each, in per cent."""
        pieces = self.pieces
        edges = [self.within.start]
        for piece in pieces:
            edges += [piece[0].at - self.step, piece[-1].at]
        edges.append(self.within.end)
        pairs = zip(edges[::2], edges[1::2], strict=True)
        wide = ((a, b) for a, b in pairs if b - a > self.apart)
        return tuple((self.x(a), round(self.x(b) - self.x(a), 2)) for a, b in wide)

    @property
    def trace(self) -> str:
        """The line, as a path within 1000 by 1000."""
        return "".join(f"M{'L'.join(self._places(piece))}" for piece in self.pieces)

    @property
    def area(self) -> str:
        """What lies under the line."""
        return "".join(
            f"M{'L'.join((_foot(self, piece[0]), *self._places(piece), _foot(self, piece[-1])))}Z"
            for piece in self.pieces
        )

    def when(self, at: datetime) -> str:
        """A step's end, as a table has it."""
        return f"{at:%d %b %H:%M}" if self.within.length <= 7 * _DAY else f"{at:%d %b %Y %H:%M}"

    def _places(self, piece: Sequence[Point]) -> list[str]:
        return [f"{_x(self, one)} {_y(self, one)}" for one in piece]

    @property
    def columns(self) -> tuple[tuple[float, float, float, float], ...]:
        """The bars, within 1000 by 1000: left, top, width, height."""
        width = 1000 * (self.step / self.within.length)
        return tuple(
            (round(_x(self, one) - 0.9 * width, 1), _y(self, one), round(0.8 * width, 1),
             1000 - _y(self, one))
            for one in self.known
        )  # fmt: skip

    @property
    def alone(self) -> tuple[Point, ...]:
        """Points with gaps on both sides, which no line would show."""
        return tuple(piece[0] for piece in self.pieces if len(piece) == 1)

    @property
    def data(self) -> str:
        """All of it for ``static/charts.js``, times in minutes since ``from``."""
        start = self.within.start
        points = [
            [round((one.at - start) / _MINUTE), None if one.value is None else _short(one.value)]
            for one in self.points
        ]
        return json.dumps(
            {
                "from": round(start.timestamp()),
                "to": round(self.within.end.timestamp()),
                "step": round(self.step.total_seconds()),
                "apart": round(self.apart.total_seconds()),
                "top": self.top,
                "bars": self.bars,
                "points": points,
                "levels": [[self.top * n / 2, tick.said] for n, tick in enumerate(self.levels)],
                "ticks": [[tick.place, tick.said] for tick in self.ticks],
                "lines": [[one.value, one.said, one.kind, low] for one, _, low in self.placed],
            },
            separators=(",", ":"),
        )


def _x(chart: Chart, one: Point) -> float:
    return round(10 * chart.x(one.at), 1)


def _foot(chart: Chart, one: Point) -> str:
    return f"{_x(chart, one)} 1000"


def _y(chart: Chart, one: Point) -> float:
    return round(1000 * (1 - min(1.0, max(0.0, (one.value or 0) / chart.top))), 1)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
