"""The run record on disk: ``reports/runs/<run_id>/run.json``, valid at every moment.

``run.json`` is only ever replaced as a whole. While a run goes on, each process appends what it
finds to a part of its own, ``parts/<part>.jsonl``; folding the parts over the record is pure, so
it may be done as often as one likes.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from synthetic.errors import ReportsNotWritable
from synthetic.results import (
    APART,
    Control,
    Finding,
    Journey,
    Media,
    Moment,
    Origin,
    Page,
    Request,
    Run,
    Sample,
    Status,
    Step,
    Verdict,
)

_log = logging.getLogger(__name__)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JourneyStarted(_Entry):
    """An attempt began."""

    kind: Literal["journey_started"] = "journey_started"
    journey: str
    attempt: int
    at: Moment


class StepDone(_Entry):
    """A step passed, failed or was skipped."""

    kind: Literal["step"] = "step"
    journey: str
    attempt: int
    step: Step


class JourneyDone(_Entry):
    """An attempt ended."""

    kind: Literal["journey_done"] = "journey_done"
    journey: str
    attempt: int
    status: Status
    origin: Origin | None = None
    story: str | None = None
    controls: tuple[Control, ...] = ()


class RequestDone(_Entry):
    """A request to the product was answered, or not."""

    kind: Literal["request"] = "request"
    request: Request


class MediaSeen(_Entry):
    """Media was judged."""

    kind: Literal["media"] = "media"
    media: Media


class PageSeen(_Entry):
    """A page loaded."""

    kind: Literal["page"] = "page"
    page: Page


class Found(_Entry):
    """Something odd was noticed."""

    kind: Literal["finding"] = "finding"
    finding: Finding


class Measured(_Entry):
    """A figure of the target itself was taken."""

    kind: Literal["sample"] = "sample"
    sample: Sample


Entry = (
    JourneyStarted | StepDone | JourneyDone | RequestDone | MediaSeen | PageSeen | Found | Measured
)
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


_OfJourney = TypeVar("_OfJourney", Media, Page, Finding)
_Attempt = tuple[str, int]  # a journey's name, and which attempt at it


def new_run_id(now: datetime, randomness: random.Random) -> str:
    """A sortable id such as ``20261123T211530Z-3f9c``."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{randomness.randrange(1 << 16):04x}"


