"""JMESPath with what figures need besides: shares, quotients, moments, the highest overlap. Pure.

What cannot be worked out is null, never zero: a share of nothing, the sum of an empty list. A
projection of JMESPath's passes over what is missing; ``column`` and ``where`` refuse it, so that
an answer of another shape is trouble and no smaller count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from synthetic.errors import SourceError
from synthetic.wording import fit

_NUMBER: Any = {"types": ["number", "null"]}
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z| ?[+-]\d\d:?\d\d)(?: UTC)?"
)


class _Functions(functions.Functions):
    """Named by the library's custom: ``_func_`` and what recipes write."""

    @functions.signature(_NUMBER, _NUMBER)
    def _func_percent(self, part: float | None, whole: float | None) -> float | None:
        return None if part is None or not whole else 100 * part / whole

    @functions.signature(_NUMBER, _NUMBER)
    def _func_divide(self, one: float | None, other: float | None) -> float | None:
        return None if one is None or not other else one / other

    @functions.signature(_NUMBER, _NUMBER)
    def _func_minus(self, one: float | None, other: float | None) -> float | None:
        return None if one is None or other is None else one - other

    @functions.signature({"types": ["array", "null"]})
    def _func_total(self, numbers: list[Any] | None) -> float | None:
        for one in numbers or ():
            if not _is_number(one):
                raise SourceError(f"the answer has {fit(repr(one), 60)}, where a number is meant")
        return sum(numbers) if numbers else None

    @functions.signature({"types": ["array-object"]}, {"types": ["string"]})
    def _func_column(self, rows: list[dict[str, Any]], name: str) -> list[Any]:
        return [_cell(row, name) for row in rows]

    @functions.signature({"types": ["array-object"]}, {"types": ["string"]})
    def _func_first(self, rows: list[dict[str, Any]], name: str) -> Any:
        return _cell(rows[0], name) if rows else None

    @functions.signature({"types": ["array-object"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_where(self, rows: list[dict[str, Any]], name: str, value: str) -> list[Any]:
        return [row for row in rows if str(_cell(row, name)) == value]

    @functions.signature({"types": ["string", "null"]})
    def _func_epoch(self, text: str | None) -> float | None:
        return epoch(text) if text is not None else None

    @functions.signature({"types": ["array-object"]})
    def _func_shares(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        whole = self._func_total([_cell(row, "value") for row in rows])
        return [{**row, "value": 100 * row["value"] / whole} for row in rows if whole]

    @functions.signature({"types": ["array"]}, {"types": ["number"]}, {"types": ["number"]})
    def _func_within(self, times: list[Any], start: float, end: float) -> int:
        return sum(start < _second(one) <= end for one in times)

    @functions.signature({"types": ["array-object"]}, {"types": ["number"]}, {"types": ["number"]})
    def _func_peak(self, spans: list[dict[str, Any]], start: float, end: float) -> int:
        return peak([(span.get("from"), span.get("to")) for span in spans], start, end)


_OPTIONS = jmespath.Options(custom_functions=_Functions())
_KNOWN = frozenset(_Functions.FUNCTION_TABLE)


def wrong(expression: str) -> str | None:
    """What is wrong with an expression, as the end of a sentence; none if nothing is."""
    try:
        parsed = jmespath.compile(expression)
    except JMESPathError as error:
        return f"is no JMESPath: {fit(str(error).splitlines()[0], 120)}"
    for name in _called(parsed.parsed):
        if name not in _KNOWN:
            return f"calls {name}(), which is no function"
    return None


def found(expression: str, data: Any) -> Any:
    """What an expression finds; raises :class:`SourceError` where the data have another shape."""
    try:
        return _compiled(expression).search(data, options=_OPTIONS)
    except (JMESPathError, TypeError, ValueError, OverflowError, RecursionError) as error:
        said = fit(" ".join(str(error).split()), 160)
        raise SourceError(f"the answer has another shape than expected ({said})") from error


def epoch(text: str) -> float | None:
    """Seconds since 1970 of a moment as RFC 3339 or Go writes it; none for anything else."""
    parts = _MOMENT.fullmatch(text.strip())
    if not parts:
        return None
    day, time, fraction, zone = parts.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{fraction or ''}{zone.strip()}")
    except ValueError:
        return None
    return moment.astimezone(UTC).timestamp()


def peak(spans: list[tuple[Any, Any]], start: float, end: float) -> int:
    """How many of these spans (RFC 3339, an open one has no end) overlapped at most."""
    steps = []
    for begins, ends in spans:
        first, last = _second(begins), end if ends is None else _second(ends)
        if first < end and last >= start:
            steps += [(max(first, start), 1), (last, -1)]
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most


@lru_cache(maxsize=500)
def _compiled(expression: str) -> ParsedResult:
    return jmespath.compile(expression)


def _called(node: Any) -> Iterator[str]:
    if node["type"] == "function_expression":
        yield node["value"]
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _called(child)


def _second(text: Any) -> float:
    found = epoch(text) if isinstance(text, str) else None
    if found is None:
        raise SourceError(f"the answer has {fit(repr(text), 60)}, where a moment is meant")
    return found


def _cell(row: dict[str, Any], name: str) -> Any:
    if name not in row:
        raise SourceError(f"the answer has rows without {name}")
    return row[name]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
