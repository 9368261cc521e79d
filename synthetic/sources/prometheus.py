"""Figures from Prometheus: exposition text (as Supabase offers it), and PromQL over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from synthetic.errors import SourceError
from synthetic.sources.binding import Bound
from synthetic.sources.fetching import fetch, json_of

_QUERY = "/api/v1/query"
_ACCEPT = {"Accept": "text/plain; version=0.0.4"}
# The text format of Prometheus' manual, "Exposition formats".
# No part gives anything back to the one before, so that a long line takes no longer for that.
_LINE = re.compile(r"([a-zA-Z_:][\w:]*+)\s*+(?>\{(.*)\})?+\s*+(\S++)(?:\s++-?\d++)?+\s*+")
_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n"}


async def series(client: httpx.AsyncClient, feed: Bound, path: str) -> Mapping[str, Any]:
    """All series of an exposition under ``series``, by name: a list of labels and value."""
    answer = await fetch(client, feed, "GET", path, headers=_ACCEPT)
    try:
        # Megabytes of it take a while, in which others go on.
        return {"series": await asyncio.to_thread(_parsed, answer.body.decode())}
    except (ValueError, AttributeError) as error:
        raise SourceError(f"GET {path} answered something other than Prometheus' text") from error


def _parsed(text: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            # What does not match raises AttributeError, which the caller takes for other text.
            name, labels, value = _LINE.fullmatch(line).groups()  # type: ignore[union-attr]
            found[name].append({"labels": _labels(labels or ""), "value": float(value)})
    if not found:
        raise ValueError("no series")
    return found


def _labels(text: str) -> dict[str, str]:
    """Each label; of a name that comes twice, as Supabase's may, the last counts."""
    labels, end = {}, 0
    while end < len(text):
        one = _LABEL.match(text, end)
        if one is None:
            raise ValueError(text)
        labels[one[1]] = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), one[2])
        end = one.end()
    return labels


async def queried(
    client: httpx.AsyncClient, feed: Bound, query: str, at: datetime
) -> list[dict[str, Any]]:
    """A query's result at a moment: rows of ``value`` and the labels of each series."""
    parameters = {"query": query, "time": f"{at.timestamp():.3f}"}
    answer = await fetch(client, feed, "GET", _QUERY, params=parameters)
    data = json_of(answer, f"GET {_QUERY}")
    try:
        result, kind = data["data"]["result"], data["data"]["resultType"]
        if kind == "scalar":
            return [{"value": float(result[1])}]
        if kind == "vector":
            return [{**one["metric"], "value": float(one["value"][1])} for one in result]
    except (LookupError, TypeError, ValueError) as error:
        raise SourceError(f"GET {_QUERY} answered in another shape than Prometheus'") from error
    raise SourceError(f"gives a {feed.quote(str(kind))}, where a vector or a scalar is meant")
