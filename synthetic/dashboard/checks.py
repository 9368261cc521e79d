"""Check again now: a failing feature's journeys are run once, for whoever just mended something.

One check at a time and target, spaced and capped as a burst is; whoever asks too soon is told when
to ask again. Its answer comes as that of any run: in the incident's thread, and on the page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from synthetic.again import again
from synthetic.answers import the_open
from synthetic.dashboard.states import OF_VERDICT
from synthetic.dashboard.watched import Watched
from synthetic.errors import UsageError
from synthetic.evaluate.burst import LONGEST, MOST_RUNS, SPACING, refused
from synthetic.journeys.target import label_of
from synthetic.notify.notes import STANDIN
from synthetic.reports.document import State, clean
from synthetic.reports.words import span
from synthetic.results import Run
from synthetic.store.alive import of_process, under_way
from synthetic.store.history import Store
from synthetic.store.observations import BURST
from synthetic.store.values import Incident

LIMIT = timedelta(minutes=15)
"""A check that takes longer is ended."""
_ENDING = timedelta(minutes=1)  # what it may take to end
RECENT = timedelta(days=1)
"""What failed earlier says little of what is wrong now."""
_MOST_RUNS_READ = 20
Runner = Callable[[Sequence[str]], int]
"""Runs journeys until they have ended, and returns the id of their process."""
_RUN_ID = "%Y%m%dT%H%M%S"
_FEATURE, _JOURNEY = "feature", "journey"


@dataclass(frozen=True)
class Check:
    """A check: of which incident, by whom, since when; ``journeys`` none: the smoke suite."""

    incident: str
    journeys: tuple[str, ...]
    by: str
    began_at: datetime


@dataclass(frozen=True)
class CheckSeen:
    """The last check of a target; while it goes on it has no end, and no run that says anything."""

    incident: str
    by: str
    began_at: datetime
    ended_at: datetime | None
    run: Run | None

    @property
    def state(self) -> State:
        """What it came to, so far."""
        return OF_VERDICT[self.run.verdict] if self.run else "unknown"


def begin(watched: Watched, name: str, by: str, run: Runner | None = None) -> Check:
    """Begin to check an open incident, by its id or cause; it goes on by itself.

    Raises :class:`~synthetic.errors.UsageError`: why not, and when to ask again.
    """
    store, target, now = watched.store, watched.target, watched.clock()
    incident = the_open(store, target, name)
    _reachable(watched)
    recent = store.runs(target, now - LONGEST, now)
    refusal = (
        _too_soon(recent, now)
        or _told_to_wait(store, recent)
        or _another(watched.settings.reports_dir)
    )
    if refusal:
        raise UsageError(refusal)
    holder = uuid4().hex
    if not store.lease(_lease(target), holder, now + LIMIT, now):
        raise UsageError(
            "a check goes on, or ended just now: its answer comes by itself, and another can be "
            f"made {span(SPACING)} after it"
        )
    check = Check(incident.id, tuple(_journeys(incident, _failed(store, target, now))), by, now)
    _keep(watched, check)
    work = threading.Thread(
        target=_through, args=(watched, check, holder, run or _limited), daemon=True
    )
    work.start()
    return check


def seen(store: Store, target: str, now: datetime) -> CheckSeen | None:
    """The last check of a target, if there was one; one whose process went before it did is over
    when its time is."""
    kept = store.note(_note(target))
    if not isinstance(kept, dict):
        return None
    began = datetime.fromisoformat(kept["began_at"])
    ended = datetime.fromisoformat(kept["ended_at"]) if kept.get("ended_at") else None
    if ended is None and now > began + LIMIT + _ENDING:
        ended = began + LIMIT
    run = store.run(kept["run"]) if kept.get("run") else None
    return CheckSeen(kept["incident"], kept["by"], began, ended, run)


def _limited(journeys: Sequence[str]) -> int:
    return again(journeys, apart=True, limit_s=LIMIT.total_seconds())


def _through(watched: Watched, check: Check, holder: str, run: Runner) -> None:
    found = None
    try:
        pid = run(check.journeys)
        # Others' runs may have begun meanwhile: the answer is that of our process.
        found = of_process(watched.settings.reports_dir, pid, f"{check.began_at:{_RUN_ID}}")
    finally:
        now = watched.clock()
        _keep(watched, check, now, found)
        watched.store.lease(_lease(watched.target), holder, now + SPACING, now)


def _keep(
    watched: Watched, check: Check, ended_at: datetime | None = None, run: str | None = None
) -> None:
    kept = {
        "incident": check.incident,
        "by": check.by,
        "began_at": check.began_at.isoformat(),
        "ended_at": ended_at.isoformat() if ended_at else None,
        "run": run,
    }
    watched.store.keep_note(_note(watched.target), kept)


def _note(target: str) -> str:
    return f"check of {target}"


_lease = _note


def _reachable(watched: Watched) -> None:
    """A run looks at what settings name; that should be what this page is about."""
    url = watched.settings.base_url
    if url is None:
        if watched.target == STANDIN:
            return
        raise UsageError(
            f"settings name no target, and this page is about {watched.target}: set "
            "SYNTHETIC_BASE_URL to check it from here"
        )
    named = label_of(str(url), lambda: nullcontext(watched.store))
    if named != watched.target:
        raise UsageError(
            f"settings name {named}, and this page is about {watched.target}: checks from here "
            "would look at the wrong one"
        )


def _too_soon(recent: Sequence[Run], now: datetime) -> str | None:
    checks = [one for one in recent if one.trigger == BURST]
    last = max((one.finished_at or one.started_at for one in checks), default=None)
    if last is not None and now - last < SPACING:
        left = span(SPACING - (now - last))
        return (
            f"a check ended {span(now - last)} ago: ask again in {left}, the product needs a rest"
        )
    if len(checks) >= MOST_RUNS:
        free = span(checks[-MOST_RUNS].started_at + LONGEST - now)
        return f"{len(checks)} checks were made in {span(LONGEST)}: ask again in {free}"
    return None


def _told_to_wait(store: Store, recent: Sequence[Run]) -> str | None:
    last = store.run(recent[-1].run_id) if recent else None
    if last is None or not refused(last):
        return None
    return (
        "the product said that we ask too often: checks can be made again "
        f"{span(LONGEST)} after that"
    )


def _another(reports: Path) -> str | None:
    folder = under_way(reports)
    if folder is None:
        return None
    return f"run {clean(folder.name, 40)} goes on just now: it says by itself what it finds"


def _failed(store: Store, target: str, now: datetime) -> Iterator[Run]:
    """Runs that failed of late, the newest first."""
    heads = [one for one in store.runs(target, now - RECENT, now) if one.verdict == "failed"]
    for head in heads[: -_MOST_RUNS_READ - 1 : -1]:
        if run := store.run(head.run_id):
            yield run


def _journeys(incident: Incident, failed: Iterable[Run]) -> list[str]:
    """The journeys that showed the incident's features failing last; none where no run did."""
    labels = [pair for _, pairs in incident.members for pair in pairs]
    named = [value for name, value in labels if name == _JOURNEY]
    if named:
        return list(dict.fromkeys(named))
    features = {value for name, value in labels if name == _FEATURE}
    for run in failed:
        found = [
            journey.name
            for journey in run.journeys
            for step in journey.steps
            if step.status == "failed" and (not features or step.feature in features)
        ]
        if found:
            return list(dict.fromkeys(found))
    return []
