"""Samples that wait for the history, and when they were made by a clock that is right. Pure.

A clock may be put while they wait. By how much is known from how long the machine has run, which
nobody puts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.results import Sample
from synthetic.rounds import EXACT
from synthetic.store.sampling import AHEAD


@dataclass(frozen=True)
class Waiting:
    """A sample, and when the machine began to run by the clock that the sample was timed with."""

    sample: Sample
    began: datetime


def uptime() -> timedelta:
    """How long the machine has run, the time that it slept included where it can be told."""
    return timedelta(
        seconds=time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    )


def righted(waiting: Sequence[Waiting], began: datetime) -> list[Sample]:
    """The samples as timed by a clock by which the machine began to run then.

    Those whose own clock was more than five minutes off are left out: they may have waited since
    before it was ever set.
    """
    found = []
    for one in waiting:
        late = timedelta(seconds=round((began - one.began).total_seconds()))
        if abs(late) < EXACT:
            found.append(one.sample)
        elif abs(late) <= AHEAD:
            found.append(one.sample.model_copy(update={"at": one.sample.at + late}))
    return found
