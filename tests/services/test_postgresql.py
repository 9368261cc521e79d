"""The history in PostgreSQL does what a history does, and outlives its server's troubles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, make_url, text, true

from synthetic.errors import StoreError, StoreLocked, StoreReadOnly, StoreUnreachable
from synthetic.store.history import Store
from synthetic.store.observations import MOST
from synthetic.store.schema import about, metadata
from tests.asking_contract import *  # noqa: F403, the same tests run against SQLite
from tests.history_contract import *  # noqa: F403
from tests.runs import START, journey, run, step
from tests.services.postgresql import PASSWORD, PostgreSQL
from tests.states_contract import *  # noqa: F403
from tests.stored import LATER, TARGET, asked, count, parcel, sample
from tests.writers import ROUNDS, WRITERS, write_at_once


@pytest.fixture(scope="module")
def history(postgresql: PostgreSQL) -> Iterator[Store]:
    """A history in a database of its own."""
    with Store.open(postgresql.new_database(), Path("unused")) as opened:
        yield opened


@pytest.fixture
def store(history: Store) -> Store:
    """The history, emptied: quicker than a new database."""

    def empty(connection: Connection) -> None:
        for table in metadata.sorted_tables:
            which = table.c.name != "version" if table is about else true()
            connection.execute(delete(table).where(which))

    history.database.write(empty)
    history.close()  # a connection remembers series
    return history


def test_ten_writers_at_once_lose_nothing(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    write_at_once(url)
    with Store.open(url, Path("unused")) as store:
        assert count(store, "step_ms") == WRITERS * ROUNDS
        assert count(store, "shared") == WRITERS * ROUNDS


def test_the_largest_values_are_added_up(store: Store) -> None:
    store.add_samples(TARGET, [sample(seconds, MOST) for seconds in range(3)], LATER)
    assert asked(store, "dau")[()].total == pytest.approx(3 * MOST)


def test_a_history_of_the_first_version_is_upgraded(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with Store.open(url, Path("unused")) as store:
        store.post([parcel()])
        changes = (
            "ALTER TABLE rollups DROP COLUMN closed; ALTER TABLE outbox DROP COLUMN incident; "
            "ALTER TABLE silences DROP COLUMN target; "
            "DROP TABLE leases; UPDATE about SET value = 1 WHERE name = 'version'"
        )
        store.database.write(lambda connection: connection.exec_driver_sql(changes).close())
    with Store.open(url, Path("unused")) as store:
        assert store.parcels("i-1") == (parcel(),)
        assert store.lease("a", "b", LATER, START)
        store.add_samples(TARGET, [sample(0)], LATER)
        store.roll_up(LATER)


def test_who_only_reads_needs_no_more_than_to_select_and_changes_nothing(
    postgresql: PostgreSQL,
) -> None:
    url, unused = postgresql.new_database(), Path("unused")
    with pytest.raises(StoreError, match="holds no history"):
        Store.reading(url, unused)
    with Store.open(url, unused) as store:
        store.add_samples(TARGET, [sample(0)], LATER)
        role = (
            f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; "
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
        )
        store.database.write(lambda connection: connection.exec_driver_sql(role).close())
    theirs = make_url(url).set(username="reader").render_as_string(hide_password=False)
    for reading in (url, theirs):
        with Store.reading(reading, unused) as store:
            assert store.targets() == (TARGET,)
            with pytest.raises(StoreReadOnly):
                store.keep_note("a", 1)


def test_a_server_that_is_restarted_is_met_again(store: Store, postgresql: PostgreSQL) -> None:
    store.add_samples(TARGET, [sample(0)], LATER)
    postgresql.stop()
    postgresql.start()
    assert store.save_run(run(journey(step(latency_ms=1.0))), LATER)
    assert count(store) == 1


def test_a_connection_lost_in_the_middle_is_tried_again(store: Store) -> None:
    lives = []

    def work(connection: Connection) -> int:
        lives.append(connection)
        if len(lives) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(connection.scalar(text("SELECT 7")) or 0)

    assert store.database.write(work) == 7
    assert len(lives) == 2


def test_a_server_that_is_down_is_said(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with Store.open(url, Path("unused")) as store:
        store.database.pauses_s = ()
        postgresql.stop()
        try:
            with pytest.raises(StoreUnreachable, match=r"at 127.0.0.1:\d+ does not answer") as said:
                store.targets()
        finally:
            postgresql.start()
        assert PASSWORD not in str(said.value)


def test_a_wrong_password_or_name_is_said_and_not_printed(postgresql: PostgreSQL) -> None:
    for url in (postgresql.url("postgres", "wr0ng-secret"), postgresql.url("no_such_database")):
        with pytest.raises(StoreUnreachable, match="does not let us in") as said:
            Store.open(url, Path("unused"))
        assert "wr0ng-secret" not in str(said.value)
        assert PASSWORD not in str(said.value)


def test_a_writer_waits_for_another_only_so_long(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with (
        Store.open(url, Path("unused")) as patient,
        Store.open(url, Path("unused"), wait_s=0.2) as impatient,
    ):

        def meanwhile(_: object) -> None:
            with pytest.raises(StoreLocked, match="is locked"):
                impatient.keep_note("a", 1)

        patient.database.write(meanwhile)
