"""The same suite, where video travels through a real SFU."""

import pytest

from tests.journeys.conftest import Smoke, standin_serving


@pytest.mark.usefixtures("janus")
def test_the_smoke_journey_passes_through_an_sfu(smoke: Smoke) -> None:
    with standin_serving(topology="sfu") as standin:
        run = smoke(env=standin.env)
    assert run.code == 0, run.output
    assert {(proof.kind, proof.identity) for proof in run.record.media} == {
        ("camera", "match"),
        ("microphone", "match"),
        ("screen", "match"),
    }
