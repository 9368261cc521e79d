"""Runs: what was tried of late, and what came of it? The newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, cast, get_args
from urllib.parse import urlencode

from synthetic.dashboard.health import Standing
from synthetic.dashboard.pages import Asked, BadQuery, Page
from synthetic.dashboard.states import OF_VERDICT
from synthetic.dashboard.watched import Watched
from synthetic.notify.slack_message import reason_of
from synthetic.reports.document import State, clean
from synthetic.results import Run, Verdict
from synthetic.store.listing import Listed, Only

A_PAGE = 50
_MOST_PAGES = 100_000
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_ENDED: dict[Verdict, str] = {
    "passed": "passed",
    "degraded": "worked, but not at once or not well",
    "failed": "failed",
    "inconclusive": "could not tell",
}


@dataclass(frozen=True)
class Row:
    """A run in a line; ``why`` is what broke, in a clause."""

    run_id: str
    started_at: datetime
    verdict: Verdict
    state: State
    suite: str
    location: str
    trigger: str
    duration_s: float | None
    why: str


@dataclass(frozen=True)
class Choice:
    """A filter: what it is called, what can be chosen, and what is."""

    name: str
    values: tuple[str, ...]
    chosen: str


@dataclass(frozen=True)
class Runs:
    """A page of runs; ``newer`` and ``older`` are the addresses of its neighbours, if any."""

    standing: Standing | None
    rows: tuple[Row, ...]
    total: int
    first: int
    choices: tuple[Choice, ...]
    newer: str | None
    older: str | None
    filtered: bool


def runs(watched: Watched, asked: Asked) -> Runs:
    """The page that is asked for; raises :class:`BadQuery` on what no run has."""
    number = _number(asked.get("page", "1"))
    only = Only(
        # One that no run can have finds none, and is refused among the choices.
        verdict=cast("Verdict | None", asked.get("verdict") or None),
        suite=asked.get("suite") or None,
        location=asked.get("location") or None,
    )
    found = watched.store.listed(watched.target, only, A_PAGE, (number - 1) * A_PAGE)
    choices = _choices(found, only)
    filtered = any(one.chosen for one in choices)
    if number > 1 and not found.runs:
        raise BadQuery(f"page {number} lies behind the last")
    return Runs(
        _standing(found, plain=not filtered and number == 1),
        tuple(_row(run) for run in found.runs),
        found.total,
        (number - 1) * A_PAGE + 1,
        choices,
        _address(choices, number - 1) if number > 1 else None,
        _address(choices, number + 1) if number * A_PAGE < found.total else None,
        filtered,
    )


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if not 1 <= number <= _MOST_PAGES:
        raise BadQuery(f"page should be a number from 1 to {_MOST_PAGES}")
    return number


def _choices(found: Listed, only: Only) -> tuple[Choice, ...]:
    known: dict[str, Sequence[str]] = {
        "verdict": VERDICTS,
        "suite": found.suites,
        "location": found.locations,
    }
    for name, values in known.items():
        chosen = getattr(only, name)
        if chosen is not None and chosen not in values:
            raise BadQuery(f"{name} should be one of: {', '.join(values) or 'none is known yet'}")
    return tuple(
        Choice(name, tuple(values), getattr(only, name) or "") for name, values in known.items()
    )


def _address(choices: Sequence[Choice], number: int) -> str:
    chosen: dict[str, Any] = {one.name: one.chosen for one in choices if one.chosen}
    return f"/runs?{urlencode({**chosen, 'page': number})}"


def _standing(found: Listed, *, plain: bool) -> Standing | None:
    """How the last runs ended; nothing about a choice of them, or about earlier ones."""
    if not plain or not found.runs:
        return None
    last = found.runs[0].verdict
    same = list(takewhile(lambda run: run.verdict == last, found.runs))
    which = "The last run" if len(same) == 1 else f"The last {len(same)} runs"
    return Standing(OF_VERDICT[last], f"{which} {_ENDED[last]}", same[-1].started_at, (), None)


def _row(run: Run) -> Row:
    return Row(
        run_id=run.run_id,
        started_at=run.started_at,
        verdict=run.verdict,
        state=OF_VERDICT[run.verdict],
        suite=clean(run.suite, 40),
        location=clean(run.location, 40),
        trigger=clean(run.trigger, 40),
        duration_s=run.duration_s,
        why=_why(run),
    )


def _why(run: Run) -> str:
    """What broke: the step of the attempt that failed last, in a clause."""
    failed = [(one, step) for one in run.journeys for step in one.steps if step.status == "failed"]
    if failed:
        return clean(reason_of(*failed[-1]), 120)
    if run.journeys:
        return "it was cut off before a step failed"
    return "" if run.verdict in ("passed", "degraded") else "nothing was reached"


PAGE = Page(
    "/runs",
    "Runs",
    "runs.html",
    runs,
    parameters={"verdict": ("", *VERDICTS), "suite": None, "location": None, "page": None},
)
