"""What the watch does to the history and to people: nothing is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.errors import StoreLocked
from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.history import Question
from synthetic.notify.delivery import EVER
from synthetic.plan.observations import EVALUATED
from synthetic.results import Run, Sample
from synthetic.store.history import Store
from synthetic.store.sampling import Added
from synthetic.watch import assembly, calendar
from synthetic.watch.figures import Tally, machine, samples_of
from tests.runs import failed, journey, run, step
from tests.unit.watch.places import NINE, PLAN, TARGET, Place


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Place:
    return Place(store, tmp_path)


def ended(name: str, minutes_ago: float, *, bad: bool = False, **more: Any) -> Run:
    """A smoke run that ended before nine."""
    at = NINE - timedelta(minutes=minutes_ago)
    usual = {"suite": "smoke", "location": "home", "trigger": "watch", "target": TARGET}
    times = {"started_at": at - timedelta(seconds=30), "finished_at": at}
    verdict = {"verdict": "failed", "origin": "target"} if bad else {"verdict": "passed"}
    end = failed("no", feature="chat") if bad else step(feature="chat")
    return run(journey(end), run_id=name, **{**usual, **times, **verdict, **more})


def test_two_watchers_see_each_others_silence(store: Store, tmp_path: Path) -> None:
    home, afar = Place(store, tmp_path), Place(store, tmp_path, "afar")
    for minute in range(12):
        for place in (home, afar) if minute < 5 else (home,):
            place.now = NINE + timedelta(minutes=minute)
            place.tells()
    silent = [one for one in store.alerts(TARGET) if one.rule == NO_DATA.id]
    assert {dict(one.labels)["location"] for one in silent if one.state == "firing"} == {"afar"}
    assert any("No data" in said and "afar" in said for said in home.shown)
    afar.now = home.now = NINE + timedelta(minutes=12)
    afar.tells()
    home.tells()
    left = [one.state for one in store.alerts(TARGET) if one.rule == NO_DATA.id]
    assert "firing" not in left


def test_of_runs_it_sees_those_from_its_own_place(store: Store, home: Place) -> None:
    store.save_run(ended("a", 90, bad=True), NINE)
    store.save_run(ended("b", 30, bad=True), NINE)
    store.save_run(ended("c", 20, location="afar", bad=True), NINE)
    store.save_run(ended("d", 10, trigger="burst", bad=True), NINE)
    store.save_run(ended("e", 60 * 20, suite="full"), NINE)
    seen = home.world.look()
    assert [one.run_id for one in seen.recent] == ["e", "a", "b", "d"]
    assert all(one.journeys for one in seen.recent)
    assert seen.begun == {
        "smoke": NINE - timedelta(minutes=30, seconds=30),
        "full": NINE - timedelta(hours=20, seconds=30),
    }
    assert (seen.outage, seen.busy) == (NINE - timedelta(minutes=90), False)
    assert seen.elsewhere == NINE - timedelta(minutes=20)


def test_a_suite_that_is_run_seldom_is_known_to_have_been_run(store: Store, tmp_path: Path) -> None:
    place = Place(store, tmp_path, watch={"full_every": "7d"})
    store.save_run(ended("e", 60 * 24 * 5, suite="full"), NINE)
    for _ in range(2):
        assert place.world.look().begun.keys() == {"full"}


def test_while_nothing_fails_no_run_is_read_whole(
    store: Store, home: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_run(ended("a", 90), NINE)
    monkeypatch.setattr(store, "run", lambda _: pytest.fail("it was read"))
    assert home.world.look().recent == ()


def test_what_cannot_be_stored_is_stored_later(
    store: Store, home: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise StoreLocked("others hold it")

    with monkeypatch.context() as patched:
        patched.setattr(store, "add_samples", locked)
        with pytest.raises(StoreLocked):
            home.world.keep([Sample(metric="dau", value=1, at=NINE)])
    home.world.keep([Sample(metric="mau", value=2, at=NINE)])
    assert {one: _latest(store, one) for one in ("dau", "mau")} == {"dau": 1, "mau": 2}
    asked = list[int]()
    with monkeypatch.context() as patched:
        add = store.add_samples

        def adds(target: str, samples: Sequence[Sample], now: datetime) -> Added:
            asked.append(len(samples))
            return add(target, samples, now)

        patched.setattr(store, "add_samples", adds)
        home.world.keep([Sample(metric="nps", value=3, at=NINE)])
    assert asked == [1]


def test_what_waits_has_a_limit_and_the_oldest_go(
    store: Store, home: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(assembly, "MOST_KEPT", 2)
    home.world.keep([Sample(metric=name, value=1, at=NINE) for name in ("dau", "mau", "nps")])
    assert _latest(store, "dau") is None
    assert _latest(store, "nps") == 1
    assert caplog.messages == ["1 samples are lost: the history cannot be written"]


def test_samples_that_are_refused_are_said(home: Place, caplog: pytest.LogCaptureFixture) -> None:
    home.world.keep([Sample(metric="dau", value=1, at=NINE + timedelta(days=1))])
    assert caplog.messages[0].startswith("1 samples were refused: ")


def _latest(store: Store, metric: str) -> float | None:
    found = store.ask(TARGET)(Question(metric, NINE - timedelta(hours=1), NINE))
    return next((one.latest for one in found.values()), None)


def test_a_report_as_of_its_time_goes_out_once(store: Store, home: Place) -> None:
    home.now += timedelta(seconds=3)
    home.world.report("standup", NINE)
    home.now += timedelta(seconds=9)
    afar = Place(store, home.world.settings.reports_dir, "afar")
    afar.world.report("standup", NINE)
    (said,) = home.shown
    assert "Daily standup" in said
    assert afar.shown == []
    assert store.due(EVER) == ()
    assert home.world.begin(["standup"]) == {"standup": NINE}


def test_what_was_due_before_the_first_watch_is_not_made_up_for(home: Place) -> None:
    times = calendar.read()
    assert set(home.world.begin(times).values()) == {NINE}
    home.now += timedelta(hours=2)
    home.world.report("standup", NINE)
    home.world.seen_to("daily", NINE + timedelta(hours=1))
    again = home.world.begin(times)
    assert (again["standup"], again["triage"]) == (NINE, NINE)
    assert again["daily"] == NINE + timedelta(hours=1)


def test_an_evaluation_that_came_to_its_end_leaves_a_sample(
    store: Store, home: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.world.evaluate()
    assert _latest(store, EVALUATED) == 1
    home.now += timedelta(hours=2)
    monkeypatch.setattr(assembly, "evaluate_round", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        home.world.evaluate()
    found = store.ask(TARGET)(Question(EVALUATED, home.now - timedelta(hours=1), home.now))
    assert not found


def test_its_memory_and_the_disk_are_known(tmp_path: Path) -> None:
    found = {one.metric: one.value for one in machine(tmp_path, "home", NINE)}
    assert 10 < found["watch_memory_mb"] < 10_000
    assert found["watch_disk_free_gb"] > 0


def test_every_figure_of_its_own_is_a_metric_of_the_plan(tmp_path: Path) -> None:
    every = {"probe": timedelta(minutes=1)}
    own = [*samples_of({"probe": Tally()}, every, "home", NINE), *machine(tmp_path, "home", NINE)]
    assert {one.metric for one in own} == {name for name in PLAN.metrics if "watch_" in name}
