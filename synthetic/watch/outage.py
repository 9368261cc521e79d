"""What is run because a smoke run failed: once per outage the full suite where it did, and a smoke
run at each other location. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from synthetic.results import APART, Run
from synthetic.store.observations import BURST
from synthetic.watch.work import Seen

FULL_AFTER = timedelta(minutes=10)
"""While what failed is looked at again every 90 s, the full suite, which would hold that up, waits
for as long as the plan's rules over features must hold (Part E)."""
SMOKE, FULL = "smoke", "full"
_IN_PART = frozenset({BURST, *APART})


def outage_since(runs: Iterable[Run]) -> datetime | None:
    """When the outage began that the latest runs of one location are in: the end of the first
    smoke run that failed after one that worked. What could not tell changes nothing."""
    since: datetime | None = None
    ended = [(run.finished_at, run) for run in runs if is_whole(run, SMOKE) and run.finished_at]
    for at, run in sorted(ended, key=lambda one: one[0]):
        if run.verdict == "failed":
            since = since or at
        elif run.verdict != "inconclusive":
            since = None
    return since


def elsewhere_since(runs: Iterable[Run], here: str) -> datetime | None:
    """When the latest outage began that any location but ours is in."""
    by_place: dict[str, list[Run]] = {}
    for run in runs:
        by_place.setdefault(run.location, []).append(run)
    found = (outage_since(ours) for place, ours in by_place.items() if place != here)
    return max((since for since in found if since), default=None)


def smoke_due(due: datetime, seen: Seen, last_smoke: datetime | None) -> datetime:
    """When a smoke run may begin that is ``due`` by its cadence: at once where another location is
    in an outage and we have not looked since, so that a quorum need not wait for our next turn."""
    since = seen.elsewhere
    if since is None or seen.outage or (last_smoke and last_smoke >= since):
        return due
    return min(due, since)


def full_due(
    outage: datetime | None, last_full: datetime | None, *, bursting: bool
) -> datetime | None:
    """When the full suite may begin that an outage asks for; none when it did, or none asks.

    ``bursting`` is whether what failed is still being run again.
    """
    if outage is None or (last_full is not None and last_full >= outage):
        return None
    return outage + FULL_AFTER if bursting else outage


def is_whole(run: Run, suite: str) -> bool:
    """Whether a run was one of a whole suite, rather than of a few journeys of it."""
    return run.suite == suite and run.trigger not in _IN_PART
