"""Who watches: one process for a target and a location; and who of them evaluates.

A second one of the same folder of reports is a mistake and refuses to start, by a lock that ends
with its process. A second one elsewhere, on another machine or over another folder, is a spare:
it stands by, by a lease in the history, and takes over once the first has been silent for as long
as that lasts. After ``kill -9`` the same place starts again at once: it has its lease already, by
an id of its own that it keeps in the folder, since paths may be named alike, and a host anew.

Of several locations that share a history one evaluates for all, by a lease of the same kind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from synthetic.errors import UsageError
from synthetic.store.history import Store
from synthetic.store.run_folder import not_writable

LEASE = timedelta(seconds=75)
"""Longer than three looks, one of which may fail."""


class Post:
    """Our claim to watch a target from a location; raises ``ReportsNotWritable``."""

    def __init__(
        self, store: Store, target: str, location: str, reports: Path, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._clock = store, clock
        self._name = f"watch of {target} from {location}"
        self._evaluation = f"evaluation of {target}"
        own = _own_id(_file(reports, target, location, "id"))
        self._holder = f"{reports.resolve()} {own}"

    def held(self) -> bool:
        """Whether it is ours, from now for as long as :data:`LEASE`; raises ``StoreError``."""
        return self._leased(self._name, LEASE)

    def evaluates(self, every: timedelta) -> bool:
        """Whether it is on us to evaluate for all locations, which is done ``every`` so often."""
        return self._leased(self._evaluation, max(LEASE, 2 * every))

    def pass_on(self) -> None:
        """Let another location evaluate."""
        self._leased(self._evaluation, -LEASE)

    def let_go(self) -> None:
        """Let others have it at once, as far as it is ours."""
        self._leased(self._name, -LEASE)
        self.pass_on()

    def _leased(self, name: str, until: timedelta) -> bool:
        now = self._store.moment(self._clock())
        return self._store.lease(name, self._holder, now + until, now)


@contextmanager
def alone_here(reports: Path, target: str, location: str) -> Iterator[None]:
    """No other watcher over this folder meanwhile; raises :class:`UsageError` if there is one."""
    path = _file(reports, target, location, "lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
    except OSError as error:
        raise not_writable(path, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise UsageError(
                f"{target} is watched from {location} already, by process {lock.read().strip()}: "
                "end that one first, or give this one another SYNTHETIC_LOCATION"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _own_id(path: Path) -> str:
    """The id that a file holds, drawn when there is none."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(8), "utf-8")
        return path.read_text("utf-8")
    except OSError as error:
        raise not_writable(path, error) from error


def _file(reports: Path, target: str, location: str, ending: str) -> Path:
    digest = hashlib.blake2b(f"{target}\n{location}".encode(), digest_size=6).hexdigest()
    return reports / f"watch-{digest}.{ending}"
