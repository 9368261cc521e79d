"""A file of an older version is brought to the present shape and loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from synthetic.errors import StoreError, StoreReadOnly, StoreTooNew
from synthetic.store.history import Store
from tests.runs import START, at, camera, journey, run, step
from tests.stored import LATER, TARGET, alert, count, incident

VERSION_1 = Path(__file__).with_name("version_1.sql").read_text()


def shape(file: Path) -> set[tuple[str, ...]]:
    """Tables and indices, with each column's name, type and whether it must be there."""
    with sqlite3.connect(file) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")
        return {
            (name, *map(str, column[1:4]))
            for (name,) in names.fetchall()
            for column in connection.execute(f"PRAGMA table_info({name})")
            or connection.execute(f"PRAGMA index_info({name})")
        }


def set_version(file: Path, version: int) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE about SET value = ? WHERE name = 'version'", [version])
    connection.close()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with the history of the first version in it."""
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.executescript(VERSION_1)
    connection.close()
    return tmp_path


def test_a_history_of_the_first_version_keeps_all_that_it_held(old: Path) -> None:
    whole = run(journey(step(latency_ms=100.0)), media=(camera(),))
    with Store.open(None, old) as store:
        assert store.run(whole.run_id) == whole
        store.save_run(whole, LATER)
        assert (count(store), count(store, "step_ms", -80000, 90000)) == (2, 1)
        assert store.alerts(TARGET) == (alert(),)
        assert store.incidents(TARGET) == (incident(),)
        assert [one.state for one in store.transitions(TARGET, START, LATER)] == ["firing"]
        assert [(one.id, one.target) for one in store.silences(at(15))] == [("s-1", "")]
        assert store.note("baselines") == {"dau": 5}


def test_messages_of_the_first_version_are_found_by_their_incident(old: Path) -> None:
    with Store.open(None, old) as store:
        assert [one.id for one in store.parcels("i-1")] == ["p-1"]
        assert store.parcels("i-1") == store.due(START)


def test_an_upgraded_history_has_the_shape_of_a_new_one(old: Path, tmp_path: Path) -> None:
    for folder in (old, tmp_path / "new"):
        Store.open(None, folder).close()
    assert shape(old / "history.db") == shape(tmp_path / "new" / "history.db")


def test_an_upgrade_that_breaks_off_leaves_the_old_version(old: Path) -> None:
    connection = sqlite3.connect(old / "history.db")
    with connection:
        connection.execute("CREATE TABLE leases (name TEXT)")  # in the way of the last change
    connection.close()
    with pytest.raises(Exception, match="leases"):
        Store.open(None, old)
    assert not [
        column for column in shape(old / "history.db") if column[:2] == ("rollups", "closed")
    ]


def test_who_only_reads_makes_and_changes_nothing(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        store.keep_note("a", 1)
    before = (tmp_path / "history.db").read_bytes()
    with Store.reading(None, tmp_path) as store:
        assert store.note("a") == 1
        with pytest.raises(StoreReadOnly):
            store.keep_note("a", 2)
    assert [one.name for one in tmp_path.iterdir()] == ["history.db"]
    assert (tmp_path / "history.db").read_bytes() == before
    with pytest.raises(StoreError):
        Store.reading(None, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("version", "why"), [(1, "let the synthetic that writes it"), (99, "new")])
def test_who_only_reads_leaves_another_version_alone(
    tmp_path: Path, version: int, why: str
) -> None:
    Store.open(None, tmp_path).close()
    set_version(tmp_path / "history.db", version)
    before = (tmp_path / "history.db").read_bytes()
    with pytest.raises(StoreError, match=f"has version {version}, .*{why}"):
        Store.reading(None, tmp_path)
    assert (tmp_path / "history.db").read_bytes() == before


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Store.open(None, tmp_path).close()
    set_version(tmp_path / "history.db", 99)
    before = (tmp_path / "history.db").read_bytes()
    with pytest.raises(StoreTooNew, match=r"history.db has version 99, .* install the newer"):
        Store.open(None, tmp_path)
    assert (tmp_path / "history.db").read_bytes() == before
