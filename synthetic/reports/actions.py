"""Action items: who does what until when; they come back in reports until they are closed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from synthetic.errors import UsageError
from synthetic.reports.words import day


@dataclass(frozen=True)
class Action:
    """Something to do, numbered from 1 in the order in which they were added."""

    number: int
    text: str
    owner: str
    due: date
    added_at: datetime
    closed_at: datetime | None = None


_KEPT = TypeAdapter(tuple[Action, ...])


def add(
    actions: tuple[Action, ...], text: str, owner: str, due: date, now: datetime
) -> tuple[Action, ...]:
    """The items with one more."""
    for what, value in (("what is to be done", text), ("an owner", owner)):
        if not value.strip():
            raise UsageError(f"An action item needs {what}: nobody does what nobody was given.")
    number = max((one.number for one in actions), default=0) + 1
    return (*actions, Action(number, text.strip(), owner.strip(), due, now))


def close(actions: tuple[Action, ...], number: int, now: datetime) -> tuple[Action, ...]:
    """The items with one closed; closing it again changes nothing."""
    if number not in {one.number for one in actions}:
        raise UsageError(
            f"There is no action item {number}: `synthetic action list` shows those that are open."
        )
    return tuple(
        replace(one, closed_at=one.closed_at or now) if one.number == number else one
        for one in actions
    )


def open_at(actions: Iterable[Action], at: datetime) -> tuple[Action, ...]:
    """What was open at a moment, the longest overdue first."""
    there = (
        one
        for one in actions
        if one.added_at <= at and (one.closed_at is None or one.closed_at > at)
    )
    return tuple(sorted(there, key=lambda one: (one.due, one.number)))


def said(action: Action, today: date) -> str:
    """Owner and date in words: ``Ada, due 4 Dec 2026, 2 days overdue``."""
    late = (today - action.due).days
    overdue = f", {late} day{'s' if late > 1 else ''} overdue" if late > 0 else ""
    return f"{action.owner}, due {day(action.due)}{overdue}"


def as_json(actions: Iterable[Action]) -> list[dict[str, Any]]:
    """As the note keeps them."""
    kept: list[dict[str, Any]] = _KEPT.dump_python(tuple(actions), mode="json")
    return kept


def from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[Action, ...]:
    """From a note."""
    return _KEPT.validate_python(tuple(rows))
