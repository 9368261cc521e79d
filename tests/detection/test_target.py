"""Every fault of the target is caught by the right step and blamed on the target."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from synthetic.evaluate.figures import past_alert
from synthetic.standin.faults import CATALOGUE, Fault
from tests.detection.alerts import PLACES, due, leaks, told
from tests.detection.detection import Detection, caught_ms, note, verdict_and_place
from tests.detection.sample import OURS, asked_always, chosen, drawn, passed_over, sample
from tests.journeys.conftest import Smoke, Standin
from tests.journeys.running import Finished

IMPATIENT = {
    "SYNTHETIC_STEP_TIMEOUT_S": "8",
    "SYNTHETIC_MEDIA_WARMUP_S": "0.5",
    "SYNTHETIC_MEDIA_WATCH_S": "1.5",
    "SYNTHETIC_RECORDING_LIMIT_S": "15",
}
OF_SMOKE = {"test_site_is_up"}
FAULTS = chosen()


def wanted(fault: Fault) -> str:
    if fault.verdict == "passed":
        return "passed | - | - | -"
    place = ("-", "-") if fault.verdict == "degraded" else (fault.feature, fault.step)
    return " | ".join((fault.verdict, fault.origin, *place))


def arguments(journey: str) -> list[str]:
    """What runs it: the smoke suite, or one of its journeys, or one of the full suite's."""
    if journey == "smoke":
        return []
    asked = ["-k", journey]
    return asked if journey in OF_SMOKE else ["-m", "full", *asked]


def why(run: Finished) -> str:
    stories = [journey.story for journey in run.record.journeys if journey.story]
    return next(iter([*stories, *past_alert(run.record)]), "nothing was said")


@pytest.mark.fault
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_it_is_caught_and_blamed_rightly(
    smoke: Smoke, serve: Callable[..., Standin], fault: Fault
) -> None:
    suite = arguments(fault.journey)
    run = smoke(*suite, env={**serve(asked_always(fault)).env, **IMPATIENT, **PLACES})
    detection = Detection(
        fault=fault.name,
        breaks=fault.breaks,
        wanted=wanted(fault),
        got=verdict_and_place(run.record),
        caught_ms=caught_ms(run.record),
        said=why(run),
        due=due(fault),
        told=told(run.reports, run.record.target),
    )
    note(detection)
    assert detection.got == detection.wanted, run.output
    assert detection.told == detection.due, run.output
    assert not leaks(fault) or "Leak" in run.sentence


def test_there_are_enough_faults_and_each_has_one_name() -> None:
    names = [fault.name for fault in CATALOGUE]
    assert len(names) == len(set(names)) >= 80


def test_a_sample_is_the_same_for_a_commit_and_another_for_the_next() -> None:
    one, other = (sample(CATALOGUE, commit, "") for commit in ("a1", "b2"))
    assert one == sample(CATALOGUE, "a1", "")
    assert one != other


def test_of_our_own_faults_a_sample_comes_up_as_well() -> None:
    names = [f"test_{number}" for number in range(12)]
    assert len(passed_over(names, {})) == 12 - OURS
    assert passed_over(names, {"DETECT": "new"}) == set()
    assert drawn(names, "a1") != drawn(names, "b2")


def test_a_sample_holds_what_a_change_touches() -> None:
    features = {fault.name: fault.feature for fault in CATALOGUE}
    picked = sample(CATALOGUE, "a1", "synthetic/journeys/chat.py")
    assert sum(features[name] == "chat" for name in picked) >= 2
