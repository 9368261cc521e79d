"""One answer of a vendor: bounded in time and size, every failure one clear sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from synthetic.asking import retry_after
from synthetic.errors import SourceError
from synthetic.sources.binding import Bound
from synthetic.sources.recipe import SqlRecipe

MOST_BYTES = 8_000_000
_WAIT_S = 60.0
_LONGEST_WAIT_S = 3600.0
_HEADERS = {"Accept-Encoding": "identity"}  # nothing to unpack, so nothing can burst
_ADVICE = {
    400: "the vendor does not understand the recipe's question",
    401: "check the token",
    402: "the plan that is paid for does not have it",
    403: "the token may not read it",
    404: "check the address and the recipe's values",
}


@dataclass(frozen=True)
class Answer:
    """A whole answer of status 200."""

    headers: httpx.Headers
    body: bytes


async def fetch(
    client: httpx.AsyncClient, feed: Bound, method: str, path: str, *,
    most: int = MOST_BYTES, **how: Any,
) -> Answer:  # fmt: skip
    """What the vendor answers at ``path``, of ``most`` bytes; ``how`` as httpx has it.

    Redirects are not followed, since a token goes with each request. Raises :class:`SourceError`.
    The caller limits the time that all of it may take.
    """
    where = f"{method} {_shown(feed.url)}{path}"
    how = {**how, "headers": {**_HEADERS, **how.get("headers", {}), **_token(feed)}}
    if feed.token is not None and feed.user:
        how["auth"] = httpx.BasicAuth(feed.user, feed.token.get_secret_value())
    try:
        async with client.stream(
            method, feed.url + path, follow_redirects=False, timeout=feed.limit_s, **how
        ) as answer:
            body = await _body(answer, where, most)
    except httpx.TimeoutException as error:
        raise SourceError(f"{where} was not answered within {feed.limit_s:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        # Its own words may hold what was sent, a token too.
        raise SourceError(f"{where} was not answered ({type(error).__name__})") from None
    if answer.status_code != 200:
        raise _refused(feed, where, answer, body)
    return Answer(answer.headers, body)


def json_of(answer: Answer, where: str) -> Any:
    """The answer as JSON, strictly: every key once, numbers only that are some."""
    try:
        return json.loads(answer.body, object_pairs_hook=_once, parse_constant=_no_number)
    except SourceError as error:
        raise SourceError(f"{where} {error}") from None
    except (ValueError, RecursionError) as error:
        kind = answer.headers.get("Content-Type", "")
        kind = kind.partition(";")[0][:60] or "without a type"
        raise SourceError(f"{where} answered something other than JSON ({kind})") from error


async def _body(answer: httpx.Response, where: str, most: int) -> bytes:
    packing = answer.headers.get("Content-Encoding", "identity")
    if packing != "identity":
        raise SourceError(f"{where} answered packed, though we asked for it plain")
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > most:
            raise SourceError(f"{where} answered more than {MOST_BYTES // 1_000_000} MB")
    return bytes(body)


def _refused(feed: Bound, where: str, answer: httpx.Response, body: bytes) -> SourceError:
    status = answer.status_code
    wait = retry_after(answer.headers)
    if status == 429 or (status == 503 and wait is not None):
        wait = min(_WAIT_S if wait is None else wait, _LONGEST_WAIT_S)
        said = f"{where} answered {status} and wants to be left alone for {wait:.0f} s"
        return SourceError(said, wait)
    if answer.is_redirect:
        return SourceError(f"{where} redirects elsewhere ({status}); check the address")
    said = feed.quote(body[:2000].decode(errors="replace")) or "without a word"
    advice = _ADVICE.get(status, "it may pass" if status >= 500 else "check the recipe")
    return SourceError(f"{where} answered {status} ({said}); {advice}")


def _token(feed: Bound) -> dict[str, str]:
    recipe = feed.recipe
    if feed.token is None or feed.user or isinstance(recipe, SqlRecipe) or recipe.auth == "none":
        return {}
    return {"Authorization": f"Bearer {feed.token.get_secret_value()}"}


def _shown(url: str) -> str:
    return httpx.URL(url).host


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceError(f"answered JSON that has the key {twice[:60]!r} more than once")
    return table


def _no_number(text: str) -> float:
    raise SourceError(f"answered JSON that holds {text}, which is no number")
