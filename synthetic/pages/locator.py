"""Locators as data: read from ``locators.toml``, overridden by settings.

The same value is resolved by Playwright for gestures and by ``locate.js`` for what is awaited.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources

from synthetic.errors import SettingsError

_PATTERNS = ("name", "label", "text")


@dataclass(frozen=True)
class Locator:
    """One element of a page; ``path`` (``access.email``) is where it can be overridden."""

    path: str
    role: str | None = None
    name: str | None = None
    label: str | None = None
    text: str | None = None
    css: str | None = None
    test_id: str | None = None
    frame: str | None = None

    def __bool__(self) -> bool:
        """False for an entry that the product does not have: an empty table."""
        return any((self.role, self.label, self.text, self.css, self.test_id))

    def filled(self, **texts: str) -> Locator:
        """With each ``{placeholder}`` replaced by the text meant, taken literally."""
        return Locator(**{key: _fill(key, value, texts) for key, value in asdict(self).items()})

    def spec(self) -> dict[str, str]:
        """What ``locate.js`` needs to find it."""
        return {k: v for k, v in asdict(self).items() if v is not None and k not in _ELSEWHERE}

    def __str__(self) -> str:
        """For messages: ``role=button name~"^send$"``."""
        return " ".join(
            f'{key}~"{value}"' if key in _PATTERNS else f"{key}={value}"
            for key, value in self.spec().items()
        )


_ELSEWHERE = ("path", "frame")
_KEYS = tuple(field.name for field in fields(Locator) if field.name != "path")


def _fill(key: str, value: str | None, texts: Mapping[str, str]) -> str | None:
    if value is None or key == "path":
        return value
    for placeholder, text in texts.items():
        literal = re.escape(text).replace("/", r"\/") if key in _PATTERNS else text
        value = value.replace("{" + placeholder + "}", literal)
    return value


@cache
def _defaults() -> dict[str, dict[str, dict[str, str]]]:
    text = resources.files("synthetic.pages").joinpath("locators.toml").read_text("utf-8")
    return tomllib.loads(text)


def locators(overrides: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, Locator]:
    """All locators by path, ``overrides`` (the ``[pages]`` table) replacing whole entries.

    Raises :class:`SettingsError` for a page, element or key that does not exist, and for a
    regular expression that does not compile.
    """
    tables = {page: dict(table) for page, table in _defaults().items()}
    for page, table in overrides.items():
        _known("page", page, tables, "[pages]")
        for element, entry in table.items():
            _known("element", element, tables[page], f"[pages.{page}]")
            for key in entry:
                _known("key", key, _KEYS, f"pages.{page}.{element}")
            _check_patterns(f"pages.{page}.{element}", entry)
            tables[page][element] = dict(entry)
    return {
        f"{page}.{element}": Locator(path=f"{page}.{element}", **entry)
        for page, table in tables.items()
        for element, entry in table.items()
    }


def _known(kind: str, name: str, known: Mapping[str, object] | tuple[str, ...], where: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}."
        raise SettingsError(f"{where} in synthetic.toml: there is no {kind} {name!r}; {hint}")


def _check_patterns(where: str, entry: Mapping[str, str]) -> None:
    for key in _PATTERNS:
        try:
            re.compile(re.sub(r"\{\w+\}", "", entry.get(key, "")))
        except re.error as error:
            raise SettingsError(
                f"{where}.{key} in synthetic.toml is not a regular expression: {error}"
            ) from error
