"""Completes a result of Allure's: where it belongs, whose it is, and whose fault it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from allure_commons.model2 import Label, Link, Parameter, StatusDetails, TestResult

from synthetic.allure_report.standing import Standing
from synthetic.results import Origin, Status
from synthetic.store.run_folder import JourneyDone

HERE = ".."
"""The reports' folder, as seen from the report's own."""


@dataclass(frozen=True)
class Told:
    """A journey as the report files it; ``module`` is the file that it is written in.

    ``reports`` is the address of the reports' folder, ``runbook`` that of a runbook's page, with
    ``{page}`` in it, and ``rule`` that of a rule of the plan, with ``{rule}``.
    """

    run_id: str
    suite: str
    module: str
    features: tuple[str, ...]
    target: str
    location: str
    reports: str = HERE
    runbook: str | None = None
    rule: str | None = None


def tell(result: TestResult, told: Told, standing: Standing, done: JourneyDone) -> None:
    """Complete the result of an attempt; what Allure derived from files and classes is replaced."""
    result.name = in_words(done.journey)
    result.fullName = result.testCaseId = done.journey
    result.parameters = [
        Parameter("location", told.location),
        Parameter("target", told.target),
        # These two differ each time: with them an attempt would be no other attempt at the same.
        Parameter("run", told.run_id, excluded=True),
        Parameter("attempt", str(done.attempt), excluded=True),
    ]
    result.labels += [Label(name, value) for name, value in _labels(told, standing, done)]
    result.links += _links(told, standing, done)
    result.description = _description(standing)
    _settle(result, done)


def in_words(name: str) -> str:
    """The title of a journey, or of the file it stands in."""
    return name.removeprefix("test_").replace("_", " ").capitalize()


def status_of(status: Status, origin: Origin | None) -> str:
    """As Allure has it: what the target did wrong has failed, what else went wrong is broken."""
    if status != "failed":
        return status
    return "failed" if origin == "target" else "broken"


def message_of(story: str | None, origin: Origin | None) -> str:
    """What and why, and the line that categories go by."""
    return f"{story or 'It was cut off.'}\nOrigin: {origin or 'unknown'}"


def history_id(journey: str, target: str, location: str) -> str:
    """What Allure 3 makes of a result that :func:`tell` completed, to know it again."""
    parameters = f"location:{location},target:{target}"
    return f"{_md5(journey)}.{_md5(parameters)}"


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _labels(told: Told, standing: Standing, done: JourneyDone) -> Iterator[tuple[str, str]]:
    yield "parentSuite", told.suite
    yield "suite", in_words(told.module)
    for feature in dict.fromkeys(told.features):
        yield "feature", feature.replace("_", " ")
    yield "story", in_words(done.journey)
    yield "severity", standing.severity
    yield "owner", standing.owner
    if done.status == "failed":
        yield "origin", done.origin or "unknown"


def _links(told: Told, standing: Standing, done: JourneyDone) -> Iterator[Link]:
    run = f"{told.reports.rstrip('/')}/runs/{told.run_id}"
    yield Link("link", f"{run}/run.json", "Run record")
    if done.status == "failed" or done.attempt > 1:
        evidence = f"{run}/evidence/{done.journey}-{done.attempt}/summary.html"
        yield Link("link", evidence, "Evidence")
    for page in standing.runbooks if told.runbook else ():
        yield Link("link", str(told.runbook).format(page=page), f"Runbook: {page}")
    for row in standing.rows if told.rule else ():
        yield Link("plan", str(told.rule).format(rule=row.id), f"Plan: {row.title}")


def _description(standing: Standing) -> str:
    rows = [
        f"- Part {row.part}, {row.heading}, {row.item} ({row.severity}, `{row.id}`)"
        for row in standing.rows
    ]
    pages = [f"- `{page}`" for page in standing.runbooks]
    parts = [("What the plan holds of this", rows), ("What to do when it fails", pages)]
    return "\n\n".join("\n".join((f"**{heading}**\n", *lines)) for heading, lines in parts if lines)


def _settle(result: TestResult, done: JourneyDone) -> None:
    if done.status == "failed":
        status = status_of(done.status, done.origin)
        trace = result.statusDetails.trace if result.statusDetails else None
        message = message_of(done.story, done.origin)
        result.status = status
        result.statusDetails = StatusDetails(message=message, trace=trace)
        _blame(result.steps, status)
    elif done.attempt > 1:
        said = f"Degraded: it failed at first, and worked at attempt {done.attempt}."
        result.statusDetails = StatusDetails(flaky=True, message=said)


def _blame(steps: Iterable[Any], status: str) -> None:
    """The step that raised has failed as the journey did, whatever it raised."""
    for step in steps:
        if step.status in ("failed", "broken"):
            step.status = status
        _blame(step.steps, status)
