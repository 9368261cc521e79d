"""How the figures of a recipe are read, by its kind: what several share is read once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import httpx

from synthetic.sources import expressions, http_json, prometheus
from synthetic.sources.binding import Bound
from synthetic.sources.figures import rows_of
from synthetic.sources.recipe import ExpositionRecipe, Figure, HttpRecipe, SqlRecipe
from synthetic.sources.templates import Moments

AT_ONCE = 4
"""So many requests of one recipe are under way at a time."""
Rows = list[Mapping[str, Any]]
Reader = Callable[[Figure], Awaitable[Rows]]


class _Shared:
    """What is done once, whoever waits for it, and given up when nobody does any more."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    async def once(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        if name not in self._tasks:
            self._tasks[name] = asyncio.ensure_future(_awaited(make))
        return await asyncio.shield(self._tasks[name])

    async def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def _awaited(make: Callable[[], Awaitable[Any]]) -> Any:
    return await make()


@asynccontextmanager
async def reading(
    feed: Bound, client: httpx.AsyncClient, moments: Moments
) -> AsyncIterator[Reader]:
    """A way to read each figure of a recipe; it raises :class:`~synthetic.errors.SourceError`."""
    shared = _Shared()
    try:
        async with AsyncExitStack() as stack:
            yield _reader(feed, client, moments, shared, stack)
    finally:
        await shared.end()


def _reader(
    feed: Bound, client: httpx.AsyncClient, moments: Moments, shared: _Shared, stack: AsyncExitStack
) -> Reader:
    recipe = feed.recipe
    if isinstance(recipe, HttpRecipe):
        return _of_answers(feed, client, moments, shared)
    if isinstance(recipe, ExpositionRecipe):
        path = recipe.path

        async def from_series(figure: Figure) -> Rows:
            data = await shared.once("", lambda: prometheus.series(client, feed, path))
            known = {**data, **http_json.given(feed, moments)}
            return rows_of(expressions.found(figure.value, known))

        return from_series
    if isinstance(recipe, SqlRecipe):
        return _of_rows(feed, moments, shared, stack)
    limited = asyncio.Semaphore(AT_ONCE)

    async def from_query(figure: Figure) -> Rows:
        async with limited:
            return [*await prometheus.queried(client, feed, figure.value, moments.at(figure.at))]

    return from_query


def _of_answers(
    feed: Bound, client: httpx.AsyncClient, moments: Moments, shared: _Shared
) -> Reader:
    limited = asyncio.Semaphore(AT_ONCE)

    async def ask(name: str) -> Any:
        async with limited:
            return await http_json.asked(client, feed, name, moments)

    async def read(figure: Figure) -> Rows:
        wanted = [shared.once(name, partial(ask, name)) for name in figure.of]
        answers = dict(zip(figure.of, await asyncio.gather(*wanted), strict=True))
        data = {**answers, **http_json.given(feed, moments)}
        return rows_of(expressions.found(figure.value, data))

    return read


def _of_rows(feed: Bound, moments: Moments, shared: _Shared, stack: AsyncExitStack) -> Reader:
    from synthetic.sources import sql  # SQLAlchemy takes a while, and most need it not

    in_turn = asyncio.Lock()

    async def read(figure: Figure) -> Rows:
        connection = await shared.once("", lambda: stack.enter_async_context(sql.connected(feed)))
        async with in_turn:
            return await sql.selected(connection, feed, figure.value, moments)

    return read
