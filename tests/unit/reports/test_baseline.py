"""The last good run is found, and what differs from it is told apart from what does not."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from synthetic.reports import baseline
from synthetic.reports.baseline import (
    Change,
    deployment_of,
    good_picture,
    last_good_run,
    media_changes,
    new_errors,
    response_changes,
    slug,
    step_changes,
)
from synthetic.results import Latency, Run
from tests.runs import camera, failed, step
from tests.unit.reports.summaries import (
    JOURNEY,
    a_run,
    attempt,
    good_run,
    request,
    steps,
    write_run,
)

REACHED = {"sign-up code arrives"}
RUN = a_run(attempt(*steps("sign up", "nothing came")))


def found(reports: Path, *earlier: Run) -> str | None:
    for one in earlier:
        write_run(reports, one)
    good = last_good_run(reports, RUN, JOURNEY)
    return good.run_id if good else None


def test_the_newest_earlier_good_run_is_the_last_good_one(tmp_path: Path) -> None:
    older, newer = good_run(run_id="20261123T100000Z-a"), good_run(run_id="20261123T110000Z-b")
    later = good_run(run_id="20261124T000000Z-c")
    assert found(tmp_path, newer, later, older) == newer.run_id


@pytest.mark.parametrize("where", [{"target": "x"}, {"suite": "full"}, {"location": "mars"}])
def test_only_the_same_target_suite_and_location_count(
    tmp_path: Path, where: dict[str, str]
) -> None:
    assert found(tmp_path, good_run(**where)) is None


def test_a_failed_run_is_good_where_the_journey_itself_passed(tmp_path: Path) -> None:
    assert found(tmp_path, good_run(verdict="failed")) == good_run().run_id


def test_what_passed_on_the_second_attempt_is_not_good(tmp_path: Path) -> None:
    first = attempt(*steps("sign up", "nothing came"))
    second = attempt(*steps(None), number=2)
    record = a_run(first, second, run_id="20261123T100000Z-a", verdict="degraded")
    assert found(tmp_path, record) is None


def test_a_damaged_record_is_passed_over_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = write_run(tmp_path, good_run(run_id="20261123T200000Z-d"))
    (damaged / "run.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert found(tmp_path, good_run()) == good_run().run_id
    assert "20261123T200000Z-d cannot be read and was passed over" in caplog.text


def test_only_so_many_runs_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST_RUNS", 2)
    bad = [good_run(run_id=f"20261123T19300{n}Z-0", location="mars") for n in (1, 2)]
    assert found(tmp_path, good_run(), *bad) is None


def test_nothing_is_known_before_the_first_run(tmp_path: Path) -> None:
    assert last_good_run(tmp_path, RUN, JOURNEY) is None


def test_a_good_picture_has_one_place_for_step_and_person() -> None:
    run = a_run(target="https://kulti.test/")
    path = good_picture(Path("reports"), run, JOURNEY, 8, "guest")
    assert path == Path(f"reports/good/smoke-kulti.test/{JOURNEY}/guest-8.jpg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.b:8/c?d", "a.b-8-c-d"),
        ("../../etc", "etc"),
        ("", "unnamed"),
        ("x" * 99, "x" * 80),
    ],
)
def test_a_folder_name_leads_nowhere_else(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_steps_are_timed_against_the_good_run() -> None:
    now = attempt(step("a", latency_ms=900), step("b", latency_ms=90), failed("x", name="c"))
    before = attempt(step("a", latency_ms=300), step("b", latency_ms=30), step("c", latency_ms=70))
    assert step_changes(now, before) == [
        Change("guest: a", "900 ms", "300 ms", notable=True, ratio=3),
        Change("guest: b", "90 ms", "30 ms", notable=False, ratio=3),
        Change("guest: c", "failed", "70 ms", notable=True),
    ]


def test_what_was_not_reached_is_not_compared() -> None:
    now = attempt(failed("x", name="a"), step("b", status="skipped"))
    assert [one.what for one in step_changes(now, attempt(step("a"), step("b")))] == ["guest: a"]


def test_another_answer_stands_before_a_missing_one_and_that_before_a_slow_one() -> None:
    now = [request("/b", 1, status=500), request("/c", 1, took_ms=900)]
    before = [request("/a", 1), request("/b", 1), request("/c", 1, took_ms=30)]
    assert response_changes(now, before, REACHED) == [
        Change("POST /b", "500", "200", notable=True),
        Change("POST /a", "not asked", "200", notable=True),
        Change("POST /c", "900 ms", "30 ms", notable=True, ratio=30),
    ]


def test_a_request_without_an_answer_is_told_so() -> None:
    now = [request("/a", 1, status=None, took_ms=None)]
    assert response_changes(now, [request("/a", 1)], REACHED)[0].now == "no answer"


def test_slower_counts_from_twice_and_a_fifth_of_a_second() -> None:
    def changed(now_ms: float, before_ms: float) -> bool:
        now, before = request("/a", 1, took_ms=now_ms), request("/a", 1, took_ms=before_ms)
        return bool(response_changes([now], [before], REACHED))

    assert [changed(401, 200), changed(400, 200), changed(230, 31), changed(230, 29)] == [
        True,
        False,
        False,
        True,
    ]


def test_requests_of_steps_that_were_not_reached_are_not_missed() -> None:
    assert response_changes([], [request("/a", 1, step="leave")], REACHED) == []


def test_media_is_compared_by_direction() -> None:
    delay = {"glass_to_glass_ms": Latency(p50=30, p95=900)}
    now = [camera(identity="mismatch", fps=9.0, bitrate_kbps=1000.0, **delay)]
    before = [camera(glass_to_glass_ms=Latency(p50=30, p95=60))]
    notable = {one.what: (one.now, one.before) for one in media_changes(now, before) if one.notable}
    assert notable == {
        "camera host → guest: who it is": ("mismatch", "match"),
        "camera host → guest: frames/s": ("9", "30"),
        "camera host → guest: delay P95": ("900 ms", "60 ms"),
    }


def test_media_that_was_not_measured_is_notable() -> None:
    assert media_changes([], [camera()]) == [
        Change("camera host → guest", "not measured", "match", notable=True)
    ]


def test_loss_of_packets_counts_by_percent() -> None:
    changes = media_changes([camera(packet_loss=0.05)], [camera(packet_loss=0.004)])
    assert [(one.now, one.before, one.notable) for one in changes if "lost" in one.what] == [
        ("5 %", "0.4 %", True)
    ]


def test_an_error_is_new_whatever_its_numbers() -> None:
    before = ["error: room 17 at http://a:80/x failed"]
    now = ["error: room 99 at http://b:81/x failed", "error: boom 1", "error: boom 2"]
    assert new_errors(now, before) == ["error: boom 1"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Deployment-Id": " dpl_1 ", "x-version": "2"}, "dpl_1"),
        ({"x-vercel-id": "fra1::request"}, None),  # another one with every request
        ({"X-Version": "2"}, "2"),
        ({"x-release": ""}, None),
    ],
)
def test_a_response_may_say_which_deployment_gave_it(
    headers: dict[str, str], expected: str | None
) -> None:
    assert deployment_of(headers) == expected
