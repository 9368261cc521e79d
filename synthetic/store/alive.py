"""Whether the process that owns a run still lives: a lock in the run's folder ends with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from synthetic.store.run_folder import not_writable

_NAME = "alive.lock"
_LATEST = 50  # run folders among which one may still be alive


def hold(folder: Path) -> IO[str]:
    """Take the lock of a run's folder; it is held until the file is closed, or we end."""
    path = folder / _NAME
    try:
        lock = path.open("w")
    except OSError as error:
        raise not_writable(path, error) from error
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def is_alive(folder: Path) -> bool:
    """Whether somebody holds the lock of a run's folder."""
    path = folder / _NAME
    if not path.exists():
        return False
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def under_way(reports: Path) -> Path | None:
    """The folder of a run that has not ended, of any process on this machine."""
    return next((folder for folder in _latest(reports) if is_alive(folder)), None)


def of_process(reports: Path, pid: int, since: str) -> str | None:
    """The id of the run that a process held, if it began one at the id ``since`` or later."""
    for folder in _latest(reports):
        lock = folder / _NAME
        if folder.name >= since and lock.exists() and lock.read_text() == str(pid):
            return folder.name
    return None


def _latest(reports: Path) -> Iterator[Path]:
    yield from sorted((reports / "runs").glob("*"), reverse=True)[:_LATEST]
