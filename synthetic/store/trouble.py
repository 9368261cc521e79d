"""What goes wrong with a database, in sentences: what, where, and what to do. Pure."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sqlalchemy import exc
from sqlalchemy.engine import URL

from synthetic.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
    StoreUnreachable,
)
from synthetic.wording import harmless


class _Trouble(NamedTuple):
    error: type[StoreError]
    said: str


_LOCKED = _Trouble(
    StoreLocked, "is locked: another process has been writing for too long; see which, or try again"
)
_FULL = _Trouble(
    StoreFull,
    "cannot grow: no space is left; free some, and run synthetic rebuild if runs are missing",
)
_READ_ONLY = _Trouble(
    StoreReadOnly, "may not be written; make it writable, or point SYNTHETIC_STORE_URL elsewhere"
)
_DAMAGED = _Trouble(
    StoreDamaged,
    "is damaged; synthetic rebuild keeps it aside and makes it again from reports/runs",
)
_NOT_OPENED = _Trouble(
    StoreReadOnly, "cannot be opened; see that its folder exists and that we may write there"
)
_REFUSED = _Trouble(
    StoreUnreachable,
    "does not let us in; see that user, password and database in SYNTHETIC_STORE_URL are right",
)
_SILENT = _Trouble(
    StoreUnreachable,
    "does not answer; see that the server runs and that SYNTHETIC_STORE_URL points at it",
)
_DISK = _Trouble(StoreError, "cannot be read or written: the disk reports an error")

# SQLite's primary result codes (sqlite.org/rescode.html).
_SQLITE: dict[int, _Trouble] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _NOT_OPENED,
    sqlite3.SQLITE_PERM: _NOT_OPENED,
    sqlite3.SQLITE_IOERR: _DISK,
}
# SQLSTATE by its beginning (PostgreSQL's manual, Appendix A).
_POSTGRESQL: dict[str, _Trouble] = {
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "40P01": _LOCKED,
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "28": _REFUSED,
    "3D000": _REFUSED,
    "57P": _SILENT,
    "08": _SILENT,
}
# What libpq says when there is no SQLSTATE, since the connection was refused before any.
_REFUSALS = ("authentication failed", "does not exist", "no password supplied", "pg_hba.conf")


def explained(error: exc.SQLAlchemyError, url: URL) -> StoreError:
    """The error as one of ours; nothing in it holds a password."""
    where = place(url)
    found = _found(error)
    if found:
        return found.error(f"{where} {found.said}")
    reason = harmless(str(getattr(error, "orig", None) or error))[:200]
    return StoreError(f"{where} cannot be used: {_without(reason, url)}")


def too_new(url: URL, version: int, known: int) -> StoreTooNew:
    """The error for a shape that only a later version of this package knows."""
    return StoreTooNew(
        f"{place(url)} has version {version}, and this synthetic knows up to {known}; install the "
        "newer synthetic, or point SYNTHETIC_STORE_URL elsewhere"
    )


def too_old(url: URL, version: int, known: int) -> StoreError:
    """The error for an older shape, where it is not ours to change."""
    return StoreError(
        f"{place(url)} has version {version}, and this synthetic reads {known}; let the synthetic "
        "that writes it be as new, which brings it there"
    )


def no_history(url: URL) -> StoreError:
    """The error for a database that holds no tables of ours."""
    return StoreError(f"{place(url)} holds no history; see that it is the one that is meant")


def place(url: URL) -> str:
    """The database in words, without user and password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"the database {url.database or ''} at {url.host or 'this machine'}{port}"


def is_lost(error: BaseException) -> bool:
    """Whether the connection went away, so that another may do."""
    return isinstance(error, exc.DBAPIError) and (
        error.connection_invalidated or _found(error) is _SILENT
    )


def _found(error: exc.SQLAlchemyError) -> _Trouble | None:
    cause = getattr(error, "orig", None)
    if isinstance(error, exc.TimeoutError):
        return _LOCKED
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return _SQLITE.get(code)
    state = getattr(cause, "sqlstate", None) or ""
    for beginning, trouble in _POSTGRESQL.items():
        if state.startswith(beginning):
            return trouble
    if isinstance(error, exc.OperationalError) and not state:
        return _REFUSED if any(word in str(cause) for word in _REFUSALS) else _SILENT
    return None


def _without(text: str, url: URL) -> str:
    return text.replace(str(url.password), "***") if url.password else text
