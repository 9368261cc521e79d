"""Check again now: what failed is run once, and whoever asks too soon is told when to ask."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.again import again
from synthetic.dashboard.checks import begin, seen
from synthetic.dashboard.watched import Watched
from synthetic.errors import UsageError
from synthetic.results import Request, Run
from synthetic.store.alive import hold
from synthetic.store.history import Store
from synthetic.store.values import Incident
from tests import lives
from tests.dashboards import watched
from tests.runs import failed, journey, run, step

NOW = lives.NOW
MINUTE = timedelta(minutes=1)
TARGET = "stand-in"


@dataclass
class Runner:
    """Runs journeys as long as a test wants; what it ran."""

    ran: list[Sequence[str]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(self, journeys: Sequence[str]) -> int:
        self.ran.append(journeys)
        self.begun.set()
        assert self.may_end.wait(10)
        return 0


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Watched]:
    """An outage of chat, about a stand-in that runs start by themselves."""
    with Store.open(None, tmp_path) as store:
        labels = (("feature", "chat"), ("location", "local"))
        incident = Incident("i-1", TARGET, "chat", "Chat", "high", NOW, (("f-chat", labels),))
        store.commit_round(TARGET, [], (), [incident])
        plain = watched(store, tmp_path)
        settings = plain.settings.model_copy(update={"base_url": None})
        yield replace(plain, target=TARGET, settings=settings)


def ended(minutes_ago: float, *steps: object, trigger: str = "watch", **more: object) -> Run:
    at = NOW - timedelta(minutes=minutes_ago)
    bad = {"verdict": "failed", "origin": "target", "run_id": f"run-{minutes_ago}"}
    times = {"started_at": at, "finished_at": at + MINUTE / 2, "target": TARGET}
    return run(journey(*steps, name="test_chat"), trigger=trigger, **{**bad, **times, **more})  # type: ignore[arg-type]


def until(ready: Callable[[], bool]) -> None:
    """Until another thread has done its part."""
    waiting = threading.Event()
    for _ in range(500):
        if ready():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


def test_the_journeys_that_showed_it_are_run_once(here: Watched) -> None:
    here.store.save_run(ended(30, failed("no", feature="chat")), NOW)
    here.store.save_run(ended(20, failed("no", feature="video")), NOW)
    runner = Runner()
    check = begin(here, "i-1", "Ada", runner)
    assert (check.journeys, check.by) == (("test_chat",), "Ada")
    assert runner.begun.wait(10)
    shown = seen(here.store, TARGET, NOW)
    assert shown is not None
    assert (shown.incident, shown.ended_at, shown.run) == ("i-1", None, None)
    with pytest.raises(UsageError, match="a check goes on, or ended just now"):
        begin(here, "i-1", "Eve", runner)
    runner.may_end.set()
    until(lambda: (now := seen(here.store, TARGET, NOW)) is not None and now.ended_at is not None)
    with pytest.raises(UsageError, match="goes on, or ended just now"):
        begin(here, "i-1", "Eve", runner)
    assert runner.ran == [("test_chat",)]


def test_where_no_run_failed_the_smoke_suite_looks(here: Watched) -> None:
    runner = Runner()
    runner.may_end.set()
    assert begin(here, "chat", "Ada", runner).journeys == ()


def test_two_checks_are_a_minute_and_a_half_apart(here: Watched) -> None:
    here.store.save_run(ended(1, failed("no", feature="chat"), trigger="burst"), NOW)
    with pytest.raises(UsageError, match="a check ended 30 s ago: ask again in 1 min"):
        begin(here, "i-1", "Ada", Runner())


def test_enough_is_enough(here: Watched) -> None:
    for number in range(12):
        here.store.save_run(ended(5 + number, step(), trigger="burst"), NOW)
    with pytest.raises(UsageError, match="12 checks were made in 30 min: ask again in 14 min"):
        begin(here, "i-1", "Ada", Runner())


def test_a_target_that_says_too_often_is_left_alone(here: Watched) -> None:
    limited = Request.model_validate(
        {"endpoint": "/api/auth/signup", "method": "POST", "status": 429, "duration_ms": 1,
         "at": NOW, "actor": "host", "journey": "test_chat", "step": None, "expected": False}
    )  # fmt: skip
    here.store.save_run(ended(5, failed("no"), requests=(limited,)), NOW)
    with pytest.raises(UsageError, match="the product said that we ask too often"):
        begin(here, "i-1", "Ada", Runner())


def test_while_a_run_goes_on_its_answer_is_awaited(here: Watched) -> None:
    folder = here.settings.reports_dir / "runs" / "run-now"
    folder.mkdir(parents=True)
    (here.settings.reports_dir / "latest").write_text("run-now\n")
    with hold(folder), pytest.raises(UsageError, match="run run-now goes on just now"):
        begin(here, "i-1", "Ada", Runner())


def test_an_older_run_that_goes_on_is_awaited_too(here: Watched) -> None:
    older = here.settings.reports_dir / "runs" / "20261126T0900Z-a"
    older.mkdir(parents=True)
    newer = older.with_name("20261126T0910Z-b")
    newer.mkdir()
    (here.settings.reports_dir / "latest").write_text(f"{newer.name}\n")
    with hold(older), pytest.raises(UsageError, match=f"run {older.name} goes on just now"):
        begin(here, "i-1", "Ada", Runner())


def test_the_answer_is_that_of_the_process_that_was_begun(here: Watched) -> None:
    def run(_: Sequence[str]) -> int:
        for name, pid in (("20261126T093001Z-ours", os.getpid()), ("20261126T093002Z-other", 1)):
            folder = here.settings.reports_dir / "runs" / name
            folder.mkdir(parents=True)
            hold(folder).close()
            if pid != os.getpid():
                (folder / "alive.lock").write_text(str(pid))
            times = {"started_at": NOW, "finished_at": NOW}
            here.store.save_run(ended(0, step(), trigger="burst", run_id=name, **times), NOW)
        return os.getpid()

    begin(here, "i-1", "Ada", run)
    until(lambda: (now := seen(here.store, TARGET, NOW)) is not None and now.ended_at is not None)
    shown = seen(here.store, TARGET, NOW)
    assert shown is not None
    assert shown.run is not None
    assert shown.run.run_id == "20261126T093001Z-ours"


def test_a_check_whose_process_went_is_over_when_its_time_is(here: Watched) -> None:
    runner = Runner()
    begin(here, "i-1", "Ada", runner)
    during, after = (seen(here.store, TARGET, NOW + minutes * MINUTE) for minutes in (15, 17))
    runner.may_end.set()
    assert during is not None
    assert during.ended_at is None
    assert after is not None
    assert (after.ended_at, after.state) == (NOW + 15 * MINUTE, "unknown")


def test_what_settings_do_not_name_is_not_checked(here: Watched) -> None:
    elsewhere = replace(here, target="https://kulti.test/")
    here.store.commit_round("https://kulti.test/", [], (), [
        Incident("i-2", "https://kulti.test/", "chat", "Chat", "high", NOW, ())
    ])  # fmt: skip
    with pytest.raises(UsageError, match="settings name no target"):
        begin(elsewhere, "i-2", "Ada", Runner())


def test_an_unknown_incident_is_not_checked(here: Watched) -> None:
    with pytest.raises(UsageError, match="nobody is no open incident"):
        begin(here, "nobody", "Ada", Runner())


def test_journeys_run_in_a_process_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\necho "$SYNTHETIC_TRIGGER $*" > {told}\n')
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    again(("test_chat", "test_video"))
    words = "burst -m pytest -m smoke or full -k test_chat or test_video"
    assert told.read_text().strip() == words
    again(())
    assert told.read_text().strip() == "burst -m pytest -m smoke"


def test_journeys_that_never_end_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    again((), apart=True, limit_s=0.05)
