"""Calls wait for each other where this machine cannot hold one more, so that none spoils another's.

Whether it can is measured: the processors that are free, against what the calls going on take.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from synthetic.errors import Overloaded
from synthetic.journeys.headroom import busy_share, reading

PATIENCE_S = 200.0
_MEASURED_OVER_S = 1.0


def busy_cores() -> float:
    """How many processors are taken by whom we might wait for; measured over a second."""
    before = reading()
    time.sleep(_MEASURED_OVER_S)
    return busy_share(before, reading()) * (os.cpu_count() or 1)


@contextmanager
def one_more_call(
    cores: int | None = None,
    busy: Callable[[], float] = busy_cores,
    patience_s: float = PATIENCE_S,
    folder: Path | None = None,
) -> Iterator[None]:
    """Hold a place for a call on this machine; there are as many places as processors.

    The first call always may; a further one when as much is free as one of those going on takes.
    Places are file locks, so they end with the process. Raises :class:`Overloaded` when none came
    free within ``patience_s``.
    """
    cores = cores or os.cpu_count() or 1
    folder = folder or Path(tempfile.gettempdir()) / f"synthetic-calls-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s
    while (place := _place(folder, cores, busy)) is None:
        if time.monotonic() >= deadline:
            raise Overloaded(
                f"other calls left this machine no room for one more within {patience_s:g} s; "
                "run fewer at once (-n), or on a machine with more processors"
            )
    with place:
        yield


def _place(folder: Path, cores: int, busy: Callable[[], float]) -> IO[str] | None:
    """A place, if there is one and the machine has room; looking takes a second where it waits."""
    # One looks at a time: two would both see the same room.
    with (folder / "door").open("w") as door:
        if not _locked(door):
            busy()
            return None
        mine, others = None, 0
        for number in range(cores):
            place = (folder / f"place-{number}").open("w")
            taken = not _locked(place)
            others += taken
            if taken or mine:
                place.close()
            else:
                mine = place
        if others and mine:
            taken_cores = busy()
            if cores - taken_cores < taken_cores / others:
                mine.close()
                return None
        elif mine is None:
            busy()
        return mine


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
