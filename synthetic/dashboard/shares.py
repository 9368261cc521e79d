"""A day in hours: how much of what was tried in each went well. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from synthetic.evaluate.history import Answer, Ask, Question
from synthetic.reports.document import State
from synthetic.store.digest import Labels, merged

HOURS = 24
_HOUR = timedelta(hours=1)
Hours = tuple[tuple[datetime, Answer], ...]
"""What was observed in each hour, with the hour's start."""


@dataclass(frozen=True)
class Hour:
    """What an hour came to; ``said`` is one clause of it."""

    state: State
    said: str


def hours(ask: Ask, metric: str, at: datetime) -> Hours:
    """What was observed in each of the last 24 hours, the present one included."""
    start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - (HOURS - 1) * _HOUR
    begins = (start + number * _HOUR for number in range(HOURS))
    return tuple((one, ask(Question(metric, one, one + _HOUR))) for one in begins)


def of_hours(answers: Hours, fits: Callable[[Labels], bool]) -> tuple[Hour, ...]:
    """What went well in each hour, of observations of 0 and 1 whose labels fit."""
    return tuple(_hour(begins, answer, fits) for begins, answer in answers)


def _hour(begins: datetime, answer: Answer, fits: Callable[[Labels], bool]) -> Hour:
    found = [one for labels, one in answer.items() if fits(labels)]
    if not found:
        return Hour("unknown", f"{begins:%H:%M}: not tried")
    one = merged(found)
    good = round(one.total)
    state: State = "ok" if good == one.count else "degraded" if good else "failed"
    return Hour(state, f"{begins:%H:%M}: {good} of {one.count}")
