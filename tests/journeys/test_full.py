"""The full suite as a user starts it, in both topologies, but for the call of a minute."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Smoke, standin_serving
from tests.journeys.running import Finished

# What journeys may fail of on a machine too slow for their pictures; never more than these.
MOST_OVERLOADED = 3
LONGEST_S = 900.0

# Without the haste of other tests.
AS_USERS = {
    "SYNTHETIC_STEP_TIMEOUT_S": "30",
    "SYNTHETIC_INBOX__TIMEOUT_S": None,
    "SYNTHETIC_MEDIA_WARMUP_S": None,
    "SYNTHETIC_MEDIA_WATCH_S": None,
}


def nothing_is_blamed_on_the_target(run: Finished, least: int) -> None:
    """At least so many journeys were made, and what failed, failed by this machine's load."""
    journeys = run.record.journeys
    assert len(journeys) >= least
    blamed = [one.name for one in journeys if one.status == "failed" and one.origin != "runner"]
    assert blamed == [], run.output
    overloaded = [step.error.type for step in run.failed if step.error]
    assert set(overloaded) <= {"Overloaded"}, run.output
    assert len(overloaded) <= MOST_OVERLOADED, run.output
    assert run.code == (6 if overloaded else 0), run.output


@pytest.mark.timeout(LONGEST_S)
def test_everything_passes_between_browsers(smoke: Smoke) -> None:
    run = smoke("-m", "full", "-k", "not minute", env=AS_USERS, within_s=LONGEST_S)
    nothing_is_blamed_on_the_target(run, least=27)


@pytest.mark.usefixtures("janus")
@pytest.mark.timeout(LONGEST_S)
def test_media_passes_through_a_forwarding_unit(smoke: Smoke) -> None:
    media = [f"tests/full/test_{name}.py" for name in ("video", "screen_share", "recording")]
    with standin_serving(topology="sfu") as standin:
        env = {**AS_USERS, **standin.env}
        run = smoke("-m", "full", "-k", "not minute", *media, env=env, within_s=LONGEST_S)
    nothing_is_blamed_on_the_target(run, least=7)
