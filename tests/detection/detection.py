"""What became of a fault: caught by which step, after how long, blamed on whom."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from synthetic.results import Run, Step

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "reports" / "detection.jsonl"


class Detection(BaseModel):
    """One fault, run once; ``caught_ms`` counts from the failed step's start."""

    model_config = ConfigDict(frozen=True)

    fault: str
    breaks: str
    wanted: str
    """``verdict origin feature step`` that must catch it; what does not apply is a dash."""
    got: str
    caught_ms: float | None
    said: str
    """Why the verdict is what it is, in a sentence."""
    due: str = ""
    """The incidents that must follow, and who must hear of them; as :mod:`.alerts` writes it."""
    told: str = ""

    @property
    def ok(self) -> bool:
        """Caught by the right step, blamed on the right origin, and told to the right people."""
        return (self.got, self.told) == (self.wanted, self.due)


def verdict_and_place(run: Run) -> str:
    """``verdict origin feature step`` of a run, dashes for what it has not."""
    step = failed_step(run)
    place = (step.feature, step.name) if step else ("-", "-")
    return " | ".join((run.verdict, run.origin or "-", *place))


def failed_step(run: Run) -> Step | None:
    """The step that failed first."""
    steps = (step for journey in run.journeys for step in journey.steps)
    return next((step for step in steps if step.status == "failed"), None)


def caught_ms(run: Run) -> float | None:
    """Milliseconds from the failed step's start until we knew."""
    step = failed_step(run)
    if step is None or step.ended_at is None:
        return None
    return round((step.ended_at - step.started_at).total_seconds() * 1000)


def note(detection: Detection) -> None:
    """Add to the results: the newest line of a fault counts."""
    RESULTS.parent.mkdir(exist_ok=True)
    line = detection.model_dump_json().encode() + b"\n"
    descriptor = os.open(RESULTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def noted() -> dict[str, Detection]:
    """The newest result of each fault."""
    if not RESULTS.exists():
        return {}
    return {one.fault: one for one in _read(RESULTS.read_text("utf-8").splitlines())}


def _read(lines: Iterable[str]) -> Iterable[Detection]:
    return (Detection.model_validate_json(line) for line in lines)