class RunFolder:
    """The folder of one run; every write raises ``ReportsNotWritable`` when it cannot be done."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, reports: Path, run: Run) -> RunFolder:
        """Make the folder and write the record as it stands at the start."""
        folder = cls(reports / "runs" / run.run_id)
        try:
            (folder.path / "parts").mkdir(parents=True)
        except OSError as error:
            raise not_writable(folder.path, error) from error
        folder.write(run)
        replace(reports / "latest", f"{run.run_id}\n")
        return folder

    @classmethod
    def open(cls, reports: Path, run_id: str) -> RunFolder:
        """The folder of a run that has begun."""
        return cls(reports / "runs" / run_id)

    def write(self, run: Run) -> None:
        """Replace the record."""
        replace(self.path / "run.json", run.to_json() + "\n")

    def read(self) -> Run:
        """The record as it stands; raises ``ReportsNotWritable`` when it is gone or damaged."""
        path = self.path / "run.json"
        try:
            return Run.from_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ReportsNotWritable(
                f"{path} is gone or damaged: something else wrote to the run's folder; run again"
            ) from error

    def append(self, part: str, entry: Entry) -> None:
        """Add what a process found to its own part."""
        path = self.path / "parts" / f"{part}.jsonl"
        try:
            with path.open("ab+") as lines:
                if lines.tell() and _torn(lines):
                    lines.write(b"\n")
                lines.write(entry.model_dump_json(by_alias=True).encode() + b"\n")
        except OSError as error:
            raise not_writable(path, error) from error

    def fold(self) -> Run:
        """The record with everything that the parts hold so far.

        Journeys stand in the order of their starts, requests in the order of time, media in that
        of their journeys. A journey that has no end was cut off: it failed, by the runner.
        """
        entries = list(self._entries())
        starts: dict[_Attempt, datetime] = {}
        steps: dict[_Attempt, list[Step]] = defaultdict(list)
        ends: dict[_Attempt, JourneyDone] = {}
        for entry in entries:
            if isinstance(entry, JourneyStarted):
                starts[entry.journey, entry.attempt] = entry.at
            elif isinstance(entry, StepDone):
                starts.setdefault((entry.journey, entry.attempt), entry.step.started_at)
                steps[entry.journey, entry.attempt].append(entry.step)
            elif isinstance(entry, JourneyDone):
                ends[entry.journey, entry.attempt] = entry
        order = sorted(starts, key=lambda attempt: starts[attempt])
        place = {attempt: number for number, attempt in enumerate(order)}
        requests = [entry.request for entry in entries if isinstance(entry, RequestDone)]
        media = [entry.media for entry in entries if isinstance(entry, MediaSeen)]

        def by_journey(values: Iterable[_OfJourney]) -> tuple[_OfJourney, ...]:
            return tuple(
                sorted(values, key=lambda one: place.get((one.journey, one.attempt), len(place)))
            )

        found = {
            "journeys": tuple(_journey(one, steps[one], ends.get(one)) for one in order),
            "requests": tuple(sorted(requests, key=lambda request: request.at)),
            "media": by_journey(media),
            "pages": by_journey(one.page for one in entries if isinstance(one, PageSeen)),
            "findings": by_journey(one.finding for one in entries if isinstance(one, Found)),
            "samples": tuple(one.sample for one in entries if isinstance(one, Measured)),
        }
        return self.read().model_copy(update=found)

    def _entries(self) -> Iterator[Entry]:
        for part, lines in self._parts():
            for number, line in enumerate(lines, start=1):
                try:
                    yield _ENTRY.validate_json(line)
                except ValidationError:
                    _log.warning("%s, line %d is torn and was left out", part, number)

    def _parts(self) -> list[tuple[Path, list[bytes]]]:
        try:
            parts = sorted((self.path / "parts").glob("*.jsonl"))
            return [(part, part.read_bytes().splitlines()) for part in parts]
        except OSError as error:
            raise ReportsNotWritable(
                f"{self.path} cannot be read: {error.strerror or error}; see what holds so many "
                "files open, or who took the folder away, and run again"
            ) from error


def _journey(which: _Attempt, steps: list[Step], end: JourneyDone | None) -> Journey:
    name, attempt = which
    if end is None:
        return Journey(
            name=name, attempt=attempt, status="failed", origin="runner", steps=tuple(steps)
        )
    # A step is recorded at once; whose fault it was is settled only afterwards.
    settled = [
        step.model_copy(update={"origin": end.origin}) if step.status == "failed" else step
        for step in steps
    ]
    outcome = {key: getattr(end, key) for key in ("status", "origin", "story", "controls")}
    return Journey(name=name, attempt=attempt, steps=tuple(settled), **outcome)


def _torn(lines: IO[bytes]) -> bool:
    """Whether the last line has no end: a full disk cut it, and what follows stands alone."""
    lines.seek(-1, os.SEEK_END)
    return lines.read(1) != b"\n"


def previous_verdict(reports: Path, run: Run) -> Verdict | None:
    """The verdict of the last conclusive run before ``run`` of the same target and suite."""
    for path in sorted((reports / "runs").glob("*/run.json"), reverse=True):
        if path.parent.name >= run.run_id:
            continue
        try:
            earlier = json.loads(path.read_bytes())
            same = (earlier["target"], earlier["suite"]) == (run.target, run.suite)
            counts = earlier["finished_at"] and earlier["trigger"] not in APART
            if same and counts and earlier["verdict"] != "inconclusive":
                return Run.model_validate(earlier).verdict
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s cannot be read and was passed over: %s", path, error)
    return None


def replace(path: Path, text: str) -> None:
    """Put ``text`` into a file as a whole: whoever reads sees the old text or the new."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):  # what is wrong is said already
            unfinished.unlink(missing_ok=True)
        raise not_writable(path, error) from error


def not_writable(path: Path, error: OSError) -> ReportsNotWritable:
    """The error for what cannot be written: where, why, and what to do."""
    return ReportsNotWritable(
        f"{path} cannot be written: {error.strerror or error}; free some space, make the folder "
        "writable, or point SYNTHETIC_REPORTS_DIR elsewhere"
    )
