"""Figures from a vendor's HTTP API that answers JSON: asks with paging, JMESPath over answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from synthetic.errors import SourceError
from synthetic.sources import expressions
from synthetic.sources.binding import Bound
from synthetic.sources.checks import GIVEN
from synthetic.sources.fetching import MOST_BYTES, Answer, fetch, json_of
from synthetic.sources.recipe import Ask, HttpRecipe, Paging
from synthetic.sources.templates import MOMENTS, Moments, filled, filled_in_all
from synthetic.wording import fit

MOST_PAGES = 50


async def asked(client: httpx.AsyncClient, feed: Bound, name: str, moments: Moments) -> Any:
    """What an ask of the recipe gives; raises :class:`SourceError`."""
    ask = cast(HttpRecipe, feed.recipe).ask[name]
    query = {key: filled(text, feed.values, moments) for key, text in ask.query.items()}
    if ask.paging is None:
        data, _ = await _one(client, feed, ask, query, moments, MOST_BYTES)
        return data
    return await _whole_list(client, feed, ask, ask.paging, query, moments)


def given(feed: Bound, moments: Moments) -> Mapping[str, Any]:
    """What expressions find under ``given``: values as texts, moments as seconds since 1970."""
    times = {name: moments.at(name).timestamp() for name in MOMENTS}
    return {GIVEN: {**feed.values, **times}}


async def _one(
    client: httpx.AsyncClient, feed: Bound, ask: Ask, query: Mapping[str, str], moments: Moments,
    most: int,
) -> tuple[Any, Answer]:  # fmt: skip
    path = filled(ask.path, feed.values, moments, lambda value: quote(value, safe=""))
    how: dict[str, Any] = {"params": query, "headers": {"Accept": "application/json"}}
    if ask.body is not None:
        how["json"] = filled_in_all(ask.body, feed.values, moments)
    answer = await fetch(client, feed, ask.method, path, most=most, **how)
    return json_of(answer, f"{ask.method} {path}"), answer


async def _whole_list(
    client: httpx.AsyncClient, feed: Bound, ask: Ask, paging: Paging,
    query: Mapping[str, str], moments: Moments,
) -> list[Any]:  # fmt: skip
    whole: list[Any] = []
    seen, left = [query], MOST_BYTES
    while True:
        data, answer = await _one(client, feed, ask, seen[-1], moments, left)
        left -= len(answer.body)
        page = expressions.found(paging.items, data) if paging.items else data
        if not isinstance(page, list):
            raise SourceError(f"{ask.method} {ask.path} answered no list{_where(paging)}")
        whole += page
        following = _following(paging, query, data, answer)
        if following is None or (paging.size and len(page) < paging.size):
            return whole
        if following in seen:
            raise SourceError(f"{ask.method} {ask.path} gives the same page again and again")
        if len(seen) == MOST_PAGES:
            raise SourceError(f"{ask.method} {ask.path} has more than {MOST_PAGES} pages")
        seen.append(following)


def _where(paging: Paging) -> str:
    return f" at {paging.items}" if paging.items else ""


def _following(
    paging: Paging, query: Mapping[str, str], data: Any, answer: Answer
) -> dict[str, str] | None:
    """The query of the next page."""
    if paging.next and paging.into:
        mark = expressions.found(paging.next, data)
        if mark is None or mark == "":
            return None
        if isinstance(mark, bool) or not isinstance(mark, str | int):
            raise SourceError(f"the answer names its next page as {fit(repr(mark), 60)}")
        return {**query, paging.into: str(mark)}
    link = httpx.Response(200, headers=answer.headers).links.get("next", {})
    # Sentry names a next page even behind the last one, and says that it has no results.
    if not link.get("url") or link.get("results") == "false":
        return None
    # Only the parameters are taken: the token stays with the host that it was given for.
    return {**query, **dict(parse_qsl(urlsplit(link["url"]).query))}
