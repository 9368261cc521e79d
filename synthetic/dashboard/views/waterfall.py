"""The steps of one attempt as bars on one axis of time, for both actors. Pure.

Places on the axis are per cent of its length, so that any width will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.reports.document import State, clean
from synthetic.results import Journey, Request, Status, Step
from synthetic.wording import milliseconds

_STATES: dict[Status, State] = {"passed": "ok", "failed": "failed", "skipped": "unknown"}
_NICE_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_MOST_TICKS = 6
_NARROWEST = 0.4
"""Per cent; what is over in no time can still be seen."""
_MOST_MS = 3_600_000.0
_LONGEST = timedelta(milliseconds=_MOST_MS)


@dataclass(frozen=True)
class Bar:
    """A piece of the axis, in per cent."""

    start: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A place on the axis, in per cent, with its time."""

    at: float
    label: str


@dataclass(frozen=True)
class Shown:
    """A step: when it began after the first, how long people waited, its bar and its requests;
    ``error`` is why it failed."""

    name: str
    feature: str
    actor: str
    lane: int
    state: State
    began: str
    waited: str
    bar: Bar
    requests: tuple[Bar, ...]
    error: str


@dataclass(frozen=True)
class Waterfall:
    """Steps in the order of their beginnings; ``unreached`` are those that never began."""

    steps: tuple[Shown, ...] = ()
    ticks: tuple[Tick, ...] = ()
    length: str = ""
    unreached: tuple[str, ...] = ()


def waterfall(journey: Journey, requests: Iterable[Request]) -> Waterfall:
    """The bars of an attempt."""
    reached = [step for step in journey.steps if step.status != "skipped"]
    left = [step for step in journey.steps if step.status == "skipped"]
    unreached = tuple(clean(f"{step.name} ({step.actor})", 100) for step in left)
    if not reached:
        return Waterfall(unreached=unreached)
    start = min(step.started_at for step in reached)
    end = max(_ended(step) for step in reached)
    whole = min(max(end - start, timedelta(milliseconds=1)), _LONGEST)
    actors = tuple(dict.fromkeys(step.actor for step in journey.steps))
    asked = [one for one in requests if _is_of(one, journey)]
    ordered = sorted(reached, key=lambda step: step.started_at)
    return Waterfall(
        tuple(_shown(one, actors, start, whole, asked) for one in ordered),
        _ticks(whole),
        milliseconds(whole / timedelta(milliseconds=1)),
        unreached,
    )


def _ended(step: Step) -> datetime:
    return max(step.ended_at or step.started_at, step.started_at + _length(step.latency_ms))


def _length(took_ms: float | None) -> timedelta:
    """A span that is one, whatever was recorded."""
    return timedelta(milliseconds=min(max(0.0, took_ms or 0.0), _MOST_MS))


def _is_of(request: Request, journey: Journey) -> bool:
    return (request.journey, request.attempt) == (journey.name, journey.attempt)


def _shown(
    step: Step,
    actors: Sequence[str],
    start: datetime,
    whole: timedelta,
    requests: Sequence[Request],
) -> Shown:
    own = [one for one in requests if one.step == step.name and one.duration_ms is not None]
    return Shown(
        name=clean(step.name, 80),
        feature=step.feature.replace("_", " "),
        actor=clean(step.actor, 24),
        lane=actors.index(step.actor),
        state=_STATES[step.status],
        began=f"+{(step.started_at - start).total_seconds():.1f} s",
        waited=_waited(step),
        bar=_bar(step.started_at, _ended(step) - step.started_at, start, whole),
        requests=tuple(_bar(one.at, _length(one.duration_ms), start, whole) for one in own),
        error=clean(step.error.message, 400) if step.error else "",
    )


def _waited(step: Step) -> str:
    if step.latency_ms is not None:
        return milliseconds(step.latency_ms)
    if step.status == "failed" and step.ended_at:
        given_up = (step.ended_at - step.started_at) / timedelta(milliseconds=1)
        return f"after {milliseconds(given_up)}"
    return ""


def _bar(at: datetime, length: timedelta, start: datetime, whole: timedelta) -> Bar:
    """A piece that lies on the axis, whatever clocks say."""
    begins = min(max(100 * ((at - start) / whole), 0.0), 100.0 - _NARROWEST)
    width = max(100 * (length / whole), _NARROWEST)
    return Bar(round(begins, 2), round(min(width, 100.0 - begins), 2))


def _ticks(whole: timedelta) -> tuple[Tick, ...]:
    seconds = whole.total_seconds()
    apart = next((one for one in _NICE_S if seconds / one <= _MOST_TICKS), _NICE_S[-1])
    places = [number * apart for number in range(int(seconds / apart) + 1)]
    return tuple(Tick(round(100 * one / seconds, 2), f"{one:g} s") for one in places)
