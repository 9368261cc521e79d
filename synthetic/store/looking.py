"""Whether anything was written since: a look that costs next to nothing, whoever wrote."""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Connection, exc, select, text

from synthetic.store.database import Database
from synthetic.store.schema import VERSION, about
from synthetic.store.trouble import explained, too_new
from synthetic.store.upgrade import check, upgrade

_log = logging.getLogger(__name__)
_FILE = text("PRAGMA data_version")  # of this connection; others' commits change it
_SERVER = text("SELECT SUM(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables")
_VERSION = select(about.c.value).where(about.c.name == "version")


class Looker:
    """Looks at a database through a connection of its own; threads may share it.

    Of a server it may come to know some seconds late, as its statistics do.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._times = 0
        self._inode: int | None = None
        self._lock = threading.Lock()

    def look(self) -> str:
        """A word that differs from the last one where anything was committed in between.

        Raises :class:`~synthetic.errors.StoreError`, also when a newer version wrote there.
        """
        with self._lock:
            try:
                return self._look()
            except exc.SQLAlchemyError as error:
                self._let_go()
                raise explained(error, self._database.url) from error

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._let_go()

    def _look(self) -> str:
        inode = self._file_now()
        if inode != self._inode:
            self._turn_to(inode)
        if self._connection is None:
            self._connection = self._database.engine.connect()
            self._times += 1  # another connection counts anew
        with self._connection.begin():
            version = self._connection.scalar(_VERSION)
            changes = self._connection.scalar(_FILE if self._database.file else _SERVER)
        if version is not None and version > VERSION:
            raise too_new(self._database.url, version, VERSION)
        return f"{self._times}.{changes}"

    def _turn_to(self, inode: int | None) -> None:
        """Another file took its place, or none did: what is open is no longer the history."""
        self._let_go()
        self._database.engine.dispose()
        if self._inode is not None:
            (check if self._database.read_only else upgrade)(self._database)
            _log.warning("%s is another file now: we go on with that", self._database.file)
        self._inode = self._file_now() if inode is None else inode

    def _file_now(self) -> int | None:
        file = self._database.file
        try:
            return file.stat().st_ino if file else None
        except OSError:
            return None

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
