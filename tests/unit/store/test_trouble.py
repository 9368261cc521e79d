"""What goes wrong with the file is said in a sentence, and what it held is kept."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, event, text

from synthetic.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
)
from synthetic.store.database import Database
from synthetic.store.history import Store
from synthetic.store.rebuild import rebuild, whole
from synthetic.store.run_folder import RunFolder
from tests.runs import START, at, journey, run, step
from tests.stored import LATER, TARGET, alert, count, incident, parcel, sample
from tests.writers import ROUNDS, WRITERS, killed_at_random, write_at_once


def pragma(store: Store, statement: str) -> None:
    """Have every later connection begin with a statement."""
    store.close()
    event.listen(store.database.engine, "connect", lambda raw, _: raw.execute(statement))


def size(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def test_a_file_that_is_locked_is_said(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as patient, Store.open(None, tmp_path, wait_s=0.1) as other:

        def meanwhile(_: Connection) -> None:
            with pytest.raises(StoreLocked, match=r"history.db is locked: another process"):
                other.keep_note("a", 1)
            assert other.note("a") is None

        patient.database.write(meanwhile)
        other.keep_note("a", 1)


def test_a_disk_that_is_full_is_said_and_nothing_is_half_stored(
    store: Store, tmp_path: Path
) -> None:
    store.add_samples(TARGET, [sample(0)], LATER)
    pragma(store, f"PRAGMA max_page_count = {size(tmp_path / 'history.db') + 2}")
    with pytest.raises(StoreFull, match=r"history.db cannot grow: no space is left; free some"):
        store.add_samples(TARGET, [sample(0, kind=f"{one}" * 400) for one in range(99)], LATER)
    assert count(store) == 1


def test_a_file_that_may_not_be_written_is_said(store: Store) -> None:
    store.add_samples(TARGET, [sample(0)], LATER)
    pragma(store, "PRAGMA query_only = on")
    with pytest.raises(StoreReadOnly, match=r"may not be written; make it writable, or point"):
        store.keep_note("a", 1)
    assert count(store) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreReadOnly, match=r"file/history.db cannot be made"):
        Store.open(None, tmp_path / "file")


@pytest.mark.parametrize("url", ["mysql://u:wr0ng@host/db", "nonsense", ""])
def test_a_url_of_something_else_is_said_and_not_printed(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="SYNTHETIC_STORE_URL is not a database") as said:
        Store.open(url, tmp_path)
    assert "wr0ng" not in str(said.value)


def test_a_file_that_is_no_database_is_said_and_kept(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("something else " * 100)
    with pytest.raises(StoreDamaged, match=r"history.db is damaged; synthetic rebuild keeps it"):
        Store.open(None, tmp_path)
    assert (tmp_path / "history.db").read_text().startswith("something else")


def test_an_error_that_nobody_foresaw_is_said(store: Store) -> None:
    with pytest.raises(StoreError, match=r"history.db cannot be used: no such table: nonsense"):
        store.database.read(lambda connection: connection.execute(text("SELECT * FROM nonsense")))


def spoil(file: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table])
        page, length = found.fetchone()[0], connection.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as raw:
        raw.seek((page - 1) * length)
        raw.write(b"\xff" * length)


def fill(store: Store, reports: Path) -> None:
    """Two runs with records, a run without one, and what came otherwise."""
    for number in range(2):
        one = run(journey(step(latency_ms=5.0)), run_id=f"run-{number}", started_at=at(number))
        RunFolder.create(reports, one)
        store.save_run(one, LATER)
    store.save_run(run(journey(step(latency_ms=5.0)), run_id="gone"), LATER)
    store.add_samples(TARGET, [sample(0), sample(3600)], LATER)
    store.commit_round(TARGET, [alert()], (), [incident()], [parcel()])
    store.keep_note("baselines", {"dau": 5})


def check(store: Store) -> None:
    assert [one.run_id for one in store.runs(TARGET, at(-9), LATER)] == ["run-0", "run-1"]
    assert count(store, "step_ms") == 2
    assert count(store) == 2
    assert (store.alerts(TARGET), store.incidents(TARGET)) == ((alert(),), (incident(),))
    assert store.due(START) == (parcel(),)
    assert store.note("baselines") == {"dau": 5}


def records(reports: Path) -> list[Path]:
    return sorted((reports / "runs").glob("*/run.json"))


def test_the_index_of_runs_is_made_again_from_their_records(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    store.roll_up(LATER)
    (tmp_path / "runs" / "torn").mkdir()
    (tmp_path / "runs" / "torn" / "run.json").write_text("{")
    done = rebuild(store, records(tmp_path), LATER)
    assert (done.runs, done.dropped, [one.parent.name for one in done.unreadable]) == (
        2,
        1,
        ["torn"],
    )
    check(store)


def test_without_any_record_the_index_stays(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    assert rebuild(store, [], LATER).dropped == 0
    assert len(store.runs(TARGET, at(-9), LATER)) == 3


@pytest.mark.parametrize("table", ["requests", "steps", "runs", "rollups"])
def test_a_damaged_file_is_kept_aside_and_made_again(table: str, tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        fill(store, tmp_path)
        store.roll_up(LATER)
    spoil(tmp_path / "history.db", table)
    damaged = (tmp_path / "history.db").read_bytes()
    fresh, aside = whole(None, tmp_path, LATER)
    with fresh:
        rebuild(fresh, records(tmp_path), LATER)
        check(fresh)
    assert aside
    assert aside.read_bytes() == damaged


def test_what_expired_survives_a_damage(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        store.add_samples(TARGET, [sample(0), sample(7200)], at(8000))
        store.roll_up(LATER)
        store.expire(at(40 * 86400))
    spoil(tmp_path / "history.db", "steps")
    fresh, _ = whole(None, tmp_path, LATER)
    with fresh:
        assert count(fresh) == 2
        fresh.roll_up(at(3 * 86400))
        assert count(fresh) == 2
        assert fresh.add_samples(TARGET, [sample(0)], LATER).refused


def test_a_whole_file_stays_where_it_is(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    same, aside = whole(None, tmp_path, LATER)
    with same:
        assert aside is None
        assert count(same) == 2


def test_ten_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    write_at_once(str(tmp_path))
    with Store.open(None, tmp_path) as store:
        assert count(store, "step_ms") == WRITERS * ROUNDS
        assert count(store, "shared") == WRITERS * ROUNDS


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    """What it said was stored is there, and nothing is there by half."""
    said = killed_at_random(str(tmp_path), times=8)
    with Store.open(None, tmp_path) as store:
        assert store.database.sound()
        stored = {one.run_id: store.run(one.run_id) for one in store.runs(TARGET, at(-1), LATER)}
        assert said <= stored.keys()
        assert all(one and len(one.journeys) == 1 for one in stored.values())
        assert count(store, "step_ms") == len(stored)


def test_who_just_made_the_file_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.execute("BEGIN IMMEDIATE")
        waited = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: other.execute("COMMIT"))
        monkeypatch.setattr("synthetic.store.database.time", waited)
        ours = Database.at(None, tmp_path)
        assert ours.sound()
        ours.close()
