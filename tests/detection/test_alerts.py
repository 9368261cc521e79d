"""For every fault of the catalogue: the incident, its severity, and who hears of it.

Runs as the faults make them, without browsers, so that the whole catalogue is gone through; what
real runs come to is held against the same table in ``test_target.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synthetic.after_run import follow
from synthetic.results import Journey, Run, Sample, Verdict
from synthetic.settings import load
from synthetic.standin.faults import CATALOGUE, Fault
from synthetic.store.run_folder import RunFolder
from tests.detection.alerts import PLACES, due, leaks, told
from tests.runs import at, camera, failed, journey, run, step

CERT = "certificate"
WELL = journey(step("site accessible", feature="site"), step("health ok", feature="health"))


def alike(fault: Fault) -> tuple[object, ...]:
    """Faults that make the same run are gone through once."""
    return (
        fault.feature,
        fault.step,
        fault.journey,
        fault.verdict,
        leaks(fault),
        fault.point == CERT,
    )


KINDS = {alike(fault): fault for fault in CATALOGUE}.values()


def ended(fault: Fault) -> Run:
    """The run that a fault makes, confirmed where it fails."""
    verdict: Verdict = fault.verdict  # type: ignore[assignment]  # a text of the table
    if verdict == "degraded" and fault.point == CERT:
        days = Sample(metric="certificate_days", value=float(fault.value), at=at(1))
        return run(WELL, verdict=verdict, samples=[days])
    if verdict in ("passed", "degraded"):
        slow = [camera(fps=5.0)] if verdict == "degraded" else []
        return run(WELL, journey(step()), verdict=verdict, media=slow)
    error = "Leak" if leaks(fault) else "StepTimeout"
    bad = failed("not seen", error, feature=fault.feature, name=fault.step, origin=fault.origin)
    more: dict[str, Any] = {"verdict": verdict}
    again: list[Journey] = [journey(bad, attempt=attempt) for attempt in (1, 2)]
    if fault.feature == "site":  # whoever wants to sign up does not get past it, either
        lost = failed("not seen", feature="signup", name="sign-up form opens")
        return run(*again, *(journey(lost, attempt=one, name="join") for one in (1, 2)), **more)
    return run(WELL.model_copy(update={"name": "site"}), *again, **more)


@pytest.mark.parametrize("fault", KINDS, ids=[fault.name for fault in KINDS])
def test_the_right_people_hear_of_it(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**PLACES, "SYNTHETIC_REPORTS_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    one = ended(fault).model_copy(update={"target": "stand-in"})
    follow(
        one,
        load(tmp_path),
        RunFolder.create(tmp_path, one),
        clock=lambda: at(13),
        wait=lambda _: None,
        show=lambda _: None,
    )
    assert told(tmp_path, "stand-in") == due(fault)
