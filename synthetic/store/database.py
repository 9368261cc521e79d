"""A database and the ways into it: whole transactions, one writer at a time, nothing half done."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL, Engine

from synthetic.errors import StoreReadOnly, StoreUnreachable
from synthetic.store.trouble import explained, is_lost

WAIT_S = 20.0
"""How long we wait for others to have written."""
_WRITERS = 7_061_523  # PostgreSQL's name for the lock that writers take turns by
_CONNECT_S = 10
_LOOK_AGAIN_S = 0.02
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
PAUSES_S = (0.1, 0.5, 2.0)
"""How long we let a server that went away come back, before each try after the first."""
SERIES = "series"
"""Under this name a connection remembers the ids of series, which never change once committed."""
VIEWS = "views"
"""Under this name, what it saw of targets' histories last."""
_Result = TypeVar("_Result")
_Turn = Literal["alone", "beside"] | None


class Database:
    """Transactions over a connection pool; raises :class:`~synthetic.errors.StoreError`."""

    def __init__(
        self,
        url: URL,
        wait_s: float = WAIT_S,
        pauses_s: Sequence[float] = PAUSES_S,
        *,
        read_only: bool = False,
    ) -> None:
        self.url = url
        self.engine = _reading_engine(url, wait_s) if read_only else _engine(url, wait_s)
        self.pauses_s = pauses_s
        self.read_only = read_only

    @classmethod
    def at(
        cls, url: str | None, reports: Path, wait_s: float = WAIT_S, *, read_only: bool = False
    ) -> Database:
        """The database at a SQLAlchemy URL, or else the file in the folder of reports."""
        if url is None:
            ours = URL.create("sqlite", database=str(reports / "history.db"))
            return cls(ours, wait_s, read_only=read_only)
        try:
            parsed = make_url(url)
        except (exc.ArgumentError, ValueError):
            raise _unusable() from None
        driver = _DRIVERS.get(parsed.get_backend_name())
        if driver is None:
            raise _unusable()
        return cls(parsed.set(drivername=driver), wait_s, read_only=read_only)

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; none for a server."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    def read(self, work: Callable[[Connection], _Result]) -> _Result:
        """What ``work`` finds in one snapshot."""
        return self._transact(work)

    def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """What ``work`` does, wholly or not at all, while nobody else writes.

        It is done again when the connection was lost, also when nobody knows whether it was done:
        so doing it twice must change nothing.
        """
        return self._transact(work, writing="alone")

    def write_beside(self, work: Callable[[Connection], _Result]) -> _Result:
        """The same while others like this one write, but nobody who writes alone.

        Their commits reach a server's disk together. SQLite has one writer at a time.
        """
        return self._transact(work, writing="beside")

    def sound(self) -> bool:
        """Whether a file is in order; a server looks after its own."""
        if self.file is None:
            return True
        check = text("PRAGMA quick_check(1)")
        return bool(self.read(lambda connection: connection.scalar(check)) == "ok")

    def now(self) -> datetime | None:
        """The moment by the server's clock; none for a file, whose machine is ours."""
        if self.url.get_backend_name() == "sqlite":
            return None
        asked = text("SELECT clock_timestamp()")
        moment: datetime | None = self.read(lambda connection: connection.scalar(asked))
        return moment

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _transact(self, work: Callable[[Connection], _Result], writing: _Turn = None) -> _Result:
        pauses = iter(self.pauses_s)
        while True:
            try:
                return self._try(work, writing)
            except exc.SQLAlchemyError as error:
                pause_s = next(pauses, None) if is_lost(error) else None
                if pause_s is None:
                    raise explained(error, self.url) from error
                time.sleep(pause_s)

    def _try(self, work: Callable[[Connection], _Result], writing: _Turn) -> _Result:
        with self.engine.connect() as connection:
            connection = connection.execution_options(writing=writing)
            with connection.begin():
                return work(connection)


def _reading_engine(url: URL, wait_s: float) -> Engine:
    """For who may only read: the database itself refuses the rest."""
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url, connect_args=_limits(wait_s, "-c default_transaction_read_only=on")
        )
    file = Path(url.database or "").resolve().as_uri()
    # Not "ro": who may not write leaves SQLite's files of the moment behind, as nobody's to remove.
    named = url.set(database=file).update_query_dict({"mode": "rw", "uri": "true"})
    engine = create_engine(named, connect_args={"timeout": wait_s})
    event.listen(engine, "connect", _only_read)
    event.listen(engine, "begin", _begin)
    return engine


def _limits(wait_s: float, more: str = "") -> dict[str, Any]:
    limits = f"-c lock_timeout={wait_s:g}s -c idle_in_transaction_session_timeout=60s {more}"
    return {"connect_timeout": _CONNECT_S, "options": limits.strip()}


def _engine(url: URL, wait_s: float) -> Engine:
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, connect_args=_limits(wait_s))
        event.listen(engine, "begin", _take_turn)
        event.listen(engine, "rollback", _forget)
        return engine
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnly(
            f"{url.database} cannot be made: {error.strerror}; make its folder writable, or point "
            "SYNTHETIC_STORE_URL elsewhere"
        ) from error
    engine = create_engine(url, connect_args={"timeout": wait_s})
    event.listen(engine, "connect", partial(_prepare, wait_s))
    event.listen(engine, "begin", _begin)
    event.listen(engine, "rollback", _forget)
    return engine


def _forget(connection: Connection) -> None:
    if not connection.invalidated:  # one that was lost remembers nothing
        connection.info.pop(SERIES, None)


def _only_read(connection: Any, _: object) -> None:
    connection.isolation_level = None  # as below
    connection.execute("PRAGMA query_only = ON")


def _prepare(wait_s: float, connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, and as we say
    _write_ahead(connection, wait_s)
    connection.execute("PRAGMA synchronous = FULL")  # what was committed survives a power cut


def _write_ahead(connection: Any, wait_s: float) -> None:
    """Here SQLite itself waits for nobody, such as another who has just made the file."""
    until = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_LOOK_AGAIN_S)


def _begin(connection: Connection) -> None:
    # A reader that became a writer later could find its snapshot outdated, and fail at once.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _take_turn(connection: Connection) -> None:
    if turn := connection.get_execution_options().get("writing"):
        shared = "_shared" if turn == "beside" else ""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{shared}({_WRITERS})")


def _unusable() -> StoreUnreachable:
    return StoreUnreachable(
        "SYNTHETIC_STORE_URL is not a database that can be used: it should be "
        "postgresql://user:password@host/name, or sqlite:///path"
    )
