"""Texts of a recipe with places for values and moments: ``{project}``, ``{hour-1h|ms}``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast, get_args

from synthetic.sources.recipe import At

MOMENTS: tuple[At, ...] = get_args(At)
SYNTHETIC = "synthetic"
"""Stands for the terms that leave our own people out."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(?:-(\d+)([smhd]))?(?:\|(ms|s))?\}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Moments:
    """A look's moment, and the ends of the last whole hour and day before it, in UTC."""

    now: datetime

    def at(self, name: At) -> datetime:
        """The moment of that name."""
        now = self.now.astimezone(UTC)
        if name == "hour":
            return now.replace(minute=0, second=0, microsecond=0)
        if name == "day":
            return now.replace(hour=0, minute=0, second=0, microsecond=0)
        return now


def filled(
    text: str,
    values: Mapping[str, str],
    moments: Moments,
    quoted: Callable[[str], str] = lambda value: value,
) -> str:
    """``text`` with every place filled in; ``quoted`` makes a value fit for where it goes."""

    def put(found: re.Match[str]) -> str:
        name, number, unit, form = found.groups()
        if name not in MOMENTS:
            return quoted(values[name])
        back = timedelta(**{_UNITS[unit]: int(number)}) if number else timedelta()
        return _written(moments.at(cast(At, name)) - back, form)

    return _PLACE.sub(put, text)


def filled_in_all(data: Any, values: Mapping[str, str], moments: Moments) -> Any:
    """A JSON value with the places in all of its texts filled in."""
    if isinstance(data, str):
        return filled(data, values, moments)
    if isinstance(data, list):
        return [filled_in_all(one, values, moments) for one in data]
    if isinstance(data, dict):
        return {key: filled_in_all(one, values, moments) for key, one in data.items()}
    return data


def places(data: Any) -> Iterator[str]:
    """The names of the places in a text, or in all texts of a JSON value."""
    if isinstance(data, str):
        yield from (found[1] for found in _PLACE.finditer(data))
    elif isinstance(data, Mapping):
        yield from (name for one in data.values() for name in places(one))
    elif isinstance(data, list | tuple):
        yield from (name for one in data for name in places(one))


def _written(moment: datetime, form: str | None) -> str:
    if form:
        return f"{moment.timestamp() * (1000 if form == 'ms' else 1):.0f}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
