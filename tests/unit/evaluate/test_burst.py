"""After a confirmed failure the feature is run again, a few times, and politely."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from synthetic.evaluate.burst import MOST_RUNS, RECENT, SPACING, Wanted, recent, wanted
from synthetic.results import REPRO, Origin, Request, Run
from tests.runs import at, failed, journey, run, step

ORIGINS: dict[str, Origin] = {
    "StepTimeout": "target",
    "RateLimited": "unknown",
    "BrowserDied": "runner",
}


def ran(begins: float, *features: str, bad: str = "", why: str = "StepTimeout") -> Run:
    """A burst's run of half a minute, whose steps are of these features; some went bad."""
    origin = ORIGINS[why]
    steps = [
        failed("no", why, feature=one, origin=origin) if one == bad else step(feature=one)
        for one in features
    ]
    verdict = ("failed" if origin == "target" else "inconclusive") if bad else "passed"
    return run(
        journey(*steps), started_at=at(begins), finished_at=at(begins + 30), trigger="burst",
        verdict=verdict, origin=origin if bad else None,
    )  # fmt: skip


BROKEN = ran(0, "login", "chat", bad="chat").model_copy(update={"trigger": "schedule"})


def elsewhere(begins: float) -> Run:
    """A burst's run of another journey, in which the feature works."""
    other = (journey(step(feature="chat"), name="other"),)
    return ran(begins, "chat").model_copy(update={"journeys": other})


def due(seconds: float, feature: Any = "chat") -> Wanted:
    return Wanted(feature, ("meet",), at(seconds))


def test_a_confirmed_failure_wants_its_feature_run_again() -> None:
    assert timedelta(seconds=90) <= SPACING
    assert wanted([BROKEN]) == (due(120),)


@pytest.mark.parametrize(
    "quiet",
    [
        ran(0, "login", "chat"),
        ran(0, "chat", bad="chat", why="BrowserDied"),
        ran(0, "chat", bad="chat", why="RateLimited"),
        BROKEN.model_copy(update={"trigger": REPRO}),
        BROKEN.model_copy(update={"finished_at": None}),
        BROKEN.model_copy(update={"verdict": "inconclusive"}),
        BROKEN.model_copy(
            update={
                "requests": (
                    Request(endpoint="/a", method="GET", status=429, duration_ms=1, at=at(1),
                            actor="host", journey="meet", step=None, expected=False),
                )
            }
        ),
    ],
)  # fmt: skip
def test_nothing_else_does(quiet: Run) -> None:
    assert wanted([quiet]) == ()
    assert wanted([]) == ()


def test_each_run_is_spaced_from_the_end_of_the_one_before() -> None:
    again = ran(200, "login", "chat", bad="chat")
    assert wanted([again, BROKEN]) == (due(320),)


def test_recovery_ends_it() -> None:
    assert wanted([BROKEN, ran(200, "login", "chat")]) == ()


def test_another_journey_that_works_is_no_recovery() -> None:
    assert wanted([BROKEN, *(elsewhere(200 + index) for index in range(MOST_RUNS))]) == (due(120),)


def test_a_run_that_cannot_tell_is_none_either() -> None:
    unsure = ran(200, "login", "chat", bad="chat", why="BrowserDied")
    assert wanted([BROKEN, unsure]) == (due(320),)


def test_a_feature_of_which_one_step_failed_does_not_work() -> None:
    half = run(
        journey(step(feature="chat"), failed("no", feature="chat")),
        started_at=at(200), finished_at=at(230), verdict="inconclusive", origin="unknown",
    )  # fmt: skip
    assert wanted([BROKEN, half]) == (due(320),)


def test_a_step_that_was_skipped_says_nothing() -> None:
    skipped = run(
        journey(step(feature="chat", status="skipped")), started_at=at(200), finished_at=at(230)
    )
    assert wanted([BROKEN, skipped]) == (due(320),)


