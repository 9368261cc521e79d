"""How the watch itself is, as samples of its own: lag, failures, memory, disk."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from synthetic.plan.observations import EVALUATED
from synthetic.results import Sample

_MB, _GB = 1e6, 1e9
EVERY = "watch_every_s"
"""By this, whoever reads the history knows when something is late."""


@dataclass
class Tally:
    """What became of one thing that is done regularly, since the process began.

    ``troubles`` are errors that can happen, ``faults`` mistakes of ours; ``lag_s`` is how long
    after its time it was begun the last time.
    """

    done: int = 0
    skipped: int = 0
    troubles: int = 0
    faults: int = 0
    lag_s: float = 0.0


def samples_of(
    tallies: Mapping[str, Tally],
    cadence: Mapping[str, timedelta],
    location: str,
    now: datetime,
) -> list[Sample]:
    """The tallies, and how often what is done, as samples, each with the label ``task``."""
    figures = [
        (task, metric, value)
        for task, tally in sorted(tallies.items())
        for metric, value in (
            ("watch_lag_s", tally.lag_s),
            ("watch_skipped", float(tally.skipped)),
            ("watch_failures", float(tally.troubles + tally.faults)),
        )
    ]
    figures += [(task, EVERY, every.total_seconds()) for task, every in sorted(cadence.items())]
    return [
        Sample(metric=metric, value=value, at=now, labels={"task": task, "location": location})
        for task, metric, value in figures
    ]


def evaluated(location: str, at: datetime) -> Sample:
    """That a round of a moment came to its end."""
    return Sample(metric=EVALUATED, value=1, at=at, labels={"location": location})


def machine(folder: Path, location: str, now: datetime) -> list[Sample]:
    """What this process takes of memory, and what is left of the disk that ``folder`` is on."""
    import psutil

    figures = {
        "watch_memory_mb": psutil.Process().memory_info().rss / _MB,
        "watch_disk_free_gb": shutil.disk_usage(folder).free / _GB,
    }
    labels = {"location": location}
    return [
        Sample(metric=name, value=round(value, 3), at=now, labels=labels)
        for name, value in figures.items()
    ]
