"""The story of a failed journey on one page, which alone is enough to say what broke.

``evidence/<journey>-<last attempt>/summary.html`` is one file without script: it can be attached,
mailed and printed. Whatever stands in it is capped, redacted and escaped as it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from synthetic.evaluate.verdict import verdict_of
from synthetic.redaction import Redactor
from synthetic.reports import summary_words as words
from synthetic.reports.styles import TEMPLATES, styles
from synthetic.reports.summary_differences import Differences, differences
from synthetic.reports.summary_evidence import (
    ActorEvidence,
    Ruling,
    data_uri,
    read_actors,
    read_ruling,
)
from synthetic.reports.summary_media import HEIGHT, WIDTH, Seen, seen_by
from synthetic.reports.summary_timeline import Timeline, timeline
from synthetic.results import Control, Journey, Run, Step
from synthetic.store.run_folder import RunFolder, not_writable, replace
from synthetic.wording import harmless

NAME = "summary.html"
_LONGEST, _LONGEST_READ = 2000, 100_000
_MOST_FILES = 200
_NUMBER = re.compile(r"-(\d+)$")
_BYTES_A_KB = 1000


@dataclass(frozen=True)
class Attempt:
    """One attempt with everything that is told of it; ``pictures`` are ``data:`` addresses."""

    journey: Journey
    failed: Step | None
    story: str
    controls: tuple[Control, ...]
    timeline: Timeline
    evidence: tuple[ActorEvidence, ...]
    seen: dict[str, list[Seen]]
    pictures: dict[str, Markup]


@dataclass(frozen=True)
class File:
    """A file of evidence: a link to it from the page, its size, and what it is for."""

    link: str
    name: str
    size: str
    purpose: str


def write_summary(folder: Path, journey: str, redactor: Redactor) -> Path:
    """Write the page about every attempt at ``journey`` of the run in ``folder``; its path.

    Raises ``ReportsNotWritable`` where the record cannot be read or the page cannot be written.
    Whatever else is missing or damaged is told on the page.
    """
    run = _record(folder)
    attempts = [_attempt(folder, run, one) for one in _journeys(folder, run, journey)]
    failed = [one for one in attempts if one.journey.status != "passed"]
    told = failed[-1] if failed else attempts[-1]
    last = _place(folder, journey, attempts[-1].journey.attempt)
    verdict, origin = verdict_of([one.journey for one in attempts])
    differs = differences(folder, run, told.journey, told.evidence)
    page = {
        "run": run,
        "outcome": words.outcome(verdict, origin, [one.journey for one in attempts], run.target),
        "advice": words.advice(verdict, origin, told.failed, run.target),
        "told": told,
        "gist": words.gist(told.story[:_LONGEST_READ]),
        "others": [one for one in attempts if one is not told],
        "differs": differs,
        "files": _files(folder, journey, last),
        "compared": _compared(told, differs),
        "chart": {"width": WIDTH, "height": HEIGHT},
    }
    try:
        last.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(last, error) from error
    replace(last / NAME, _rendered(page, redactor))
    return last / NAME


def _record(folder: Path) -> Run:
    """The record; while a run goes on, its journeys stand in its parts only."""
    reader = RunFolder(folder)
    run = reader.read()
    return run if run.journeys else reader.fold()


def _journeys(folder: Path, run: Run, name: str) -> list[Journey]:
    """Every attempt that the record or the evidence knows; at least one."""
    known = {one.attempt: one for one in run.journeys if one.name == name}
    for path in (folder / "evidence").glob("*/"):
        number = _attempt_of(path)
        if path.name == f"{name}-{number}":
            known.setdefault(number, _unrecorded(name, number))
    return [known[number] for number in sorted(known)] or [_unrecorded(name, 1)]


def _unrecorded(name: str, attempt: int) -> Journey:
    return Journey(name=name, attempt=attempt, status="failed", origin="runner")


def _place(folder: Path, journey: str, attempt: int) -> Path:
    return folder / "evidence" / f"{journey}-{attempt}"


def _attempt(folder: Path, run: Run, recorded: Journey) -> Attempt:
    place = _place(folder, recorded.name, recorded.attempt)
    evidence = read_actors(place)
    journey = _ruled(recorded, read_ruling(place))
    failed = next((step for step in journey.steps if step.status == "failed"), None)
    events = timeline(run, journey, evidence)
    shown = {one.actor: data_uri(one.screenshot) for one in evidence}
    return Attempt(
        journey=journey,
        failed=failed,
        story=words.story(journey, failed, journey.controls),
        controls=journey.controls,
        timeline=events,
        evidence=evidence,
        seen={one.actor: seen_by(one, events.start) for one in evidence},
        pictures={actor: picture for actor, picture in shown.items() if picture},
    )


def _ruled(journey: Journey, ruling: Ruling) -> Journey:
    """A journey that was cut off after the ruling has it in its evidence only."""
    if journey.status == "passed" or journey.story:
        return journey
    return journey.model_copy(
        update={
            "origin": ruling.origin or journey.origin,
            "story": ruling.story,
            "controls": journey.controls or ruling.controls,
        }
    )


def _compared(told: Attempt, differs: Differences) -> list[tuple[str, Markup | None, str, Any]]:
    """For each actor: the picture at failure, why there is none, and the last good one."""
    return [
        (
            one.actor,
            told.pictures.get(one.actor),
            one.missing.get("screenshot", "no picture was kept"),
            data_uri(differs.good_pictures[one.actor]),
        )
        for one in told.evidence
    ]


def _files(folder: Path, journey: str, page: Path) -> list[File]:
    places = sorted((folder / "evidence").glob("*/"), key=_attempt_of, reverse=True)
    mine = [one for one in places if _NUMBER.sub("", one.name) == journey]
    found = [path for place in mine for path in sorted(place.rglob("*")) if path.is_file()]
    return [
        File(
            link=_link(path, page),
            name=_name(path.relative_to(folder / "evidence")),
            size=_size(path.stat().st_size),
            purpose=words.purpose(path.name),
        )
        for path in found[:_MOST_FILES]
        if path.name != NAME
    ]


def _attempt_of(place: Path) -> int:
    number = _NUMBER.search(place.name)
    return int(number[1]) if number else 0


def _name(path: Path) -> str:
    """A file under its attempt's folder in words, such as ``attempt 2, guest: trace.zip``."""
    attempt = f"attempt {_attempt_of(Path(path.parts[0]))}"
    return f"{', '.join((attempt, *path.parts[1:-1]))}: {path.name}"


