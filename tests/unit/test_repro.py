"""What failed in a run, once more: the command and the variables."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from synthetic.errors import UsageError
from synthetic.repro import rerun
from synthetic.results import Journey, Run


def record(target: str, *journeys: tuple[str, int, str], suite: str = "smoke") -> Run:
    rows = [{"name": name, "attempt": which, "status": status} for name, which, status in journeys]
    return Run(
        run_id="20261126T000000Z-0001",
        suite=suite,
        target=target,
        location="here",
        trigger="manual",
        started_at=datetime(2026, 11, 26, tzinfo=UTC),
        journeys=tuple(Journey.model_validate(row) for row in rows),
    )


def test_what_failed_runs_again_once_against_the_same_target() -> None:
    run = record("https://kulti.test", ("test_a", 1, "failed"), ("test_b", 1, "passed"))
    again = rerun(run)
    assert again.command == (sys.executable, "-m", "pytest", "-m", "smoke", "-k", "test_a")
    assert again.environ == {
        "SYNTHETIC_ATTEMPTS": "1",
        "SYNTHETIC_TRIGGER": "repro",
        "SYNTHETIC_BASE_URL": "https://kulti.test",
    }


def test_each_journey_once_however_many_attempts_failed() -> None:
    run = record(
        "stand-in", ("test_a", 1, "failed"), ("test_a", 2, "failed"), ("test_b", 1, "failed")
    )
    assert rerun(run).command[-1] == "test_a or test_b"


def test_a_stand_in_is_started_anew() -> None:
    assert "SYNTHETIC_BASE_URL" not in rerun(record("stand-in", ("test_a", 1, "failed"))).environ


def test_headed_and_slowly() -> None:
    command = rerun(record("stand-in", ("a", 1, "failed")), headed=True, slow_ms=400).command
    assert command[-3:] == ("--headed", "--slowmo", "400")


def test_both_suites() -> None:
    run = record("stand-in", ("a", 1, "failed"), suite="smoke+full")
    assert "smoke or full" in rerun(run).command


def test_where_nothing_failed_there_is_nothing_to_run() -> None:
    with pytest.raises(UsageError, match="no journey of 20261126T000000Z-0001 failed"):
        rerun(record("stand-in", ("test_a", 1, "passed")))
