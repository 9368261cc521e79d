"""A run becomes samples whose names and labels others rely on."""

from __future__ import annotations

import math
from typing import Any

import pytest

from synthetic.results import Page, Request, Run, Sample
from synthetic.sinks.samples import samples_of
from tests.runs import START, at, camera, failed, journey, recorded, run, step

EVERYWHERE = {"location": "eu-west", "suite": "smoke", "target": "https://kulti.test/"}


def named(some: Run, metric: str) -> list[Sample]:
    return [one for one in samples_of(some) if one.metric == metric]


def request(duration_ms: float, status: int | None = 200) -> Request:
    return Request(
        endpoint="/api/health",
        method="GET",
        status=status,
        duration_ms=duration_ms,
        at=START,
        actor="probe",
        journey="meet",
        step=None,
        expected=True,
    )


@pytest.mark.parametrize(
    ("verdict", "values"),
    [("passed", [1]), ("degraded", [1]), ("failed", [0]), ("inconclusive", [])],
)
def test_success_of_a_run(verdict: str, values: list[float]) -> None:
    found = named(run(verdict=verdict), "synthetic_run_success")
    assert [one.value for one in found] == values


def test_a_run_is_labelled_and_stamped_with_its_end() -> None:
    (duration,) = named(run(), "synthetic_run_duration_seconds")
    assert (duration.value, duration.at, duration.labels) == (12.0, at(12), EVERYWHERE)


def test_a_step_is_labelled_by_who_did_what() -> None:
    (latency,) = named(run(journey(step(latency_ms=80.5))), "synthetic_step_latency_ms")
    who = {"journey": "meet", "feature": "leave", "step": "leave", "actor": "guest"}
    assert (latency.value, latency.labels) == (80.5, EVERYWHERE | who)


def test_a_skipped_step_is_no_outcome() -> None:
    some = run(journey(step("a"), failed("x", name="b"), step("c", status="skipped")))
    found = named(some, "synthetic_step_success")
    assert [(one.labels["step"], one.value) for one in found] == [("a", 1), ("b", 0)]


def test_a_confirming_attempt_bends_no_rate() -> None:
    some = run(journey(failed("x")), journey(step(latency_ms=5), attempt=2))
    assert [one.value for one in named(some, "synthetic_step_success")] == [0]
    assert not named(some, "synthetic_step_latency_ms")
    assert not named(run(media=[camera(attempt=2)]), "synthetic_media_identity")


def test_an_endpoint_counts_with_its_slowest_answer() -> None:
    some = run(requests=[request(5), request(9), request(7), request(1, None)])
    found = named(some, "synthetic_request_duration_ms")
    assert {one.labels["status"]: one.value for one in found} == {"200": 9, "None": 1}


@pytest.mark.parametrize(("identity", "value"), [("match", 1), ("mismatch", 0), ("absent", 0)])
def test_media_is_somebodys(identity: str, value: float) -> None:
    (found,) = named(run(media=[camera(identity=identity)]), "synthetic_media_identity")
    seen = {"journey": "meet", "step": "lasts", "kind": "camera", "from": "host", "to": "guest"}
    assert (found.value, found.labels) == (value, EVERYWHERE | seen)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_sample(value: float) -> None:
    sizes: dict[str, Any] = {"fps": value, "glass_to_glass_ms": {"p50": value, "p95": value}}
    some = run(journey(step(latency_ms=value)), media=[camera(**sizes)], duration_s=value)
    assert all(math.isfinite(one.value) for one in samples_of(some))
    assert named(some, "synthetic_media_height")


def test_no_two_samples_of_a_run_are_the_same_series() -> None:
    series = [(one.metric, *sorted(one.labels.items())) for one in samples_of(recorded())]
    assert len(set(series)) == len(series) > 60


def test_a_page_load_makes_a_sample_of_each_vital_it_has() -> None:
    page = Page(page="room", size="phone", journey="pages", step="room loads", lcp_ms=90.5, cls=0.0)
    found = {one.metric: one for one in samples_of(run(pages=[page]))}
    assert found["synthetic_page_lcp_ms"].value == 90.5
    assert found["synthetic_page_cls"].labels == {**EVERYWHERE, "page": "room", "size": "phone"}
    assert "synthetic_page_inp_ms" not in found


def test_media_over_a_network_broken_on_purpose_makes_no_sample() -> None:
    assert named(run(media=[camera(impaired="loss 20 %")]), "synthetic_media_fps") == []
    assert len(named(run(media=[camera()]), "synthetic_media_fps")) == 1
