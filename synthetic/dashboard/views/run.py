"""One run: what did each person live through?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.states import OF_VERDICT
from synthetic.dashboard.views.run_evidence import Evidence, evidence_of
from synthetic.dashboard.views.run_figures import Answered, Heard, Sent, answered, heard, sent
from synthetic.dashboard.views.run_record import Known, known
from synthetic.dashboard.views.waterfall import Waterfall, waterfall
from synthetic.dashboard.watched import Watched
from synthetic.reports.document import State, clean
from synthetic.reports.summary_words import advice, gist, outcome, story
from synthetic.results import Control, Journey, Run, Step

MOST_ATTEMPTS = 40
_MOST_REQUESTS, _MOST_FINDINGS, _MOST_CONTROLS = 200, 20, 20
_LONGEST_STORY = 1200


@dataclass(frozen=True)
class Attempt:
    """An attempt at a journey; ``story`` and ``more`` say why it failed, ``failing`` where.

    ``told`` is the one that stands for its journey where it is worth reading: it is open.
    """

    name: str
    number: int
    told: bool
    state: State
    word: str
    story: str
    more: str
    failing: str
    controls: tuple[Control, ...]
    waterfall: Waterfall
    evidence: Evidence


@dataclass(frozen=True)
class Outcome:
    """How it ended, whose fault that is, and what to do now."""

    state: State
    word: str
    fault: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Lived:
    """The page; ``damage`` says what of the record is not there."""

    run_id: str
    outcome: Outcome
    damage: str
    suite: str
    location: str
    trigger: str
    revision: str
    started_at: datetime
    duration_s: float | None
    attempts: tuple[Attempt, ...]
    left_out: int
    media: tuple[Heard, ...]
    requests: tuple[Answered, ...]
    requests_in_all: int
    notifications: tuple[Sent, ...]
    findings: tuple[str, ...]


def lived(watched: Watched, asked: Asked) -> Lived:
    """Everything about one run; raises :class:`NotThere`."""
    found = known(watched, asked["run_id"])
    run, requests = found.run, answered(found.run)
    attempts = list(_told_first(run.journeys))
    odd = (f"{clean(one.actor, 24)}: {clean(one.text)}" for one in run.findings)
    return Lived(
        run_id=run.run_id,
        outcome=_outcome(found),
        damage=found.damage,
        suite=clean(run.suite, 40),
        location=clean(run.location, 40),
        trigger=clean(run.trigger, 40),
        revision=clean(run.revision or "", 60),
        started_at=run.started_at,
        duration_s=run.duration_s,
        attempts=tuple(
            _attempt(run, one, found.folder, told=told) for one, told in attempts[:MOST_ATTEMPTS]
        ),
        left_out=max(0, len(attempts) - MOST_ATTEMPTS),
        media=heard(run),
        requests=requests[:_MOST_REQUESTS],
        requests_in_all=len(requests),
        notifications=sent(run),
        findings=tuple(dict.fromkeys(odd))[:_MOST_FINDINGS],
    )


def _outcome(found: Known) -> Outcome:
    run = found.run
    if run.finished_at is None:
        return Outcome("unknown", "Goes on just now" if found.goes_on else "Not finished")
    if run.verdict == "passed":
        return Outcome("ok", "Passed", "every step worked")
    told = outcome(run.verdict, run.origin, run.journeys, run.target)
    failed = next((step for one in run.journeys for step in _failed(one)), None)
    todo = advice(run.verdict, run.origin, failed, run.target)
    return Outcome(OF_VERDICT[run.verdict], told.word, told.fault, todo)


def _failed(journey: Journey) -> Iterator[Step]:
    return (step for step in journey.steps if step.status == "failed")


def _told_first(journeys: Sequence[Journey]) -> Iterator[tuple[Journey, bool]]:
    """What failed first; of each journey the last attempt that failed stands for it, and is told.

    What passed is told where there is nothing else to tell.
    """
    named = sorted(journeys, key=lambda one: one.name)
    by_name = [list(each) for _, each in groupby(named, lambda one: one.name)]
    by_name.sort(key=lambda each: all(one.status == "passed" for one in each))
    for each in by_name:
        bad = [one for one in each if one.status != "passed"]
        first = max(bad or each, key=lambda one: one.attempt)
        yield first, bool(bad) or len(by_name) == 1
        yield from ((one, False) for one in each if one is not first)


def _attempt(run: Run, journey: Journey, folder: Path, *, told: bool) -> Attempt:
    failed = next(_failed(journey), None)
    passed = journey.status == "passed"
    said = story(journey, failed, journey.controls)[:_LONGEST_STORY]
    short, more = ("", "") if passed else gist(said)
    return Attempt(
        name=clean(journey.name, 80),
        number=journey.attempt,
        told=told,
        state=_state(journey),
        word=journey.status,
        story=clean(short, 600),
        more=clean(more, 600),
        failing=clean(f"{failed.actor}: {failed.name}", 100) if failed else "",
        controls=tuple(_controls(journey.controls)),
        waterfall=waterfall(journey, run.requests),
        evidence=evidence_of(folder, journey, run.run_id),
    )


def _state(journey: Journey) -> State:
    """What is not the target's fault is not known of the target."""
    if journey.status == "passed":
        return "ok"
    return "failed" if journey.origin == "target" else "unknown"


def _controls(controls: Iterable[Control]) -> Iterator[Control]:
    for one in tuple(controls)[:_MOST_CONTROLS]:
        yield Control(name=clean(one.name, 40), ok=one.ok, said=clean(one.said, 300))


PAGE = Page("/runs/{run_id}", "Run", "run.html", lived, listed=False)
