"""The last good run of a journey, and in what a failed attempt differs from it.

Apart from finding and reading that run everything here is pure.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pydantic import ValidationError

from synthetic.results import REPRO, Journey, Media, Request, Run
from synthetic.wording import milliseconds

_log = logging.getLogger(__name__)

MOST_RUNS = 200
_MUCH_SLOWER, _SLOWER_BY_MS = 2.0, 200.0
_LOSS_MORE = 0.02
_DEPLOYMENT_HEADERS = (
    "x-deployment-id",
    "x-vercel-deployment-id",
    "x-nextjs-deployment-id",
    "x-vercel-deployment-url",
    "x-release",
    "x-git-sha",
    "x-commit",
    "x-app-version",
    "x-version",
)
_UNSAFE = re.compile(r"[^\w.-]+")
_CHANGING = re.compile(r"https?://[^\s/]+|[0-9a-f]{8,}|\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """One thing then and now, in words; ``notable`` when it may explain a failure.

    ``ratio`` is now against then, where both are figures.
    """

    what: str
    now: str
    before: str
    notable: bool
    ratio: float | None = None


def good_picture(reports: Path, run: Run, journey: str, step_number: int, role: str) -> Path:
    """Where the last good picture of a step is kept; it may not exist.

    ``step_number`` counts the journey's steps from 1. Whoever writes one replaces the earlier.
    """
    target = slug(run.target)
    return reports / "good" / f"{run.suite}-{target}" / slug(journey) / f"{role}-{step_number}.jpg"


def slug(text: str) -> str:
    """``text`` as a name for a folder."""
    return _UNSAFE.sub("-", text.partition("://")[2] or text).strip("-.")[:80] or "unnamed"


def deployment_file(folder: Path) -> Path:
    """Where a run keeps which deployment answered it, one line; it may not exist."""
    return folder / "deployment.txt"


def deployment_of(headers: Mapping[str, str]) -> str | None:
    """Which deployment a response says that it comes from."""
    known = {name.lower(): value.strip() for name, value in headers.items()}
    return next((known[name] for name in _DEPLOYMENT_HEADERS if known.get(name)), None)


def last_good_run(reports: Path, run: Run, journey: str) -> Run | None:
    """The newest earlier run in which the journey passed on its first attempt.

    Of the same target, suite and location, and among the :data:`MOST_RUNS` newest. A record that
    cannot be read is passed over with a warning.
    """
    folders = (path for path in (reports / "runs").glob("*/") if path.name < run.run_id)
    newest = sorted(folders, key=lambda path: path.name, reverse=True)[:MOST_RUNS]
    for folder in newest:
        try:
            earlier = Run.from_json((folder / "run.json").read_bytes())
        except (OSError, ValidationError) as error:
            first_line = str(error).partition("\n")[0]
            _log.warning("%s cannot be read and was passed over: %s", folder, first_line)
            continue
        comparable = _place(earlier) == _place(run) and earlier.trigger != REPRO
        if comparable and first_attempt(earlier, journey):
            return earlier
    return None


def _place(run: Run) -> tuple[str, str, str]:
    return run.target, run.suite, run.location


def first_attempt(run: Run, journey: str) -> Journey | None:
    """The journey's first attempt, if it passed."""
    return next(
        (
            one
            for one in run.journeys
            if (one.name, one.attempt, one.status) == (journey, 1, "passed")
        ),
        None,
    )


def step_changes(now: Journey, before: Journey) -> list[Change]:
    """Every step of the attempt that was reached, with its time in the good run."""
    then = {step.name: step for step in before.steps}
    changes = []
    for step in now.steps:
        if step.status == "skipped":
            continue
        earlier = then.get(step.name)
        earlier_ms = earlier.latency_ms if earlier else None
        ratio = _ratio(step.latency_ms, earlier_ms)
        failed = step.status == "failed"
        changes.append(
            Change(
                what=f"{step.actor}: {step.name}",
                now="failed" if failed else _time(step.latency_ms),
                before="not in it" if earlier is None else _time(earlier_ms),
                notable=failed or _slower(step.latency_ms, earlier_ms),
                ratio=ratio,
            )
        )
    return changes