def _link(path: Path, page: Path) -> str:
    if path.is_relative_to(page):
        return quote(f"./{path.relative_to(page)}")
    return quote(f"../{path.relative_to(page.parent)}")


def _size(octets: int) -> str:
    if octets < _BYTES_A_KB:
        return f"{octets} B"
    kilobytes = octets / _BYTES_A_KB
    return f"{kilobytes:.0f} kB" if kilobytes < _BYTES_A_KB else f"{kilobytes / 1000:.1f} MB"


def _rendered(page: dict[str, Any], redactor: Redactor) -> str:
    def cut(text: str, most: int) -> str:
        # Redacted first: half a secret would not be recognised.
        clean = harmless(redactor.text(text[:_LONGEST_READ], _LONGEST))
        return clean if len(clean) <= most else f"{clean[: most - 1]}…"

    def written(value: Any) -> Any:
        """Everything that is written passes here, but for what this module made itself."""
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return cut(value, _LONGEST)

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=written,
    )
    environment.filters.update({"cut": cut, "since": _since, "utc": _utc, "ratio": _ratio})
    template = environment.get_template("summary.html")
    return template.render(**page, **styles("summary.css"))


def _since(at: datetime | None, start: datetime | None) -> str:
    """Seconds after the journey's start, such as ``+5.2 s``."""
    if at is None or start is None:
        return ""
    return f"{(at - start).total_seconds():+.1f} s".replace("-", "−")


def _utc(at: datetime | None) -> str:
    return "not known" if at is None else f"{at:%d %b %Y, %H:%M:%S} UTC".lstrip("0")


def _ratio(value: float | None) -> str:
    return "" if value is None else f"×{value:.2g}" if value < 100 else f"×{value:.0f}"
