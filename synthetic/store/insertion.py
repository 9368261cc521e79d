"""Many rows into a table at once, as quickly as a driver takes them.

SQLAlchemy's own insertion of many rows does the same at thrice the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Float, Table
from sqlalchemy.types import TypeEngine

There = Literal["fail", "keep", "replace"]
"""What happens where a row's key is there already."""


def put(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: list[tuple[Any, ...]],
    there: There = "fail",
) -> int:
    """Insert rows of the columns ``names``; how many were inserted or replaced.

    Values are as drivers take them: moments as microseconds, documents as JSON.
    """
    if not rows:
        return 0
    if there == "keep" and connection.dialect.name == "postgresql":
        columns = tuple(
            _alike(table.c[name].type, column)
            for name, column in zip(names, zip(*rows, strict=True), strict=True)
        )
        at_once = _at_once(connection.dialect, table, tuple(names))
        return int(connection.exec_driver_sql(at_once, columns).rowcount)
    statement = _statement(connection.dialect, table, tuple(names), there)
    done = connection.exec_driver_sql(statement, rows, {"preserve_rowcount": True})
    return int(done.rowcount)


def put_named(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    there: There = "fail",
) -> int:
    """The same of rows that name their columns, in one order; values are as columns give them."""
    if not rows:
        return 0
    names = tuple(rows[0])
    converts = [
        table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for name in names
    ]
    values = [
        tuple(
            convert(value) if convert else value
            for convert, value in zip(converts, row.values(), strict=True)
        )
        for row in rows
    ]
    return put(connection, table, names, values, there)


def _alike(kind: TypeEngine[Any], column: Iterable[Any]) -> list[Any]:
    """The values of a column; a driver takes no whole numbers among broken ones."""
    if isinstance(kind, Float):
        return [None if value is None else float(value) for value in column]
    return list(column)


def sign_of(dialect: Dialect) -> str:
    """What stands for a value in the driver's own SQL."""
    return "?" if dialect.paramstyle == "qmark" else "%s"


@lru_cache(maxsize=200)
def _statement(dialect: Dialect, table: Table, names: tuple[str, ...], there: There) -> str:
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    signs = ", ".join([sign_of(dialect)] * len(names))
    keys = [column.name for column in table.primary_key]
    fresh = ", ".join(f"{quote(one)} = excluded.{quote(one)}" for one in names if one not in keys)
    ending = {
        "fail": "",
        "keep": " ON CONFLICT DO NOTHING",
        "replace": f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {fresh}",
    }
    return f"INSERT INTO {table.name} ({columns}) VALUES ({signs}){ending[there]}"


@lru_cache(maxsize=200)
def _at_once(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    """For PostgreSQL, which takes columns whole; it would not take one key twice to replace it."""
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    arrays = ", ".join(f"%s::{table.c[name].type.compile(dialect)}[]" for name in names)
    return (
        f"INSERT INTO {table.name} ({columns}) SELECT * FROM unnest({arrays}) "
        "ON CONFLICT DO NOTHING"
    )
