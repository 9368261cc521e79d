"""One process watches a target from a location; a spare stands by, a mistake is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.errors import ReportsNotWritable, UsageError
from synthetic.store.history import Store
from synthetic.watch.post import LEASE, Post, alone_here
from tests.unit.watch.worlds import MIDNIGHT

TARGET = "https://kulti.test/"


class Clock:
    """A clock that only a test moves."""

    now = MIDNIGHT

    def __call__(self) -> object:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


def post(store: Store, clock: Clock, folder: str = "one", location: str = "home") -> Post:
    return Post(store, TARGET, location, Path(folder), clock)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_spare_takes_over_once_the_first_is_silent(store: Store) -> None:
    clock = Clock()
    first, spare = post(store, clock), post(store, clock, folder="two")
    assert (first.held(), spare.held()) == (True, False)
    clock.now += LEASE / 2
    assert (first.held(), spare.held()) == (True, False)
    clock.now += LEASE + timedelta(seconds=1)
    assert (spare.held(), first.held()) == (True, False)


def test_the_same_place_goes_on_at_once_after_a_kill_whatever_the_host_is_called(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    assert post(store, clock).held()
    monkeypatch.setattr(socket, "gethostname", lambda: "pod-of-another-name")
    assert post(store, clock).held()


def test_another_host_of_the_same_name_and_path_is_another(store: Store) -> None:
    clock = Clock()
    assert post(store, clock).held()
    (own,) = Path("one").glob("watch-*.id")
    own.unlink()
    assert not post(store, clock).held()


def test_who_ends_in_order_lets_the_spare_in_at_once(store: Store) -> None:
    clock = Clock()
    first, spare = post(store, clock), post(store, clock, folder="two")
    assert first.held()
    first.let_go()
    assert spare.held()
    first.let_go()  # which is not his any more
    clock.now += timedelta(seconds=1)
    assert (first.held(), spare.held()) == (False, True)


def test_another_location_watches_beside_it(store: Store) -> None:
    clock = Clock()
    assert post(store, clock).held()
    assert post(store, clock, folder="two", location="afar").held()


def test_a_second_one_over_the_same_folder_is_refused(tmp_path: Path) -> None:
    with alone_here(tmp_path, TARGET, "home"):
        with alone_here(tmp_path, TARGET, "afar"):
            pass
        with pytest.raises(UsageError, match=r"from home already, by process \d+: end that"):  # noqa: SIM117
            with alone_here(tmp_path, TARGET, "home"):
                pass
    with alone_here(tmp_path, TARGET, "home"):
        pass


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReportsNotWritable), alone_here(tmp_path / "file", TARGET, "home"):
        pass
