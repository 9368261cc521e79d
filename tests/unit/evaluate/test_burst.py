"""After a confirmed failure the feature is run again, a few times, and politely."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from synthetic.evaluate.burst import MOST_RUNS, SPACING, Wanted, wanted
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
