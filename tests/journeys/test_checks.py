"""What a failed check leaves behind: skipped steps, evidence, a verdict."""

from collections.abc import Callable

from tests.journeys.conftest import Smoke, Standin
from tests.journeys.running import Finished

IMPATIENT = {
    "SYNTHETIC_STEP_TIMEOUT_S": "8",
    "SYNTHETIC_MEDIA_WARMUP_S": "0.5",
    "SYNTHETIC_MEDIA_WATCH_S": "1.5",
}


def statuses(run: Finished) -> list[str]:
    return [step.status for step in max(run.record.journeys, key=lambda one: len(one.steps)).steps]


def test_after_a_failure_later_steps_are_skipped(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    passed, failed, skipped = 7, ["failed"], 9
    run = smoke(env={**serve("create-500").env, **IMPATIENT})
    assert statuses(run) == ["passed"] * passed + failed + ["skipped"] * skipped


def test_a_failure_leaves_evidence_of_both_actors(
    smoke: Smoke, serve: Callable[..., Standin]
) -> None:
    run = smoke(env={**serve("join-500").env, **IMPATIENT})
    folder = run.reports / "runs" / run.record.run_id / "evidence" / "test_two_people_meet-1"
    names = {
        *("screenshot.png", "trace.zip", "console.txt", "network.json", "webrtc.json"),
        *("sockets.json", "answers.json"),
    }
    for who in ("host", "guest"):
        assert {path.name for path in (folder / who).iterdir()} == names


def test_too_many_requests_are_nobodys_outage(smoke: Smoke, serve: Callable[..., Standin]) -> None:
    run = smoke(env={**serve("rate-limited").env, **IMPATIENT})
    assert (run.code, run.record.verdict, run.record.origin) == (6, "inconclusive", "unknown")
    run.tells("RateLimited", "429")
