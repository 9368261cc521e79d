"""Brings a database to the present shape: made when it is empty, changed in place when old.

Each step is one version further, in the transaction that also notes the new version: a process
that dies in the middle leaves the old shape.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, inspect, select, text, update

from synthetic.store.database import Database
from synthetic.store.schema import VERSION, about, metadata, outbox
from synthetic.store.trouble import no_history, too_new, too_old

_VERSION = "version"


def upgrade(database: Database) -> None:
    """Make or change the tables; raises :class:`~synthetic.errors.StoreTooNew` for later ones."""
    version = database.read(_version)
    if version is None or version < VERSION:
        version = database.write(_to_present)
    if version > VERSION:
        raise too_new(database.url, version, VERSION)


def check(database: Database) -> None:
    """Raises :class:`~synthetic.errors.StoreError` for any shape but the present one."""
    version = database.read(_version)
    if version is None:
        raise no_history(database.url)
    if version < VERSION:
        raise too_old(database.url, version, VERSION)
    if version > VERSION:
        raise too_new(database.url, version, VERSION)


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(about.name):
        return None
    return connection.scalar(select(about.c.value).where(about.c.name == _VERSION))


def _to_present(connection: Connection) -> int:
    version = _version(connection)  # another process may have been quicker
    if version is None:
        metadata.create_all(connection)
        connection.execute(about.insert().values(name=_VERSION, value=VERSION))
        return VERSION
    while version < VERSION:
        _STEPS[version](connection)
        version += 1
        connection.execute(update(about).where(about.c.name == _VERSION).values(value=version))
    return version


def _from_1(connection: Connection) -> None:
    """Hours close, many processes take turns, a message is found by its incident, and a silence is
    of one target: which one an old silence meant is not known, so that it holds nothing back."""
    for change in (
        "ALTER TABLE rollups ADD COLUMN closed BOOLEAN NOT NULL DEFAULT false",
        "ALTER TABLE outbox ADD COLUMN incident TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE silences ADD COLUMN target TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX outbox_by_incident ON outbox (incident, channel)",
        "CREATE TABLE leases (name TEXT NOT NULL, holder TEXT NOT NULL, until BIGINT NOT NULL, "
        "PRIMARY KEY (name))",
    ):
        connection.execute(text(change))
    found = connection.execute(select(outbox.c.id, outbox.c.note)).all()
    if found:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("which"))
            .values(incident=bindparam("of")),
            [{"which": row.id, "of": row.note["incident"]} for row in found],
        )


_STEPS: dict[int, Callable[[Connection], None]] = {1: _from_1}
