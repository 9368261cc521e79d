"""Calls wait for each other where the machine has no room."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from synthetic.errors import Overloaded
from synthetic.journeys.admission import one_more_call


def admitted(folder: Path, busy: float, cores: int = 4) -> None:
    """Ask for a place once."""
    with one_more_call(cores, lambda: busy, patience_s=0, folder=folder):
        pass


def test_the_first_call_may_however_busy_the_machine_is(tmp_path: Path) -> None:
    admitted(tmp_path, busy=4.0)


def test_a_further_call_may_when_as_much_is_free_as_one_takes(tmp_path: Path) -> None:
    with one_more_call(4, lambda: 0.0, folder=tmp_path):
        admitted(tmp_path, busy=1.9)


def test_a_further_call_waits_when_less_is_free_than_one_takes(tmp_path: Path) -> None:
    with one_more_call(4, lambda: 0.0, folder=tmp_path):
        with pytest.raises(Overloaded, match="no room for one more within 0 s"):
            admitted(tmp_path, busy=2.1)
        admitted(tmp_path, busy=1.0)


def test_there_are_no_more_calls_than_processors(tmp_path: Path) -> None:
    with one_more_call(1, lambda: 0.0, folder=tmp_path), pytest.raises(Overloaded):
        admitted(tmp_path, busy=0.0, cores=1)


def test_a_place_comes_free_with_the_call_that_held_it(tmp_path: Path) -> None:
    over = threading.Event()
    first = one_more_call(1, lambda: 0.0, folder=tmp_path)
    first.__enter__()

    def busy() -> float:
        # Looked at while there is no room: the other call ends meanwhile.
        if not over.is_set():
            over.set()
            first.__exit__(None, None, None)
        return 0.0

    with one_more_call(1, busy, patience_s=5, folder=tmp_path):
        assert over.is_set()
