"""What of a run is evaluated, and what bends no rate."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from synthetic.results import Page, Request, Run, Sample, Step
from synthetic.store.observations import observations
from tests.runs import START, at, camera, failed, journey, recorded, run, step

WHERE = {"location": "eu-west"}


def seen(one: Run, metric: str) -> list[tuple[float, dict[str, str]]]:
    """Values and labels of a metric, without the location."""
    return [
        (found.value, {name: text for name, text in found.labels.items() if name != "location"})
        for found in observations(one)
        if found.metric == metric
    ]


def values(one: Run, metric: str) -> list[float]:
    return [value for value, _ in seen(one, metric)]


def request(status: int | None = 200, **more: Any) -> Request:
    usual = {"endpoint": "/api/hms/token", "method": "POST", "duration_ms": 20.0, "at": START}
    whose = {"actor": "host", "journey": "meet", "step": "join"}
    good = {"expected": status is not None and status < 400}
    return Request.model_validate({**usual, **whose, **good, "status": status, **more})


def blamed(*parts: Any, **more: Any) -> Run:
    """A run in which the target is at fault."""
    return run(*parts, verdict="failed", origin="target", **more)


def test_a_step_has_its_latency_when_it_ended() -> None:
    one = run(journey(step(latency_ms=250.0)))
    (found,) = [each for each in observations(one) if each.metric == "step_ms"]
    assert (found.value, found.at) == (250.0, START + timedelta(milliseconds=250))
    assert found.labels == {**WHERE, "feature": "leave", "actor": "guest"}


def test_a_feature_has_one_outcome_in_a_journey() -> None:
    good = journey(step(), step("away"), step("chat", feature="chat"))
    plain = {"journey": "meet", "burst": "no"}
    assert seen(run(good), "outcome") == [
        (1.0, {"feature": "leave", **plain}),
        (1.0, {"feature": "chat", **plain}),
    ]
    bad = journey(step(), failed("gone"), step("chat", feature="chat", status="skipped"))
    assert seen(blamed(bad), "outcome") == [(0.0, {"feature": "leave", **plain})]


def test_a_burst_is_marked() -> None:
    ((_, labels),) = seen(run(journey(step()), trigger="burst"), "outcome")
    assert labels["burst"] == "yes"


@pytest.mark.parametrize("origin", ["runner", "dependency", "unknown"])
def test_a_failure_that_is_not_the_targets_counts_nothing(origin: str) -> None:
    bad = blamed(journey(failed("gone", origin=origin)), media=(camera(identity="absent"),))
    for metric in ("outcome", "works", "error", "media_identity"):
        assert not seen(bad, metric)


def test_a_failure_of_a_run_that_came_to_nothing_counts_nothing() -> None:
    unsure = run(journey(failed("gone")), verdict="inconclusive", origin="unknown")
    assert not seen(unsure, "outcome")
    assert values(unsure, "run_inconclusive") == [1.0]
    assert not seen(unsure, "run_failed")


def test_a_failure_that_a_later_attempt_could_not_confirm_counts_nothing() -> None:
    doubtful = journey(failed("gone", origin="runner"), attempt=2)
    assert not seen(blamed(journey(failed("gone")), doubtful), "outcome")


def test_only_first_attempts_make_rates_and_the_last_is_how_it_is_now() -> None:
    degraded = run(journey(failed("gone")), journey(step(), attempt=2), verdict="degraded")
    assert values(degraded, "outcome") == [0.0]
    assert values(degraded, "works") == [1.0]
    assert not seen(degraded, "step_ms")


def test_requests_fail_where_the_answer_was_not_wanted() -> None:
    asked = (request(), request(401, expected=True), request(500))
    labels = {"endpoint": "/api/hms/token", "source": "journeys"}
    found = run(journey(step()), requests=asked)
    assert seen(found, "request_failed") == [(value, labels) for value in (0.0, 0.0, 1.0)]
    assert seen(found, "request_ms") == [(20.0, labels)] * 2
    assert seen(found, "error") == [
        (1.0, {"fingerprint": "POST: answer 500", "endpoint": "/api/hms/token"})
    ]


def test_a_refusal_for_asking_too_often_is_nobodys_error() -> None:
    limited = run(journey(step()), requests=(request(429),))
    assert not seen(limited, "request_failed")
    assert not seen(limited, "error")


def test_a_request_without_answer_counts_where_the_target_is_to_blame() -> None:
    unanswered = request(None, duration_ms=None)
    bad = blamed(journey(failed("gone")), requests=(unanswered,))
    assert values(bad, "request_failed") == [1.0]
    assert not seen(run(journey(step()), requests=(unanswered,)), "request_failed")


@pytest.mark.parametrize(
    ("second", "verdict", "counted"),
    [
        (failed("gone"), "failed", [0.0, 1.0]),
        (step(), "degraded", [0.0]),
        (failed("gone", origin="runner"), "inconclusive", [0.0]),
    ],
)
def test_an_answer_amiss_counts_where_the_failure_is_confirmed(
    second: Step, verdict: str, counted: list[float]
) -> None:
    attempts = [journey(failed("gone")), journey(second, attempt=2)]
    asked = (request(), request(502))
    assert values(run(*attempts, verdict=verdict, requests=asked), "request_failed") == counted


def test_a_burst_is_of_no_suite_and_asks_for_no_rate() -> None:
    burst = blamed(journey(failed("gone")), trigger="burst", requests=(request(500),))
    assert not seen(burst, "run_failed")
    assert not seen(burst, "request_failed")
    assert values(burst, "works") == [0.0]


def test_requests_of_a_second_attempt_bend_no_rate() -> None:
    assert not seen(run(journey(step()), requests=(request(attempt=2),)), "request_failed")


def test_media_has_its_figures_where_it_was_the_other_persons() -> None:
    labels = {"kind": "camera", "from": "host", "to": "guest"}
    late = {"glass_to_glass_ms": {"p50": 180.0, "p95": 300.0}, "packet_loss": 0.02}
    good = run(journey(step()), media=(camera(**late),))
    wanted = {"fps": 30.0, "bitrate_kbps": 1200.0, "height": 360.0, "packet_loss": 0.02}
    for name, value in {**wanted, "glass_to_glass_ms": 180.0, "identity": 1.0}.items():
        assert seen(good, f"media_{name}") == [(value, labels)]
    bad = blamed(journey(failed("nobody", "WrongPicture")), media=(camera(identity="mismatch"),))
    assert values(bad, "media_identity") == [0.0]
    assert not seen(bad, "media_fps")


def test_media_that_we_spoiled_ourselves_has_no_figures() -> None:
    spoiled = run(journey(step()), media=(camera(impaired="cut"), camera(limited_by="cpu")))
    assert values(spoiled, "media_identity") == [1.0]
    assert not seen(spoiled, "media_fps")


def test_a_picture_that_its_own_step_found_broken_has_no_figures() -> None:
    still = failed("stood still", "WrongPicture", name="lasts", feature="video")
    frozen = blamed(journey(still), media=(camera(fps=0.6),))
    assert values(frozen, "media_identity") == [1.0]
    assert not seen(frozen, "media_fps")


def test_a_picture_whose_connection_was_lost_was_reconnected() -> None:
    pictures = (camera(interruptions=2), camera(interruptions=0), camera(kind="microphone"))
    assert values(run(journey(step()), media=pictures), "reconnected") == [1.0, 0.0]


def test_a_recording_has_stages() -> None:
    stages = [step(f"recording {name}", feature="recording") for name in ("initiated", "completed")]
    bad = failed("late", name="recording uploaded", feature="recording")
    assert seen(blamed(journey(*stages, bad)), "recording_stage") == [
        (1.0, {"stage": "initiated"}),
        (1.0, {"stage": "completed"}),
        (0.0, {"stage": "uploaded"}),
    ]


def test_pages_have_their_vitals() -> None:
    page = Page(page="room", size="phone", journey="meet", step="leave", lcp_ms=900.0, cls=0.1)
    found = run(journey(step()), pages=(page, page.model_copy(update={"attempt": 2})))
    assert seen(found, "page_lcp_ms") == [(900.0, {"page": "room", "size": "phone"})]
    assert values(found, "page_cls") == [0.1]


def test_an_error_is_known_by_its_kind_and_a_leak_is_a_finding() -> None:
    first, second = failed("user 17 saw room 4", "Leak"), failed("user 5 saw room 9", "Leak")
    errors = seen(blamed(journey(first, second)), "error")
    assert len({labels["fingerprint"] for _, labels in errors}) == 1
    assert errors[0][1]["fingerprint"].startswith("Leak: ")
    assert values(blamed(journey(first)), "security_finding") == [1.0]


@pytest.mark.parametrize(
    ("verdict", "value"), [("passed", 0.0), ("degraded", 0.0), ("failed", 1.0)]
)
def test_a_run_failed_or_not(verdict: str, value: float) -> None:
    found = run(journey(step()), verdict=verdict)
    assert seen(found, "run_failed") == [(value, {"suite": "smoke"})]
    assert values(found, "run_inconclusive") == [0.0]


def test_a_run_that_looks_into_a_failure_or_has_no_end_leaves_nothing() -> None:
    assert not observations(run(journey(step()), trigger="repro"))
    assert not observations(run(journey(step()), finished_at=None))


def test_no_two_observations_of_a_series_are_at_one_moment() -> None:
    many = tuple(request(duration_ms=float(number)) for number in range(5))
    found = observations(run(journey(step()), requests=many))
    times = [(one.metric, *sorted(one.labels.items()), one.at) for one in found]
    assert len(set(times)) == len(times)
    assert max(one.at for one in found if one.metric == "request_ms") == at(0.000004)


def test_what_a_run_measured_of_the_target_is_a_journeys() -> None:
    left = Sample(metric="certificate_days", value=61.5, at=START)
    one = run(journey(step()), samples=[left])
    assert seen(one, "certificate_days") == [(61.5, {"source": "journeys"})]


@pytest.mark.parametrize("value", [math.nan, -math.inf, 1e101])
def test_what_is_no_number_or_too_large_is_left_out(value: float) -> None:
    left = Sample(metric="certificate_days", value=value, at=START)
    odd = request(duration_ms=value)
    one = run(journey(step()), samples=[left], requests=(odd, request(duration_ms=7.0)))
    assert not seen(one, "certificate_days")
    assert values(one, "request_ms") == [7.0]


def test_a_recorded_run_is_observed_in_the_order_of_time() -> None:
    found = observations(recorded())
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert {one.labels["location"] for one in found} == {"local"}
