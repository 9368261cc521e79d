"""When a schedule was due, how late a run began, and which runs never did. Pure.

GitHub promises no time: it delays scheduled runs under load, and drops some. Which slot a run
belongs to is not told either; it is taken to be the last one before the run was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LATE = timedelta(minutes=10)
"""Below this a start is as punctual as GitHub's schedules are on a good day."""
LOOK_BACK = timedelta(hours=24)
_MINUTE = timedelta(minutes=1)
_FURTHEST = timedelta(days=8)
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


@dataclass(frozen=True)
class Punctuality:
    """How a run began: its slot, how long after it, and the slots in which nothing began."""

    due: datetime
    lag: timedelta
    missing: tuple[datetime, ...]

    def sentences(self) -> Iterator[str]:
        """What people should know of it; nothing where all is well."""
        if self.lag >= LATE:
            late = self.lag // _MINUTE
            yield f"This run was due at {self.due:%H:%M} UTC and began {late} min late."
        if self.missing:
            when = ", ".join(f"{slot:%d %b %H:%M}" for slot in self.missing)
            yield (
                f"No run began that was due at {when} UTC: GitHub dropped or put off "
                f"{'it' if len(self.missing) == 1 else 'them'}, and what happened then is unknown."
            )


def punctuality(cron: str, began: datetime, others: Iterable[datetime]) -> Punctuality | None:
    """How a scheduled run began, given when others of the schedule were made.

    Slots before the earliest of them are not asked about: there was no schedule yet. None for a
    schedule that never was due. Raises ``ValueError`` for what is no schedule.
    """
    fits = _parsed(cron)
    due = _last(fits, began)
    if due is None:
        return None
    earlier = [one for one in others if one < due]
    taken = {_last(fits, one) for one in earlier}
    first = max(min(earlier, default=due), began - LOOK_BACK)
    slots = _slots(fits, first, due)
    return Punctuality(due, began - due, tuple(slot for slot in slots if slot not in taken))


_Fields = tuple[frozenset[int], ...]


def _parsed(cron: str) -> _Fields:
    fields = cron.split()
    if len(fields) != len(_RANGES):
        raise ValueError(f"{cron} should have five fields, such as 0 */2 * * *")
    return tuple(
        frozenset(number for part in field.split(",") for number in _numbers(part, low, high))
        for field, (low, high) in zip(fields, _RANGES, strict=True)
    )


def _numbers(part: str, low: int, high: int) -> Iterable[int]:
    span, _, step = part.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        begin, end = low, high
    else:
        begin = int(first)
        end = int(last) if dash else high if step else begin
    if not low <= begin <= end <= high:
        raise ValueError(f"{part} should lie between {low} and {high}")
    return range(begin, end + 1, int(step or 1))


def _fits(fields: _Fields, at: datetime) -> bool:
    return all(
        value in field
        for value, field in zip(
            (at.minute, at.hour, at.day, at.month, at.isoweekday() % 7), fields, strict=True
        )
    )


def _last(fields: _Fields, at: datetime) -> datetime | None:
    slot = at.astimezone(UTC).replace(second=0, microsecond=0)
    for _ in range(_FURTHEST // _MINUTE):
        if _fits(fields, slot):
            return slot
        slot -= _MINUTE
    return None


def _slots(fields: _Fields, after: datetime, before: datetime) -> Iterator[datetime]:
    slot = after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while slot < before:
        if _fits(fields, slot):
            yield slot
        slot += _MINUTE