def response_changes(
    now: Sequence[Request], before: Sequence[Request], reached: Iterable[str]
) -> list[Change]:
    """Endpoints that answer otherwise, are no longer asked or newly asked, or are much slower.

    Only what was asked in the steps ``reached`` by both is compared.
    """
    steps = set(reached)
    here = _by_endpoint(one for one in now if one.step in steps)
    there = _by_endpoint(one for one in before if one.step in steps)
    changes = []
    for endpoint in sorted(here.keys() | there.keys()):
        mine, theirs = here.get(endpoint, []), there.get(endpoint, [])
        answers, earlier = _answers(mine), _answers(theirs)
        took, took_before = _typical_ms(mine), _typical_ms(theirs)
        if answers != earlier:
            changes.append(Change(endpoint, answers, earlier, notable=True))
        elif _slower(took, took_before):
            slower = Change(
                endpoint, _time(took), _time(took_before), True, _ratio(took, took_before)
            )
            changes.append(slower)
    # An answer that nobody wanted tells more than one that is missing, and that more than time.
    refused = {name for name, asked in here.items() if any(not one.expected for one in asked)}
    return sorted(changes, key=lambda one: (one.what not in refused, one.ratio is not None))


def media_changes(now: Sequence[Media], before: Sequence[Media]) -> list[Change]:
    """Every figure of each direction's media that either run has."""
    here, there = _by_direction(now), _by_direction(before)
    changes = []
    for direction in [*there, *(one for one in here if one not in there)]:
        mine, theirs = here.get(direction), there.get(direction)
        if mine is None or theirs is None:
            changes.append(Change(direction, _proof(mine), _proof(theirs), mine is None))
            continue
        changed = mine.identity != theirs.identity
        changes.append(
            Change(f"{direction}: who it is", mine.identity, theirs.identity, notable=changed)
        )
        changes += _figures(direction, mine, theirs)
    return changes


def new_errors(now: Iterable[str], before: Iterable[str]) -> list[str]:
    """Console errors that the good run did not have; addresses, ids and numbers do not count."""
    known = {_CHANGING.sub("#", text) for text in before}
    fresh = {_CHANGING.sub("#", text): text for text in reversed(list(now))}
    return [text for shape, text in reversed(fresh.items()) if shape not in known]


def _figures(direction: str, mine: Media, theirs: Media) -> list[Change]:
    rows: list[tuple[str, float | None, float | None, str, str]] = [
        ("frames/s", mine.fps, theirs.fps, "", "less"),
        ("height", mine.height, theirs.height, " px", "less"),
        ("bitrate", mine.bitrate_kbps, theirs.bitrate_kbps, " kbit/s", "less"),
        ("delay P95", _delay(mine), _delay(theirs), " ms", "more"),
        ("longest gap", mine.longest_gap_ms, theirs.longest_gap_ms, " ms", "more"),
        ("packets lost", _percent(mine), _percent(theirs), " %", "loss"),
    ]
    changes = []
    for name, value, earlier, unit, worse in rows:
        if value is None and earlier is None:
            continue
        changes.append(
            Change(
                what=f"{direction}: {name}",
                now=_figure(value, unit),
                before=_figure(earlier, unit),
                notable=_worse(value, earlier, worse),
                ratio=_ratio(value, earlier),
            )
        )
    return changes


def _worse(value: float | None, earlier: float | None, how: str) -> bool:
    if value is None or earlier is None:
        return False
    if how == "less":
        return value * _MUCH_SLOWER < earlier
    if how == "loss":
        return value > earlier + _LOSS_MORE * 100
    return _slower(value, earlier)


def _delay(media: Media) -> float | None:
    return media.glass_to_glass_ms.p95 if media.glass_to_glass_ms else None


def _percent(media: Media) -> float | None:
    return None if media.packet_loss is None else media.packet_loss * 100


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "not known"
    return f"{value:.2g}{unit}" if 0 < value < 1 else f"{value:.0f}{unit}"


def _proof(media: Media | None) -> str:
    return "not measured" if media is None else media.identity


def _by_direction(media: Sequence[Media]) -> dict[str, Media]:
    return {f"{one.kind} {one.from_} → {one.to}": one for one in media}


def _by_endpoint(requests: Iterable[Request]) -> dict[str, list[Request]]:
    found: dict[str, list[Request]] = defaultdict(list)
    for one in requests:
        found[f"{one.method} {one.endpoint}"].append(one)
    return found


def _answers(requests: Sequence[Request]) -> str:
    if not requests:
        return "not asked"
    said = sorted({"no answer" if one.status is None else str(one.status) for one in requests})
    return ", ".join(said)


def _typical_ms(requests: Sequence[Request]) -> float | None:
    times = [one.duration_ms for one in requests if one.duration_ms is not None]
    return median(times) if times else None


def _slower(now_ms: float | None, before_ms: float | None) -> bool:
    if now_ms is None or before_ms is None:
        return False
    return now_ms > before_ms * _MUCH_SLOWER and now_ms - before_ms > _SLOWER_BY_MS


def _ratio(now: float | None, before: float | None) -> float | None:
    return now / before if now is not None and before else None


def _time(value: float | None) -> str:
    return "not timed" if value is None else milliseconds(value)
