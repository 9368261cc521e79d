"""Reads a settings model from the environment, ``.env`` and ``synthetic.toml``.

pydantic-settings would do part of this, at a quarter of a second per start; it neither reports
unknown variables nor says which source a bad value came from.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from synthetic.errors import SettingsError

PREFIX = "SYNTHETIC_"
DOTENV = ".env"
TOML = "synthetic.toml"

_SECRET_NAME = re.compile("(?i)pass|secret|token|key")
_WORDS = {
    "bool_parsing": "should be true or false",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "model_type": "should be a table",
    "string_type": "should be a text",
    "timezone_aware": "should have a time zone, as 2026-12-01T09:00:00Z has",
    "too_short": "should name at least one",
    "url_parsing": "should be a URL such as https://host",
    "url_scheme": "should begin with http:// or https://",
}

Keys = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)


class Group(BaseModel):
    """Settings that belong together."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Found(NamedTuple):
    """A value as a source gave it, and the words by which a message points at it."""

    value: Any
    name: str
    source: str


class Described(NamedTuple):
    """One row of the settings table."""

    name: str
    type: str
    default: str
    doc: str


def as_list(value: object) -> object:
    """A list written in one variable: JSON, or separated by commas."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        return _json(value, "a JSON list, or texts separated by commas")
    return [part.strip() for part in value.split(",") if part.strip()]


def as_table(value: object) -> object:
    """A table written in one variable, as JSON."""
    return _json(value, "a table, as a JSON object") if isinstance(value, str) else value


def _json(text: str, wanted: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError(f"should be {wanted}") from None


def read(model: type[Model], directory: Path, environ: Mapping[str, str]) -> Model:
    """A ``model`` from the three sources; raises :class:`SettingsError` over all that is wrong."""
    problems: list[str] = []
    found: dict[Keys, Found] = {}
    found |= _from_toml(directory / TOML, problems)
    found |= _from_variables(_dotenv(directory / DOTENV, problems), f"in {DOTENV}")
    found |= _from_variables(environ, "in the environment")
    result = None
    try:
        result = model.model_validate(_tree(found))
    except ValidationError as error:
        problems += _sentences(model, error, found)
    if problems or result is None:
        raise SettingsError("\n".join(problems))
    return result


def _from_toml(path: Path, problems: list[str]) -> dict[Keys, Found]:
    text = _text(path, problems)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path.name} is not valid TOML: {error}; correct that line.")
        return {}
    return {keys: Found(value, ".".join(keys), f"in {path.name}") for keys, value in _leaves(table)}


def _leaves(table: dict[str, Any], above: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    text = _text(path, problems)
    if not text:
        return {}
    from dotenv.parser import parse_stream  # a 40 ms import, needed only where there is a file

    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            line = binding.original.line + binding.original.string.count("\n", 0, -1)
            problems.append(f"{path.name} cannot be read at line {line}: write NAME=value there.")
        elif binding.key:
            values[binding.key] = binding.value or ""
    return values


def _text(path: Path, problems: list[str]) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(f"{path.name} is not UTF-8 at line {line}: save it as UTF-8.")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(f"{path.name} cannot be read: {reason}; make it a readable file.")
    return ""


def _from_variables(values: Mapping[str, str], source: str) -> dict[Keys, Found]:
    return {
        tuple(name.removeprefix(PREFIX).lower().split("__")): Found(value.strip(), name, source)
        for name, value in sorted(values.items())
        if name.startswith(PREFIX) and value.strip()
    }


def _tree(found: Mapping[Keys, Found]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for keys in sorted(found):
        node = tree
        for key in keys[:-1]:
            inner = node.get(key)
            if not isinstance(inner, dict):
                inner = node[key] = {}
            node = inner
        node[keys[-1]] = found[keys].value
    return tree


def _sentences(
    model: type[BaseModel], error: ValidationError, found: Mapping[Keys, Found]
) -> Iterator[str]:
    # Values stay out: one of them may be a secret.
    for item in error.errors(include_url=False, include_input=False):
        keys = tuple(str(key) for key in item["loc"])
        culprit = _culprit(keys, found)
        where = f"{culprit.name} {culprit.source}"
        if item["type"] == "extra_forbidden":
            yield f"{where} is no setting{_nearest(model, culprit)}."
            continue
        said = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield f"{where} {_WORDS.get(item['type'], said)}."


def _culprit(keys: Keys, found: Mapping[Keys, Found]) -> Found:
    related = (path for path in found if path == keys[: len(path)] or keys == path[: len(keys)])
    return found[max(related, key=len)]


def _nearest(model: type[BaseModel], culprit: Found) -> str:
    in_variables = culprit.name.startswith(PREFIX)
    known = {
        PREFIX + "__".join(path).upper() if in_variables else ".".join(path)
        for path, _ in _fields(model)
    }
    close = difflib.get_close_matches(culprit.name, sorted(known), n=1, cutoff=0.6)
    return f"; the nearest is {close[0]}" if close else "; take it away"


def _fields(model: type[BaseModel], above: Keys = ()) -> Iterator[tuple[Keys, FieldInfo]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _fields(kind, (*above, name))
        else:
            yield (*above, name), field


def secret_values(settings: BaseModel) -> frozenset[str]:
    """Every non-empty secret of ``settings``, and what is secret within its URLs."""
    values: set[str] = set()
    for _, value in settings:
        for one in value.values() if isinstance(value, dict) else (value,):
            if isinstance(one, BaseModel):
                values |= secret_values(one)
            elif isinstance(one, SecretStr):
                values |= {one.get_secret_value(), *_secret_parts(one.get_secret_value())}
            elif isinstance(one, HttpUrl):
                values |= _passwords(str(one))
    return frozenset(values - {""})


def _secret_parts(url: str) -> set[str]:
    """What of a secret URL travels alone, too: a webhook's path, the key in a DSN, passwords."""
    if not url.startswith(("http://", "https://")):
        return _passwords(url)
    parts = urlsplit(url)
    return {parts.username or "", parts.path.strip("/"), *_passwords(url)}


def _passwords(url: str) -> set[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()  # no URL at all, which most secrets are not
    asked = {text for name, text in parse_qsl(parts.query) if _SECRET_NAME.search(name)}
    return {parts.password or "", unquote(parts.password or ""), *asked}


_TYPES: dict[Any, str] = {
    bool: "true or false",
    float: "number",
    int: "number",
    str: "text",
    SecretStr: "secret",
    HttpUrl: "URL",
    Path: "path",
}


def describe(model: type[BaseModel]) -> list[Described]:
    """Every setting of ``model``: variable name, type, default and description."""
    return [
        Described(
            PREFIX + "__".join(keys).upper(),
            _type(field.annotation),
            _default(field.get_default(call_default_factory=True)),
            field.description or "",
        )
        for keys, field in _fields(model)
    ]


def _type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return "list"
    if get_origin(kind) is dict:
        return "table of secrets" if _hides(get_args(kind)[1]) else "table"
    for inner in (kind, *get_args(kind)):
        if inner in _TYPES:
            return _TYPES[inner]
        if get_args(inner) and get_args(inner)[0] in _TYPES:
            return _TYPES[get_args(inner)[0]]
    return "moment"


def _hides(kind: Any) -> bool:
    fields = kind.model_fields.values() if hasattr(kind, "model_fields") else ()
    return _type(kind) == "secret" or any(_type(one.annotation) == "secret" for one in fields)


def _default(value: object) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
