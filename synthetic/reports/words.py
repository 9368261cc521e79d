"""How reports write figures, changes, days and lines to be kept. Pure."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from synthetic.plan.model import Comparison, Span, Unit
from synthetic.wording import milliseconds

_STEADY = 0.005  # of the figure; less is no change worth a word
_MANIFOLD = 2  # times the figure; more is told as a factor
_SUFFIXES: dict[Unit, str] = {
    "count": "",
    "ratio": "",
    "score": "",
    "text": "",
    "per hour": "",  # as the figure's name says
    "per day": "",
}
_FACTORS: dict[Unit, float] = {"s": 1000.0, "ms": 1.0}


def figure(value: float, unit: Unit) -> str:
    """A value as people write it in that unit; two digits where it is not counted."""
    if unit == "%":
        return percent(value)
    if unit in _FACTORS:
        return milliseconds(value * _FACTORS[unit])
    if unit == "bool":
        return "yes" if value else "no"
    if unit == "$":
        return f"−${_number(-value, money=True)}" if value < 0 else f"${_number(value, money=True)}"
    return f"{_number(value)}{_SUFFIXES.get(unit, f' {unit}')}"


def percent(value: float) -> str:
    """Per cent, with two digits of its distance to the nearer of 0 and 100: 0.31%, 99.95%."""
    distance = min(abs(value), abs(100 - value))
    places = 0 if distance == 0 or distance >= 9.95 else min(4, _places(distance))
    return f"{_trimmed(value, places)}%"


def _trimmed(value: float, places: int) -> str:
    """Without zeros behind the point that say nothing."""
    text = f"{value:.{places}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _places(value: float) -> int:
    """How many places after the point show two digits of a positive value."""
    return 1 - math.floor(math.log10(value))


def _number(value: float, *, money: bool = False) -> str:
    """Whole numbers in full, with their thousands apart; others with two digits."""
    if money and abs(value) >= 1 and value != round(value):
        return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}".replace("-", "−")
    return _trimmed(value, max(0, _places(abs(value))))


def limit(value: float | Span, compare: Comparison | None, unit: Unit) -> str:
    """What a figure is held against, such as ``> 99%``, ``500 kbps to 2,000 kbps`` or ``50``."""
    return _limit(value, compare, unit).replace(".0 s", " s")


def _limit(value: float | Span, compare: Comparison | None, unit: Unit) -> str:
    if isinstance(value, Span):
        if value.min is None or value.max is None:
            sign, bound = ("<", value.max) if value.min is None else (">", value.min)
            return f"{sign} {figure(bound or 0, unit)}"
        return f"{figure(value.min, unit)} to {figure(value.max, unit)}"
    return f"{compare} {figure(value, unit)}" if compare else figure(value, unit)


def change(now: float, before: float, unit: Unit, better: str | None) -> str:
    """Where a figure went, and whether that is good where one way is: ``up 20%, better``.

    A change of less than half a per cent of the figure is ``stable``.
    """
    moved = now - before
    if abs(moved) <= _STEADY * abs(before):
        return "stable"
    word = "up" if moved > 0 else "down"
    good = (
        "" if better is None else ", better" if (moved > 0) == (better == "higher") else ", worse"
    )
    return f"{word} {_size(now, before, unit)}{good}"


def _size(now: float, before: float, unit: Unit) -> str:
    moved = abs(now - before)
    if unit == "%":  # per cent of per cent would mislead
        return f"{_number(float(f'{moved:.2g}'))} points"
    if before <= 0:
        return f"by {figure(moved, unit)}"
    if now / before > _MANIFOLD:
        return f"×{now / before:.2g}"
    return f"{float(f'{100 * moved / before:.2g}'):g}%"


def of(share: float, count: int) -> str:
    """The count behind a share in per cent: ``18 of 20``."""
    return f"{round(share * count / 100):,} of {count:,}"


def day(moment: date | datetime) -> str:
    """A day, such as ``2 Dec 2026``."""
    return f"{moment:%d %b %Y}".lstrip("0")


def instant(moment: datetime) -> str:
    """A moment in UTC, such as ``2 Dec 2026, 09:15 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def span(length: timedelta) -> str:
    """How long something took or lasts, in one or two units: ``45 s``, ``3 h 20 min``, ``2 d``."""
    whole = round(length.total_seconds())
    for size, unit, smaller, under in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {under}" if rest else "")
    return f"{whole // 60} min" if whole >= 60 else f"{whole} s"
