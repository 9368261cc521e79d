"""A history in trouble: a clear page, soon; and none where others only write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from synthetic.results import Sample
from synthetic.store.history import Store
from tests import lives
from tests.dashboards import Visitor, visiting, watched

ADDRESSES = ("/", "/launch", "/features", "/endpoints", "/media", "/plan", "/alerts", "/runs")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path, wait_s=0.1) as store:
        yield store


@pytest.fixture
def visitor(store: Store, tmp_path: Path) -> Iterator[Visitor]:
    with visiting(watched(store, tmp_path)) as visitor:
        yield visitor


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_history_of_a_newer_version_is_not_guessed_at(
    store: Store, visitor: Visitor, address: str
) -> None:
    raised = text("UPDATE about SET value = 99 WHERE name = 'version'")
    store.database.write(lambda connection: connection.execute(raised))
    answer = visitor.get(address)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "has version 99" in answer.text
    assert "install the newer synthetic" in answer.text


def test_a_locked_history_is_said_and_over_with_the_lock(
    store: Store, visitor: Visitor, tmp_path: Path
) -> None:
    store.close()  # else nobody could have it alone
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("DELETE FROM leases")
    other.execute("COMMIT")
    answer = visitor.get("/")
    other.close()
    assert answer.status_code == 503
    assert "is locked" in answer.text
    assert visitor.get("/").status_code == 200


def test_three_that_write_disturb_nobody(visitor: Visitor, tmp_path: Path) -> None:
    def write(number: int) -> None:
        with Store.open(None, tmp_path) as own:
            for second in range(20):
                at = lives.NOW - second * lives.MINUTE
                labels = {"location": f"writer-{number}", "source": "probes"}
                samples = [Sample(metric="site_ms", value=240, at=at, labels=labels)]
                own.add_samples(lives.TARGET, samples, lives.NOW)

    with ThreadPoolExecutor(3) as writers:
        writing = [writers.submit(write, number) for number in range(3)]
        seen = 0
        while not all(one.done() for one in writing) or seen < 3:
            assert visitor.get("/").status_code == 200
            seen += 1
        for one in writing:
            one.result()


def test_what_was_written_is_on_the_page_that_is_asked_for_next(
    store: Store, visitor: Visitor
) -> None:
    assert "nobody has met" in visitor.get("/media").text
    met = lives.run(lives.Life(lives.NOW), lives.NOW - lives.MINUTE, "eu-west", 1)
    store.save_run(met, lives.NOW)
    assert "everybody saw and heard each other" in visitor.get("/media").text


def test_who_has_a_page_already_is_not_sent_it_again(visitor: Visitor) -> None:
    first = visitor.get("/plan")
    again = visitor.get("/plan", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = visitor.get("/plan", **{"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(first.content) / 3
