"""Recipes from their files, checked; all that is wrong with them is said at once."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from synthetic.errors import RecipeError
from synthetic.sources.checks import problems
from synthetic.sources.recipe import KINDS, AnyRecipe, Ask, Figure, Given, Paging

_SHIPPED = resources.files("synthetic.sources") / "recipes"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_INNER: dict[str, type[BaseModel]] = {
    "ask": Ask, "metric": Figure, "paging": Paging, "values": Given,
}  # fmt: skip
_WORDS = {
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "dict_type": "should be a table",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "int_type": "should be a whole number",
    "missing": "is missing",
    "model_type": "should be a table",
    "string_too_short": "should not be empty",
    "string_type": "should be a text",
    "too_short": "should have at least one",
    "tuple_type": "should be a list",
}
_PATTERNS = {"path": "should begin with /", "url": "should begin with https:// or http://"}


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The recipes that there are: those shipped, and those in a folder of one's own."""
    return tuple(sorted(_files(folder)))


def load(wanted: Iterable[str], folder: Path | None = None) -> tuple[AnyRecipe, ...]:
    """The recipes of these names, in this order; one in ``folder`` wins over one shipped.

    Raises :class:`~synthetic.errors.RecipeError`, one sentence a line for each mistake: which key
    of which file, and what is allowed there.
    """
    files = _files(folder)
    said: list[str] = []
    found = [
        recipe for name in dict.fromkeys(wanted) if (recipe := _load(name, files, said)) is not None
    ]
    if said:
        raise RecipeError("\n".join(dict.fromkeys(said)))
    return tuple(found)


def _files(folder: Path | None) -> dict[str, Traversable]:
    places: list[Traversable] = [_SHIPPED]
    if folder is not None:
        if not folder.is_dir():
            raise RecipeError(
                f"{folder} is no folder: SYNTHETIC_FEEDS__FOLDER should name one with recipes."
            )
        places.append(folder)
    return {
        path.name.removesuffix(".toml"): path
        for place in places
        for path in place.iterdir()
        if path.name.endswith(".toml")
    }


def _load(name: str, files: dict[str, Traversable], said: list[str]) -> AnyRecipe | None:
    if name not in files:
        said.append(f"{name} in SYNTHETIC_FEEDS__ON is no recipe{_nearest(name, files)}.")
        return None
    if not _NAME.fullmatch(name):
        said.append(f"{name}.toml should be named in small letters, digits and _.")
        return None
    file = f"{name}.toml"
    table = _table(files[name], file, said)
    if table is None:
        return None
    if "name" in table:
        said.append(f"name in {file} is unknown; the file's name is it.")
    model = KINDS.get(str(table.get("kind")))
    if model is None:
        said.append(f"kind in {file} should be one of {', '.join(KINDS)}.")
        return None
    try:
        recipe = model.model_validate({**table, "name": name})
    except ValidationError as error:
        said.extend(_sentences(model, file, error))
        return None
    said.extend(f"{key} in {file} {what}." for key, what in problems(recipe))
    return recipe


def _table(path: Traversable, file: str, said: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        said.append(f"{file} is not UTF-8 at line {line}: save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        said.append(f"{file} is not valid TOML: {error}; correct that line.")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        said.append(f"{file} cannot be read: {reason}; make it a readable file.")
    return None


def _sentences(model: type[BaseModel], file: str, error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in item["loc"]]
        where = f"{'.'.join(part for part in path if part != '[key]')} in {file}"
        if item["type"] == "extra_forbidden":
            yield f"{where} is unknown{_nearest(path[-1], _keys(model, path))}."
        else:
            yield f"{where} {_what(item['type'], path, item['msg'])}."


def _what(kind: str, path: list[str], message: str) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(path[-1], "should be small letters, digits and _")
    return _WORDS.get(kind, message.removeprefix("Value error, ").removeprefix("Input "))


def _keys(model: type[BaseModel], path: list[str]) -> list[str]:
    inner = next((_INNER[part] for part in reversed(path[:-1]) if part in _INNER), model)
    return [name for name in inner.model_fields if name != "name"]


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; the nearest is {close[0]}" if close else f"; there are {', '.join(sorted(known))}"
