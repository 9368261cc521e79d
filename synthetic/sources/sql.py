"""Figures from the product's own PostgreSQL: read-only, each statement limited in time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import bindparam, exc, make_url, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import Text

from synthetic.errors import SourceError
from synthetic.sources.binding import Bound, like
from synthetic.sources.checks import parameters_of
from synthetic.sources.figures import MOST_ROWS
from synthetic.sources.recipe import SqlRecipe
from synthetic.sources.templates import MOMENTS, SYNTHETIC, Moments
from synthetic.wording import harmless

STATEMENT_SHARE = 0.25
"""Of the recipe's limit: so much may one statement take, that a slow one costs no other."""
_READ_ONLY = text("SET TRANSACTION READ ONLY")
# Rows that a policy hides would be missing from a count: better that it fails.
_NO_HIDING = text("SET LOCAL row_security = off")
# By SQLSTATE, or its beginning (PostgreSQL's manual, Appendix A).
_ADVICE = {
    "57014": "took too long; it was stopped",
    "42501": "may not be read: grant it to the role",
    "42P01": "names a table that is not there; docs/sources.md says what the recipe expects",
    "42703": "names a column that is not there; docs/sources.md says what the recipe expects",
    "42883": "calls a function that is not there",
    "25006": "wants to write, which a recipe may not",
}


@asynccontextmanager
async def connected(feed: Bound) -> AsyncIterator[AsyncConnection]:
    """A connection to the recipe's database; raises :class:`SourceError`."""
    engine = None
    try:
        secret = feed.database.get_secret_value() if feed.database else ""
        url = make_url(secret).set(drivername="postgresql+psycopg")
        within_s = max(2, round(feed.limit_s))  # libpq takes no less
        arguments = {
            "connect_timeout": within_s,
            "application_name": "synthetic",
            "prepare_threshold": None,  # a pooler may give the next statement to another session
        }
        engine = create_async_engine(url, poolclass=NullPool, connect_args=arguments)
        connection = await engine.connect()
    except (exc.SQLAlchemyError, ValueError, OSError) as error:
        raise SourceError(f"the database lets us not in: {_said(feed, error)}") from None
    try:
        yield connection
    finally:
        await connection.close()
        await engine.dispose()


async def selected(
    connection: AsyncConnection, feed: Bound, statement: str, moments: Moments
) -> list[Mapping[str, Any]]:
    """The rows of a metric's statement; raises :class:`SourceError`."""
    limit_ms = max(1, round(feed.limit_s * STATEMENT_SHARE * 1000))
    try:
        async with connection.begin():
            await connection.execute(_READ_ONLY)
            await connection.execute(_NO_HIDING)
            # Within the transaction, since poolers take no parameters for a connection.
            await connection.execute(text(f"SET LOCAL statement_timeout = {limit_ms}"))
            found = await connection.execute(*_bound(feed, statement, moments))
            return [dict(row) for row in found.mappings().fetchmany(MOST_ROWS + 1)]
    except (exc.SQLAlchemyError, ValueError) as error:
        raise SourceError(_explained(feed, error)) from None


def whole(recipe: SqlRecipe, statement: str) -> str:
    """The statement with those of the recipe's tables before it that it looks at."""
    wanted: dict[str, str] = {}
    _want(recipe, statement, wanted)
    tables = ",\n".join(f"{name} AS ({wanted[name]})" for name in recipe.tables if name in wanted)
    if not tables:
        return statement
    body = statement.strip()
    own = re.match(r"with\s", body, re.IGNORECASE)
    return f"WITH {tables}" + (f",\n{body[own.end() :]}" if own else f"\n{body}")


def _want(recipe: SqlRecipe, statement: str, wanted: dict[str, str]) -> None:
    for name, select in recipe.tables.items():
        if name not in wanted and re.search(rf"\b{name}\b", statement):
            wanted[name] = select
            _want(recipe, select, wanted)


def _bound(feed: Bound, statement: str, moments: Moments) -> tuple[Any, dict[str, Any]]:
    prepared = text(whole(cast(SqlRecipe, feed.recipe), statement))
    known: dict[str, Any] = {name: moments.at(name) for name in MOMENTS}
    known[SYNTHETIC] = [like(one) for one in feed.people]
    used = parameters_of(prepared.text)
    typed = [bindparam(SYNTHETIC, type_=ARRAY(Text))] if SYNTHETIC in used else []
    return prepared.bindparams(*typed), {name: known[name] for name in used}


def _explained(feed: Bound, error: Exception) -> str:
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    said = _said(feed, error)
    return f"{_ADVICE[state]} ({said})" if state in _ADVICE else f"could not be read: {said}"


def _said(feed: Bound, error: Exception) -> str:
    """The server's own first line; without one only the kind of error, which holds no address."""
    cause = getattr(error, "orig", None)
    lines = str(cause).strip().splitlines() if cause is not None else []
    return feed.quote(lines[0]) if lines else harmless(type(error).__name__)
