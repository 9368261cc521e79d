"""What is different from the last good run of a failed journey, read from both runs' folders."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthetic.reports import baseline
from synthetic.reports.baseline import Change
from synthetic.reports.summary_evidence import ActorEvidence
from synthetic.reports.summary_network import answered, path_of
from synthetic.reports.summary_words import telling
from synthetic.results import Journey, Media, Run, Step

_log = logging.getLogger(__name__)

_HEALTH = "/api/health"
_LONGEST_ID = 200


@dataclass(frozen=True)
class Differences:
    """From ``good``, the last good run, if there is one.

    ``good_pictures`` says for each actor where the last good picture of the failed step would be.
    """

    good: Run | None
    deployment: Change
    good_pictures: dict[str, Path]
    responses: list[Change] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    steps: list[Change] = field(default_factory=list)
    media: list[Change] = field(default_factory=list)
    telling: str | None = None
    usual: list[str] = field(default_factory=list)
    """What the good run asked the product for in the step that failed here."""


def differences(
    folder: Path, run: Run, journey: Journey, evidence: Sequence[ActorEvidence]
) -> Differences:
    """Hold an attempt against the last good run of its journey."""
    reports = folder.parent.parent
    good = baseline.last_good_run(reports, run, journey.name)
    then = baseline.first_attempt(good, journey.name) if good else None
    deployment = _deployment(
        _answered_by(folder, evidence),
        _answered_by(reports / "runs" / good.run_id) if good else None,
    )
    number = _where_it_ended(journey)
    pictures = {
        side.actor: baseline.good_picture(reports, run, journey.name, number, side.actor)
        for side in evidence
    }
    odd = _odd(journey, evidence)
    if good is None or then is None:
        return Differences(None, deployment, pictures, telling=next(iter(odd), None))
    reached = {step.name for step in journey.steps if step.status != "skipped"}
    responses = baseline.response_changes(
        [one for one in run.requests if _of(one.journey, one.attempt, journey)],
        [one for one in good.requests if _of(one.journey, one.attempt, then)],
        reached & {step.name for step in then.steps},
    )
    errors = baseline.new_errors(_errors(run, journey, evidence), _errors(good, then, ()))
    steps = baseline.step_changes(journey, then)
    return Differences(
        good=good,
        deployment=deployment,
        good_pictures=pictures,
        responses=responses,
        errors=errors,
        steps=steps,
        media=baseline.media_changes(
            _media(run, journey), [one for one in _media(good, then) if one.step in reached]
        ),
        telling=telling(responses, deployment, errors, steps, odd),
        usual=_usual(good, then, journey),
    )


def _usual(good: Run, then: Journey, journey: Journey) -> list[str]:
    failed = _failed(journey)
    same = next((step for step in then.steps if failed and step.name == failed.name), None)
    if same is None:
        return []
    asked = [
        one
        for one in good.requests
        if _of(one.journey, one.attempt, then) and one.step == same.name
    ]
    return [
        f"{(one.at - same.started_at).total_seconds():+.1f} s {one.actor}: "
        f"{one.method} {one.endpoint}: {answered(one.status, one.duration_ms)}"
        for one in sorted(asked, key=lambda one: one.at)
    ]


def _failed(journey: Journey) -> Step | None:
    return next((step for step in journey.steps if step.status == "failed"), None)


def _where_it_ended(journey: Journey) -> int:
    """The number of the step that failed, else of the last that passed; steps count from 1."""
    failed = (n for n, step in enumerate(journey.steps, 1) if step.status == "failed")
    return next(failed, max(1, sum(step.status == "passed" for step in journey.steps)))


def _of(name: str, attempt: int, journey: Journey) -> bool:
    return (name, attempt) == (journey.name, journey.attempt)


def _media(run: Run, journey: Journey) -> list[Media]:
    return [one for one in run.media if _of(one.journey, one.attempt, journey)]


def _errors(run: Run, journey: Journey, evidence: Sequence[ActorEvidence]) -> list[str]:
    told = [
        one.text
        for one in run.findings
        if one.kind == "console" and _of(one.journey, one.attempt, journey)
    ]
    return list(dict.fromkeys([*(text for side in evidence for text in side.errors), *told]))


def _odd(journey: Journey, evidence: Sequence[ActorEvidence]) -> list[str]:
    """Answers that were none since the step that failed began, the newest first."""
    failed = _failed(journey)
    answers = [one for side in evidence for one in side.answers]
    found = [one for one in answers if failed and one.odd and one.at >= failed.started_at]
    newest = sorted(found, key=lambda one: one.at, reverse=True)
    return [f"{one.method} {path_of(one.url)}, which answered {one.said}" for one in newest]


def _answered_by(folder: Path, evidence: Sequence[ActorEvidence] = ()) -> str | None:
    """Which deployment answered a run: as it was noted, as responses say, or as health says."""
    try:
        noted = baseline.deployment_file(folder).read_text("utf-8").strip()[:_LONGEST_ID]
    except FileNotFoundError:
        noted = ""
    except (OSError, UnicodeDecodeError) as error:
        _log.warning("%s cannot be read: %s", baseline.deployment_file(folder), error)
        noted = ""
    exchanges = [one for side in evidence for one in side.exchanges]
    said = (baseline.deployment_of(one.headers) for one in exchanges)
    versions = (one.version for one in exchanges if path_of(one.url) == _HEALTH)
    return noted or next(filter(None, said), None) or next(filter(None, versions), None)


def _deployment(now: str | None, before: str | None) -> Change:
    known = now is not None and before is not None
    return Change(
        "deployment", now or "not known", before or "not known", notable=known and now != before
    )
