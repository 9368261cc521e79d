"""What PostgreSQL says of itself, and everything that may go wrong with a database."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from synthetic.sources.figures import Memory
from tests.services import kulti
from tests.services.postgresql import PostgreSQL
from tests.services.sql_sources import feeds, gathered, own, values


@pytest.fixture(scope="module")
def database(postgresql: PostgreSQL) -> str:
    """The URL of a Kulti with people in it, as its owner."""
    return kulti.populated(postgresql)


@pytest.fixture(scope="module")
def reader(database: str) -> str:
    """The same, as a role that may read the tables."""
    return kulti.role(database, *kulti.READER)


def test_what_postgresql_says_of_itself(tmp_path: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as product:
        product.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        watcher = kulti.role(database, *kulti.WATCHER)
        product.execute("SELECT pg_sleep(0.05)")
        memory, known = Memory(), feeds(tmp_path, "postgresql", url=watcher)
        first = gathered(known, memory)
        product.execute("SELECT pg_sleep(0.06)")
        second = values(gathered(known, memory))
    notes = {one.metric: one.note for one in first.readings}
    assert notes["database_query_time"] == "known after the next look"
    assert first.troubles == ("PostgreSQL (backup_age): gives nothing",)  # it archives nothing
    assert second["database_query_time"] >= 60
    assert second["database_connections"] >= 2
    assert 0.005 < second["database_size"] < 1
    assert second["slow_queries"] == second["database_query_slowest"] == 0
    assert second["database_query_p95"] > 0
    assert "replication_lag" not in second


def test_a_standby_that_lags_and_an_archive_are_seen(tmp_path: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA IF NOT EXISTS shown")
        owner.execute(
            "CREATE OR REPLACE VIEW shown.pg_stat_replication AS SELECT * FROM"
            " (VALUES (interval '3 seconds'), (interval '1 second'), (NULL)) AS v (replay_lag)"
        )
        owner.execute(
            "CREATE OR REPLACE VIEW shown.pg_stat_archiver AS"
            " SELECT timestamptz '2026-12-09 00:20Z' AS last_archived_time"
        )
    shown = f"{database}?options=-csearch_path%3Dshown,public,pg_catalog"
    found = values(gathered(feeds(tmp_path, "postgresql", url=shown)))
    assert (found["replication_lag"], found["backup_age"]) == (3, 12)


def test_who_may_not_see_all_statistics_gets_no_false_zero(tmp_path: Path, reader: str) -> None:
    found = gathered(feeds(tmp_path, "postgresql", url=reader))
    assert not {"database_query_slowest", "replication_lag"} & set(values(found))


def test_rows_that_a_policy_hides_are_trouble_and_no_zero(
    tmp_path: Path, database: str, reader: str
) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS hidden (id int)")
        owner.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
        owner.execute("GRANT SELECT ON hidden TO PUBLIC")
    found = own(tmp_path, reader, "SELECT count(*) AS value FROM hidden")
    assert not found.samples
    assert "row-level security policy" in found.troubles[0]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT count(*) AS value FROM nowhere", "names a table that is not there"),
        ("SELECT nothing AS value FROM users", "names a column that is not there"),
        ("SELECT count(*) AS amount FROM users", "gives rows without value"),
        ("SELECT id AS value FROM users", "gives more than one row"),
        ("SELECT 1 AS value WHERE false", "gives nothing"),
        ("SELECT NULL AS value", "gives nothing"),
        ("SELECT 'NaN'::float AS value", "gives nan, which is no figure"),
        ("SELECT 'Infinity'::numeric AS value", "gives inf, which is no figure"),
        ("SELECT 'many' AS value", "gives 'many', where a number is meant"),
        ("SELECT generate_series(1, 300) AS value", "gives 201 rows, more than 200"),
        ("SELECT 1 / 0 AS value", "could not be read: division by zero"),
        ("SELECT pg_sleep(9) AS value", "took too long; it was stopped"),
        ("WITH gone AS (DELETE FROM users RETURNING 1) SELECT count(*) AS value FROM gone",
         "wants to write, which a recipe may not"),
        ("SELECT setval('numbers', 1) AS value", "wants to write, which a recipe may not"),
    ],
)  # fmt: skip
def test_trouble_is_a_sentence_and_no_sample(
    tmp_path: Path, database: str, statement: str, said: str
) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("CREATE SEQUENCE IF NOT EXISTS numbers")
    found = own(tmp_path, database, statement, "0.8")
    assert not found.samples
    assert len(found.troubles) == 1
    assert found.troubles[0].startswith(f"Mine (total_users): {said}")


def test_what_costs_one_figure_costs_no_other(tmp_path: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("ALTER TABLE messages RENAME TO lines")
    try:
        found = gathered(feeds(tmp_path, "product", url=database))
    finally:
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("ALTER TABLE lines RENAME TO messages")
    assert {"total_users", "video_minutes"} <= set(values(found))
    assert len(found.troubles) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("hush%20hush", "guessed"), "password authentication failed"),
        (("/history_", "/no_such_"), "does not exist"),
    ],
)
def test_a_database_that_lets_us_not_in_is_said_without_the_password(
    tmp_path: Path, reader: str, wrong: tuple[str, str], said: str
) -> None:
    (sentence,) = gathered(feeds(tmp_path, "product", url=reader.replace(*wrong))).troubles
    assert sentence.startswith("Product database (total_users, signups, signups_daily, logins, ")
    assert "the database lets us not in: " in sentence
    assert said in sentence
    assert "hush" not in sentence
    assert "guessed" not in sentence


@contextmanager
def silent() -> Iterator[int]:
    """A port where somebody listens, takes what comes, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in taken:
                one.close()


def test_a_database_that_says_nothing_costs_its_own_time_only(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    with silent() as port:
        url = f"postgresql://a:hush@127.0.0.1:{port}/b"
        (slow,) = feeds(tmp_path, "backups", url=url, SYNTHETIC_FEEDS__TIMEOUT_S="0.3")
        gone = url.replace(str(port), str(free_port()))
        (refused,) = feeds(tmp_path, "payments", url=gone)
        found = gathered((slow, refused))
    assert found.troubles[0] == "Backups (backup_age): was not read within 0.3 s"
    assert "the database lets us not in: " in found.troubles[1]
