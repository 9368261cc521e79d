"""Runs for tests: a recorded one, and small ones made to measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from synthetic.results import Journey, Media, Origin, Problem, Run, Step

START = datetime(2026, 11, 23, 21, 15, 30, tzinfo=UTC)
HOSTILE = "<!channel> <@U1> <http://x.test|y> *b* _i_ `c` & \x1b[31m\r\n\u202eevil 日本語 e\u0301"


def recorded() -> Run:
    """A whole run against the stand-in, as it was written."""
    path = Path(__file__).parents[1] / "fixtures" / "runs" / "passed.json"
    return Run.from_json(path.read_bytes())


def at(seconds: float) -> datetime:
    """A moment of a run that began at ``START``."""
    return START + timedelta(seconds=seconds)


def step(name: str = "leave", **more: Any) -> Step:
    """A step of the guest's that passed, unless told otherwise."""
    usual = {"feature": "leave", "actor": "guest", "status": "passed", "started_at": START}
    return Step.model_validate({"name": name, **usual, **more})


def failed(message: str, error: str = "StepTimeout", **more: Any) -> Step:
    """A step that failed, by the target unless told otherwise."""
    problem = Problem(type=error, message=message)
    return step(**{"status": "failed", "error": problem, "origin": "target", **more})


def journey(
    *steps: Step, attempt: int = 1, name: str = "meet", story: str | None = None
) -> Journey:
    """An attempt that ended as its steps did."""
    bad = [one for one in steps if one.status == "failed"]
    return Journey(
        name=name,
        attempt=attempt,
        status="failed" if bad else "passed",
        origin=bad[0].origin if bad else None,
        story=story,
        steps=steps,
    )


def camera(**more: Any) -> Media:
    """What the guest saw of the host, and well."""
    usual = {"kind": "camera", "from": "host", "to": "guest", "journey": "meet", "step": "lasts"}
    figures = {"identity": "match", "fps": 30.0, "height": 360, "bitrate_kbps": 1200.0}
    return Media.model_validate({**usual, **figures, **more})


def run(*journeys: Journey, origin: Origin | None = None, **more: Any) -> Run:
    """A finished run against a product."""
    usual: dict[str, Any] = {
        "run_id": "20261123T211530Z-3f9c",
        "suite": "smoke",
        "target": "https://kulti.test/",
        "location": "eu-west",
        "trigger": "manual",
        "started_at": START,
        "finished_at": at(12),
        "duration_s": 12.0,
        "verdict": "passed",
    }
    return Run.model_validate({**usual, "origin": origin, "journeys": journeys, **more})
