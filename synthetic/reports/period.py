"""What span of time a report speaks of, and figures over that span. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from synthetic.reports.words import day, instant

Length = Literal["hour", "day", "week", "month"]
LENGTHS: dict[Length, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=28),  # plan, Part C: "4 Weeks"; whole weeks compare like with like
}


@dataclass(frozen=True)
class Period:
    """After ``start``, up to and with ``end``."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    @property
    def before(self) -> Period:
        """The one of the same length that it follows."""
        return Period(self.start - self.length, self.start)

    @property
    def said_before(self) -> str:
        """The period before in words, as what is compared to."""
        if self._whole_days:
            return f", against {self.before}"
        return f", against the {self._length.lower()} before"

    @property
    def _whole_days(self) -> bool:
        return all(one == _midnight(one) for one in (self.start, self.end))

    @property
    def _length(self) -> str:
        hours = round(self.length / timedelta(hours=1))
        return "Hour" if hours == 1 else f"{hours} hours" if hours <= 24 else f"{hours // 24} days"

    def __contains__(self, moment: datetime) -> bool:
        return self.start < moment <= self.end

    def __str__(self) -> str:
        """In words: a day, whole days, or two moments."""
        if not self._whole_days:
            return f"{self._length} to {instant(self.end)}"
        last = self.end - timedelta(days=1)
        return (
            day(last) if self.length <= timedelta(days=1) else f"{day(self.start)} to {day(last)}"
        )


def period(at: datetime, length: Length, *, whole_days: bool) -> Period:
    """The last ``length`` up to ``at``, or up to the midnight (UTC) before it."""
    now = at.astimezone(UTC)
    end = _midnight(now) if whole_days else now
    return Period(end - LENGTHS[length], end)


def day_of(day: date) -> Period:
    """A whole day (UTC)."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Period(start, start + timedelta(days=1))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
