"""The table of locators: ``locators.toml``, with the entries that settings replace."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

from synthetic.browser.locator import KEYS, PATTERNS, Locator
from synthetic.errors import SettingsError

_PYTHONS_OWN = re.compile(r"\(\?(?:P|#|\(|[aiLmsux-]+[:)])|\\[AZ]")


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
                _known("key", key, KEYS, f"pages.{page}.{element}")
            _check_patterns(f"pages.{page}.{element}", entry)
            tables[page][element] = dict(entry)
    return {
        f"{page}.{element}": Locator(path=f"{page}.{element}", **entry)
        for page, table in tables.items()
        for element, entry in table.items()
    }


def _known(kind: str, name: str, known: Collection[str], where: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}."
        raise SettingsError(f"{where} in synthetic.toml: there is no {kind} {name!r}; {hint}")


def _check_patterns(where: str, entry: Mapping[str, str]) -> None:
    for key in PATTERNS:
        pattern = re.sub(r"\{\w+\}", "", entry.get(key, ""))
        try:
            re.compile(pattern)
        except re.error as error:
            raise SettingsError(
                f"{where}.{key} in synthetic.toml is not a regular expression: {error}"
            ) from error
        if foreign := _PYTHONS_OWN.search(pattern):
            raise SettingsError(
                f"{where}.{key} in synthetic.toml is matched by the browser, which does not know "
                f"{foreign.group()}; upper and lower case are alike anyway"
            )
