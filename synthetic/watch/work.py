"""What a watcher can do, as functions that are given to it: real ones, or a simulated day's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from synthetic.results import Run, Sample

Suite = Literal["smoke", "full", "burst"]


@dataclass(frozen=True)
class Errand:
    """Journeys to run: a whole suite, or by name those of a burst."""

    suite: Suite
    journeys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What is known of runs of the target at our location.

    ``recent`` are those that a burst may follow, ``begun`` is when the last whole run of a suite
    began, by its name, ``outage`` when the outage began that smoke runs are in, ``elsewhere`` when
    the latest one began that those of another location are in, and ``busy`` whether any process has
    a run under way.
    """

    recent: tuple[Run, ...] = ()
    begun: Mapping[str, datetime] = field(default_factory=dict)
    outage: datetime | None = None
    elsewhere: datetime | None = None
    busy: bool = False


@dataclass(frozen=True)
class Work:
    """Everything a watcher does to the world; it knows no more of it than this.

    Each may raise: an error of :mod:`synthetic.errors` is trouble, anything else a fault of ours;
    both are logged and counted, and neither ends the watch.
    """

    held: Callable[[], Awaitable[bool]]
    """Whether we are the one who watches the target from here, from now for a while."""
    look: Callable[[], Awaitable[Seen]]
    probe: Callable[[], Awaitable[Sequence[Sample]]]
    gather: Callable[[], Awaitable[Sequence[Sample]]]
    keep: Callable[[Sequence[Sample]], Awaitable[None]]
    """Store samples; what cannot be stored now is stored with those of a later call."""
    run: Callable[[Errand], Awaitable[None]]
    """Run journeys, until they have ended and their run is stored; cancelled, they are ended."""
    evaluate: Callable[[], Awaitable[None]]
    """A round: evaluate, decide, deliver."""
    beat: Callable[[], Awaitable[None]]
    """Tell a dead man's switch that a round was done."""
    machine: Callable[[datetime], Sequence[Sample]]
    """Memory and disk."""
    report: Callable[[str, datetime], Awaitable[None]]
    """Send a report as of a moment; twice is once."""
    pass_over: Callable[[str, datetime], Awaitable[None]]
    """Remember that a report as of a moment was left out."""
