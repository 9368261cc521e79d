"""Many locations over one PostgreSQL: what is lost when one of them, or the server, goes away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from synthetic import after_run
from synthetic.errors import StoreLocked
from synthetic.evaluate.history import Question
from synthetic.journeys.target import label_of
from synthetic.plan.observations import CLOCK_AHEAD
from synthetic.results import Run, Sample
from synthetic.rounds import ALONE_FOR, alone
from synthetic.settings import Settings
from synthetic.store import database
from synthetic.store.history import Store
from synthetic.store.opening import store_of
from synthetic.store.run_folder import RunFolder
from synthetic.store.sampling import add_known
from tests.runs import START, failed, journey, run, step
from tests.services.postgresql import PostgreSQL
from tests.stored import LATER

TARGET = "https://kulti.test/"
NOBODY = "http://127.0.0.1:9/"
ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from synthetic.rounds import alone
from synthetic.store.history import Store
store = Store.open(sys.argv[1], Path("unused"))
with alone(store, sys.argv[2], lambda: datetime.now(UTC)):
    def work(connection):
        print("holds", flush=True)
        time.sleep(60)
    store.database.write(work)
"""


@pytest.fixture(scope="module")
def url(postgresql: PostgreSQL) -> str:
    return postgresql.new_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, Path("unused")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody lets a server that went away come back."""
    monkeypatch.setattr(database, "time", SimpleNamespace(sleep=lambda _: None))


def ended(name: str, location: str = "oregon", ago: timedelta = timedelta(minutes=1)) -> Run:
    """A run that failed just now."""
    at = datetime.now(UTC) - ago
    black = failed("guest did not see the picture", "WrongPicture", feature="video")
    steps = [one.model_copy(update={"started_at": at}) for one in (step(latency_ms=9.0), black)]
    times: dict[str, Any] = {"started_at": at, "finished_at": at}
    usual: dict[str, Any] = {
        "target": TARGET,
        "run_id": name,
        "location": location,
        "verdict": "failed",
        "origin": "target",
    }
    return run(journey(*steps), **usual, **times)


@pytest.fixture
def follow(url: str, tmp_path: Path) -> Callable[..., tuple[list[str], list[str]]]:
    """What went wrong after a run, and what the terminal showed."""

    def after(one: Run, ahead: timedelta = timedelta()) -> tuple[list[str], list[str]]:
        shown: list[str] = []
        given = {"reports_dir": str(tmp_path), "store_url": url, "location": one.location}
        _, troubles = after_run.follow(
            one,
            Settings.model_validate(given),
            RunFolder.create(tmp_path, one),
            clock=lambda: datetime.now(UTC) + ahead,
            wait=lambda _: None,
            show=shown.append,
        )
        return troubles, shown

    return after


def test_what_a_server_does_not_take_the_next_run_delivers_once(
    store: Store,
    postgresql: PostgreSQL,
    url: str,
    tmp_path: Path,
    follow: Callable[..., tuple[list[str], list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dies(*_: object, **__: object) -> None:
        postgresql.stop()  # the run is stored by now, and not held against the plan
        store.targets()

    with monkeypatch.context() as patched:
        patched.setattr(after_run, "evaluate_round", dies)
        troubles, shown = follow(ended("half"))
    assert "does not answer" in troubles[0]
    assert "Slack would be told: 🔴 Failed" in shown[0]
    try:  # another run begins, goes on and ends without it
        settings = Settings.model_validate({"store_url": url})
        assert label_of(NOBODY, lambda: store_of(settings)) == NOBODY
        troubles, shown = follow(ended("lost"))
        assert "does not answer" in troubles[0]
        assert "Slack would be told: 🔴 Failed" in shown[0]
    finally:
        postgresql.start()
    assert len(list(tmp_path.glob("runs/*/unstored"))) == 2
    assert follow(ended("next"))[0] == []
    assert not list(tmp_path.glob("runs/*/unstored"))
    assert all(store.run(name) for name in ("half", "lost", "next"))
    now = datetime.now(UTC)
    (seen,) = store.ask(TARGET)(Question("run_failed", now - timedelta(hours=1), now)).values()
    assert seen.count == len(store.runs(TARGET, now - timedelta(hours=1), now))


def test_locations_store_beside_each_other_and_whoever_writes_alone_waits(
    store: Store, url: str
) -> None:
    def observed(seconds: float, *places: str) -> list[Sample]:
        at = START + timedelta(seconds=seconds)
        return [Sample(metric="dau", value=1, at=at, labels={"location": one}) for one in places]

    store.add_samples("beside", observed(0, "eu", "us"), START)
    with Store.open(url, Path("unused"), wait_s=0.2) as other:

        def meanwhile(connection: Connection) -> None:
            add_known(connection, "beside", observed(1, "eu"), LATER)
            assert other.add_samples("beside", observed(1, "us"), LATER).stored == 1
            with pytest.raises(StoreLocked):
                other.add_samples("beside", observed(1, "new"), LATER)  # its series is made alone

        store.database.write_beside(meanwhile)
    found = store.ask("beside")(Question("dau", START, LATER))
    assert {dict(labels)["location"] for labels in found} == {"eu", "us"}


def test_a_holder_that_is_killed_holds_nobody_up_for_longer_than_its_lease(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url, "killed"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "holds\n"
        holder.kill()
    began = store.moment(datetime.now(UTC))
    waited: list[float] = []
    monkeypatch.setattr(store, "moment", lambda _: began + timedelta(seconds=sum(waited)))
    with alone(store, "killed", lambda: began, waited.append):
        took = timedelta(seconds=sum(waited))
    assert timedelta(0) < took <= ALONE_FOR


@pytest.mark.parametrize("hours", [5, -5])
def test_a_run_under_a_wrong_clock_is_kept_and_not_believed(
    store: Store,
    follow: Callable[..., tuple[list[str], list[str]]],
    tmp_path: Path,
    hours: float,
) -> None:
    off, name = timedelta(hours=hours), f"off{hours}"
    troubles, shown = follow(ended(name, "tokyo", timedelta(minutes=1) - off), off)
    assert "(tokyo) is 5 h" in troubles[0]
    assert "Slack would be told: 🔴 Failed" in shown[0]
    assert (store.run(name), RunFolder(tmp_path / "runs" / name).read().run_id) == (None, name)
    assert not list(tmp_path.glob("runs/*/unstored"))
    now = store.moment(datetime.now(UTC))
    said = store.ask(TARGET)(Question(CLOCK_AHEAD, now - timedelta(minutes=1), now))
    assert [round(one.latest / 3600) for one in said.values()] == [hours]
