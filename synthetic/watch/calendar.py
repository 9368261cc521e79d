"""When reports go out by themselves: the plan's own times, from ``calendar.toml``. Pure, but for
reading that file.

A report that was missed goes out once, as of the latest of its times. One that would come too late
to be of use is passed over, and that is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from synthetic.errors import PlanError
from synthetic.plan.entries import nearest
from synthetic.plan.model import Seconds
from synthetic.reports.definition import Report

FILE = "calendar.toml"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_MONDAY = date(1970, 1, 5)
_DAY = timedelta(days=1)
Day = Literal[
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    "last day of the month",
]  # fmt: skip


class Times(BaseModel):
    """When one report goes out.

    At the time of day ``at`` (UTC): every day, or only ``on`` a day of the week or of the month, or
    only every so many ``weeks``, from the day of the launch on, or else on Mondays. Or ``after``
    the launch, so long after it, as often as listed. It is of use for ``within`` of its time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: time | None = None
    on: Day | None = None
    weeks: Annotated[int, Field(gt=0)] | None = None
    after: tuple[Seconds, ...] = ()
    within: Annotated[Seconds, Field(gt=0)]

    @model_validator(mode="after")
    def _says_one_thing(self) -> Times:
        if (self.at is None) == (not self.after):
            raise ValueError("should have either at or after")
        if (self.on or self.weeks) and (self.at is None or (self.on and self.weeks)):
            raise ValueError("should have on or weeks beside at only, and not both")
        return self


Calendar = Mapping[str, Times]
_CALENDAR = TypeAdapter(dict[str, Times])


@dataclass(frozen=True)
class Due:
    """A report that is to go out as of a moment, or that is ``late``: too late to be of use."""

    name: str
    at: datetime
    late: bool


def read(folder: Path | None = None) -> Calendar:
    """The calendar of a plan's folder, or else the one shipped.

    Raises :class:`~synthetic.errors.PlanError`, a sentence for each mistake.
    """
    own = folder is not None and (folder / FILE).is_file()
    place: Traversable = folder if folder and own else resources.files("synthetic.plan")
    try:
        return _CALENDAR.validate_python(tomllib.loads(place.joinpath(FILE).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{FILE} cannot be read: {error}; correct it.") from error
    except ValidationError as error:
        raise PlanError("\n".join(_sentences(error))) from error


def checked(calendar: Calendar, known: Mapping[str, Report]) -> Calendar:
    """The calendar, whose reports are all known, and go somewhere.

    Raises :class:`~synthetic.errors.PlanError`, a sentence for each that is or does not.
    """
    said = []
    for name in calendar:
        if name not in known:
            said.append(f"{name} in {FILE} is no report of reports.toml{nearest(name, known)}.")
        elif known[name].to is None:
            said.append(f"{name} in {FILE} goes to nobody: give it `to` in reports.toml.")
    if said:
        raise PlanError("\n".join(said))
    return calendar


def due(
    calendar: Calendar, launch_at: datetime | None, done: Mapping[str, datetime], now: datetime
) -> tuple[Due, ...]:
    """What is to go out, having been seen to until ``done``, the earliest first.

    What is missing in ``done``, or done in the future of a clock that was put back, has nothing
    to make up for.
    """
    found: list[Due] = []
    for name, times in calendar.items():
        since = min(done.get(name, now), now)
        if latest := max(_moments(times, launch_at, since, now), default=None):
            late = now - latest > timedelta(seconds=times.within)
            found.append(Due(name, latest, late))
    return tuple(sorted(found, key=lambda one: one.at))


def _moments(
    times: Times, launch_at: datetime | None, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Those after ``since``, up to and with ``until``, as far as a late one may be of any use."""
    if launch_at:
        after = (launch_at + timedelta(seconds=length) for length in times.after)
        yield from (moment for moment in after if since < moment <= until)
    if times.at is None:
        return
    day, last = max(since, until - 31 * _DAY).date(), until.date()
    while day <= last:
        moment = datetime.combine(day, times.at, tzinfo=UTC)
        if since < moment <= until and _falls_on(times, launch_at, day):
            yield moment
        day += _DAY


def _falls_on(times: Times, launch_at: datetime | None, day: date) -> bool:
    if times.weeks:
        first = launch_at.astimezone(UTC).date() if launch_at else _FIRST_MONDAY
        weeks, rest = divmod((day - first).days, 7)
        return rest == 0 and weeks % times.weeks == 0 and (launch_at is None or weeks > 0)
    if times.on == "last day of the month":
        return (day + _DAY).day == 1
    return times.on is None or WEEKDAYS[day.weekday()] == times.on


def _sentences(error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        place = ".".join(map(str, item["loc"]))
        said = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield f"{place} in {FILE} {said}."
