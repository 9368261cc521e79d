"""Whether anything was written since: of a server it is known soon, whoever wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic.errors import StoreTooNew
from synthetic.store.history import Store
from synthetic.store.looking import Looker
from synthetic.store.schema import about
from tests.services.postgresql import PostgreSQL

SOON_S = 15.0


@pytest.fixture
def store(postgresql: PostgreSQL) -> Iterator[Store]:
    with Store.open(postgresql.new_database(), Path("unused")) as store:
        yield store


def until_changed(looker: Looker, before: str) -> None:
    began = time.monotonic()
    while looker.look() == before:
        assert time.monotonic() - began < SOON_S
        time.sleep(0.05)


def test_another_process_is_noticed(store: Store) -> None:
    looker = Looker(store.database)
    before = looker.look()
    url = store.database.url.render_as_string(hide_password=False)
    with Store.open(url, Path("unused")) as other:
        other.keep_note("x", 1)
    until_changed(looker, before)
    looker.close()


def test_a_newer_version_is_noticed(store: Store) -> None:
    looker = Looker(store.database)
    looker.look()
    newer = about.update().where(about.c.name == "version").values(value=99)
    store.database.write(lambda connection: connection.execute(newer))
    with pytest.raises(StoreTooNew, match="version 99"):
        looker.look()
    looker.close()
