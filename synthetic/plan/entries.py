"""Entries of a file of the plan, each validated by itself, and what is wrong in sentences. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from synthetic.plan.model import Derivation, Destination, Span

_DURATIONS = {
    "acknowledge_within", "after", "against", "begins", "ends", "for", "interval",
    "keep_firing_for", "resolve_within", "window",
}  # fmt: skip
_CADENCE = "every"  # a table of tables of durations
_NESTED: dict[object, type[BaseModel]] = {
    "alert": Span, "derive": Derivation, "target": Span, "to": Destination,
}  # fmt: skip
_NUMBER_OR_RANGE = ("alert", "target")
_RANGE = "should be a number, or a range such as {min = 300, max = 3000}"
_WORDS = {
    "bool_type": "should be true or false",
    "dict_type": "should be a table",
    "finite_number": "should be a finite number",
    "float_type": "should be a number",
    "int_type": "should be a whole number",
    "missing": "is missing",
    "model_type": "should be a table",
    "string_too_short": "should not be empty",
    "string_type": "should be a text",
    "too_short": "should name at least one",
    "tuple_type": "should be a list",
}


class Entries(NamedTuple):
    """The valid entries of a file, the names of all, and a sentence for each mistake."""

    entries: list[BaseModel]
    names: set[str]
    problems: list[str]


def nearest(name: str, known: Iterable[str]) -> str:
    """What a sentence about an unknown name ends with."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; the nearest is {close[0]}" if close else "; take it away"


def read(
    model: type[BaseModel],
    file: str,
    word: str,
    table: Mapping[str, Any],
    usual: Mapping[str, str] | None = None,
) -> Entries:
    """Entries of ``model`` under ``[[word]]``; with ``usual``, what each has unless it differs."""
    found = Entries([], set(), [])
    for key in sorted(set(table) - {word}):
        found.problems.append(f"{key} in {file} is unknown: write [[{word}]].")
    rows = table.get(word, [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        found.problems.append(f"{word} in {file} should be a list of tables: write [[{word}]].")
        return found
    for number, one in enumerate(rows, start=1):
        name = one.get("id", one.get("name", number))
        _add(found, model, f"{word} {name} in {file}", {**(usual or {}), **one})
    return found


def read_named(model: type[BaseModel], file: str, word: str, table: Mapping[str, Any]) -> Entries:
    """Entries of ``model`` that stand under their own names: ``[name]``."""
    found = Entries([], set(), [])
    for name, one in table.items():
        if not isinstance(one, dict):
            found.names.add(name)
            found.problems.append(f"{name} in {file} should be a table: write [{name}].")
        else:
            _add(found, model, f"{word} {name} in {file}", {"name": name, **one})
    return found


def _add(found: Entries, model: type[BaseModel], where: str, raw: Mapping[str, Any]) -> None:
    name = raw.get("id", raw.get("name"))
    if isinstance(name, str):
        found.names.add(name)
    try:
        found.entries.append(model.model_validate(_strict(raw), strict=True, by_name=False))
    except ValidationError as error:
        said = [f"{key} of {where} {what}." for key, what in _mistakes(model, error)]
        found.problems.extend(dict.fromkeys(said))


def _strict(value: Any, *, cadence: bool = False) -> Any:
    """TOML's values as strict validation wants them: lists as tuples, durations as texts only."""
    if isinstance(value, list):
        return tuple(_strict(one) for one in value)
    if isinstance(value, Mapping):
        return {
            key: str(one) if key in _DURATIONS else _strict(one, cadence=cadence or key == _CADENCE)
            for key, one in value.items()
        }
    return str(value) if cadence else value


def _mistakes(model: type[BaseModel], error: ValidationError) -> Iterator[tuple[str, str]]:
    items = error.errors(include_url=False, include_input=False)
    paths = [item["loc"] for item in items]
    ranges = {path[0] for path in paths if path[1:2] == ("Span",) and path[2:]}
    for item, path in zip(items, paths, strict=True):
        kind = item["type"]
        key = ".".join(str(part) for part in path if not isinstance(part, int))
        if path[0] in _NUMBER_OR_RANGE and len(path) == 2 and kind != "finite_number":
            if path[1] == "float" and path[0] not in ranges:
                yield str(path[0]), _RANGE
            continue
        key = key.replace(".Span", "").replace(".float", "") if path[0] in _NUMBER_OR_RANGE else key
        if kind == "extra_forbidden":
            yield key, f"is unknown{nearest(str(path[-1]), _keys(model, path[0]))}"
        else:
            said = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
            yield key, _WORDS.get(kind, said)


def _keys(model: type[BaseModel], above: object) -> list[str]:
    fields = _NESTED.get(above, model).model_fields.items()
    return [field.alias or name for name, field in fields]
