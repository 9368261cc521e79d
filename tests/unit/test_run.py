"""A run ends with one verdict, on disk, and with everything let go of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synthetic import settings
from synthetic.errors import ReportsNotWritable
from synthetic.results import Run, Step
from synthetic.run import Invocation, begin, finish, is_alive
from synthetic.store.run_folder import JourneyDone, JourneyStarted, StepDone
from tests.runs import START, at, step


@pytest.fixture
def invocation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invocation]:
    """A run that has begun, against an address where nobody listens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:1/")
    begun = begin("smoke", START, random.Random(1))
    yield begun
    begun.lock.close()


@pytest.fixture
def end(invocation: Invocation) -> Callable[..., Run]:
    """Ends it, after a journey of one step."""

    def end(one: Step, *, interrupted: bool = False, all_passed: bool = True) -> Run:
        add = invocation.folder.append
        add("main", JourneyStarted(journey="meet", attempt=1, at=START))
        add("main", StepDone(journey="meet", attempt=1, step=one))
        add("main", JourneyDone(journey="meet", attempt=1, status="passed"))
        return finish(invocation, interrupted=interrupted, all_passed=all_passed, now=at(9))

    return end


def verdict(run: Run) -> tuple[str, str | None]:
    return run.verdict, run.origin


def test_a_good_run_passes(invocation: Invocation, end: Callable[..., Run]) -> None:
    assert verdict(end(step(latency_ms=4000))) == ("passed", None)
    record = invocation.folder.read()
    assert (record.verdict, record.finished_at, record.duration_s) == ("passed", at(9), 9)
    assert Path("reports/samples.jsonl").exists()


def test_a_figure_past_the_alert_line_degrades(end: Callable[..., Run]) -> None:
    assert verdict(end(step(latency_ms=6000))) == ("degraded", "target")


def test_an_interrupted_run_stays_inconclusive_and_tells_nobody(end: Callable[..., Run]) -> None:
    ended = end(step(latency_ms=6000), interrupted=True)
    assert verdict(ended) == ("inconclusive", "runner")
    assert (ended.finished_at, ended.notifications) == (at(9), ())
    assert not Path("reports/samples.jsonl").exists()


def test_what_broke_outside_of_journeys_is_ours(
    invocation: Invocation, end: Callable[..., Run]
) -> None:
    assert verdict(end(step(), all_passed=False)) == ("inconclusive", "runner")
    assert invocation.troubles


def test_a_run_lives_until_it_is_finished(invocation: Invocation, end: Callable[..., Run]) -> None:
    assert is_alive(invocation.folder.path)
    end(step())
    assert not is_alive(invocation.folder.path)


def test_feeds_are_kept_for_as_long_as_their_run_lives(
    invocation: Invocation, end: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from runs that share the cache of media, but not the folder of reports."""
    feeds = invocation.feeds_dir / "main"
    feeds.mkdir(parents=True)
    monkeypatch.setenv("SYNTHETIC_REPORTS_DIR", "elsewhere")
    begin("smoke", at(1), random.Random(1)).lock.close()
    assert feeds.exists()
    end(step())
    assert not feeds.parent.exists()


def test_feeds_of_a_run_that_died_are_removed_by_the_next(invocation: Invocation) -> None:
    (invocation.feeds_dir / "main").mkdir(parents=True)
    invocation.lock.close()
    begin("smoke", at(1), random.Random(1)).lock.close()
    assert not invocation.feeds_dir.exists()


def test_samples_that_cannot_be_kept_change_no_verdict(
    invocation: Invocation, end: Callable[..., Run]
) -> None:
    Path("reports/samples.jsonl").symlink_to("/dev/full")
    assert verdict(end(step())) == verdict(invocation.folder.read()) == ("passed", None)
    assert "No space left" in invocation.troubles[0]


def test_a_message_that_cannot_be_kept_changes_no_verdict(
    invocation: Invocation, end: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_SLACK__ON_SUCCESS", "1")
    (invocation.folder.path / "slack.json").mkdir()
    invocation.settings = settings.load()
    assert verdict(end(step())) == verdict(invocation.folder.read()) == ("passed", None)
    assert "slack.json cannot be written" in invocation.troubles[0]


def test_a_record_that_cannot_be_closed_proves_nothing(
    invocation: Invocation, end: Callable[..., Run]
) -> None:
    (invocation.folder.path / "run.json").write_text("{")
    with pytest.raises(ReportsNotWritable, match="gone or damaged"):
        end(step())
    assert invocation.finished
    assert verdict(invocation.finished) == ("inconclusive", "runner")
