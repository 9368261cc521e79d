"""An outage is from the first smoke run that failed until one works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from synthetic.results import Run
from synthetic.watch.outage import FULL_AFTER, elsewhere_since, full_due, outage_since
from tests.runs import at, run


def ended(minutes: int, verdict: str, **more: Any) -> Run:
    times = {"started_at": at(60 * minutes - 30), "finished_at": at(60 * minutes)}
    return run(**{"suite": "smoke", "trigger": "watch", "verdict": verdict, **times, **more})


def test_it_began_with_the_first_run_that_failed() -> None:
    runs = [ended(40, "failed"), ended(0, "passed"), ended(20, "failed")]
    assert outage_since(runs) == at(20 * 60)


def test_a_run_that_works_ends_it_and_one_that_cannot_tell_does_not() -> None:
    begun = ended(0, "failed")
    assert outage_since([begun, ended(20, "passed")]) is None
    assert outage_since([begun, ended(20, "degraded")]) is None
    assert outage_since([begun, ended(20, "inconclusive")]) == at(0)


def test_runs_of_a_few_journeys_and_of_other_suites_say_nothing_about_it() -> None:
    begun = ended(0, "failed")
    assert outage_since([begun, ended(2, "passed", trigger="burst")]) == at(0)
    assert outage_since([begun, ended(2, "passed", suite="full")]) == at(0)
    assert outage_since([ended(2, "failed", trigger="repro")]) is None


def test_that_of_another_location_is_the_latest_that_any_is_in() -> None:
    runs = [
        ended(minutes, verdict, location=place)
        for place, minutes, verdict in (
            ("here", 50, "failed"), ("eu", 0, "failed"), ("eu", 20, "failed"),
            ("us", 10, "failed"), ("sg", 30, "failed"), ("sg", 40, "passed"),
        )
    ]  # fmt: skip
    assert elsewhere_since(runs, "here") == at(10 * 60)
    assert elsewhere_since(runs[:1], "here") is None


def test_it_has_one_full_run_after_the_burst() -> None:
    assert full_due(None, None, bursting=False) is None
    assert full_due(at(0), None, bursting=False) == at(0)
    assert full_due(at(0), at(-60), bursting=True) == at(0) + FULL_AFTER
    assert full_due(at(0), at(60), bursting=False) is None
    assert timedelta(minutes=10) == FULL_AFTER