def test_after_a_rate_limit_it_is_left_alone_until_it_worked_again() -> None:
    limited = ran(200, "login", "chat", bad="chat", why="RateLimited")
    moved = BROKEN.model_copy(update={"started_at": at(600), "finished_at": at(630)})
    assert wanted([BROKEN, limited]) == ()
    assert wanted([BROKEN, limited, moved]) == ()
    works, fails = ran(9000, "login", "chat"), ran(9500, "login", "chat", bad="chat")
    assert wanted([BROKEN, limited, works, fails]) == (due(9620),)


def test_it_ends_after_so_many_runs() -> None:
    quick = [ran(31 + index, "chat", bad="chat") for index in range(MOST_RUNS)]
    assert len(wanted([BROKEN, *quick[:-1]])) == 1
    assert wanted([BROKEN, *quick]) == ()


def test_it_ends_after_half_an_hour() -> None:
    assert wanted([BROKEN, ran(1600, "chat", bad="chat")]) == (due(1720),)
    assert wanted([BROKEN, ran(1800, "chat", bad="chat")]) == ()


def smoke(begins: float, **more: Any) -> Run:
    """A whole smoke run in which the broken journey is not."""
    usual = {"suite": "smoke", "trigger": "watch", "run_id": f"smoke-{begins}"}
    return elsewhere(begins).model_copy(update={**usual, **more})


GIVEN_UP = (BROKEN, ran(1800, "chat", bad="chat"))


def test_what_was_given_up_is_tried_once_for_each_smoke_run_that_passes_without_it() -> None:
    """The full suite's next run may be a day away, and until then its alert would stand."""
    assert wanted([*GIVEN_UP, smoke(7200)]) == (due(7230),)
    assert wanted([*GIVEN_UP, smoke(7200, verdict="degraded")]) == (due(7230),)
    tried = ran(7240, "chat", bad="chat")
    assert wanted([*GIVEN_UP, smoke(7200), tried]) == ()
    assert wanted([*GIVEN_UP, smoke(7200), tried, smoke(14400)]) == (due(14430),)
    works = ran(14440, "login", "chat")
    assert wanted([*GIVEN_UP, smoke(7200), tried, smoke(14400), works, smoke(21600)]) == ()


def test_other_runs_bring_nothing_back_that_was_given_up() -> None:
    limited = ran(200, "login", "chat", bad="chat", why="RateLimited")
    asks = smoke(7200, verdict="failed", origin="target", journeys=())
    for quiet in (elsewhere(7200), smoke(7200, trigger="burst"), asks, smoke(7200, suite="full")):
        assert wanted([*GIVEN_UP, quiet]) == ()
    assert wanted([BROKEN, limited, smoke(7200)]) == ()


def test_what_the_last_full_suite_showed_is_looked_at_until_the_next() -> None:
    hours = {hour: at(hour * 3600) for hour in (1, 10, 20)}
    runs = [smoke(0), *(smoke(0, run_id=str(hour), started_at=when, suite="full")
                        for hour, when in hours.items())]  # fmt: skip
    runs.append(smoke(0, run_id="apart", started_at=hours[20], trigger=REPRO, suite="full"))
    seen = {hour: [one.run_id for one in recent(runs[: 2 + index], at(hour * 3600 + 9))]
            for index, hour in enumerate(hours)}  # fmt: skip
    assert seen == {1: ["smoke-0", "1"], 10: ["10"], 20: ["20"]}
    assert [one.run_id for one in recent(runs[:3], hours[10] + 2 * RECENT)] == ["10"]
    assert recent([smoke(0)], at(0) + 2 * RECENT) == ()


def test_every_broken_feature_is_wanted() -> None:
    both = run(
        journey(failed("no", feature="chat"), failed("no", feature="video")),
        started_at=at(0), finished_at=at(30), verdict="failed", origin="target",
    )  # fmt: skip
    assert wanted([both]) == (due(120), due(120, "video"))
    assert wanted([both, ran(200, "login", "chat", "video", bad="video")]) == (due(320, "video"),)


def test_what_passed_at_the_second_attempt_is_not_broken() -> None:
    twice = run(
        journey(failed("no", feature="chat")), journey(step(feature="chat"), attempt=2),
        journey(failed("no", feature="video"), name="other"), verdict="failed", origin="target",
    )  # fmt: skip
    assert [one.feature for one in wanted([twice])] == ["video"]
