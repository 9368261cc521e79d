"""How else something could be found on a page, from what stands there. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from synthetic.browser.locator import Locator

LONGEST = 80  # of a name or a text: more of it ``locate.js`` does not hand over
_MOST = 3  # proposals for one element: the likely one, and what it could be instead
_SAME_ROLE = 1.5  # weighs as much as one and a half words
_BUTTONS = ("button", "link", "menuitem", "tab")  # products take one for the other
_DULL = {"a", "an", "the", "to", "of", "for", "my", "your", "with", "and", "or"}


@dataclass(frozen=True)
class Item:
    """Something with a role on a page, as a person and a screen reader have it."""

    role: str
    name: str = ""
    text: str = ""
    test_id: str = ""
    id: str = ""


@dataclass(frozen=True)
class Proposal:
    """An entry for ``[pages]``, and the item that it would find."""

    item: Item
    entry: Mapping[str, str]

    def toml(self, element: str) -> str:
        """As it stands under ``[pages.<page>]``."""
        # JSON's strings are TOML's basic strings, but for DEL.
        pairs = (f"{key} = {json.dumps(value)}" for key, value in self.entry.items())
        return f"{element} = {{ {', '.join(pairs)} }}".replace("\x7f", "\\u007f")


@dataclass(frozen=True)
class Sight:
    """What one page showed: how often each locator was found, and all that has a role.

    ``filled`` are the texts meant by placeholders, such as ``{"title": "Standup"}``.
    """

    page: str
    counts: Mapping[str, int]
    items: Sequence[Item]
    filled: Mapping[str, str] = field(default_factory=dict)


def proposals(locator: Locator, sight: Sight, table: Mapping[str, Locator]) -> tuple[Proposal, ...]:
    """What could be meant by a locator that found nothing or too much, the likeliest first.

    What other locators of the table find on the page is theirs, and not proposed.
    """
    found = [one for path, one in table.items() if sight.counts.get(path) and path != locator.path]
    free = [
        item
        for item in sight.items
        if not any(finds(one.filled(**sight.filled), item) for one in found)
    ]
    weighed = [(weight(locator, item, sight.filled), item) for item in free]
    likely = sorted((pair for pair in weighed if pair[0] > 0), key=lambda pair: -pair[0])
    entries = (Proposal(item, entry_of(item, locator, sight.filled)) for _, item in likely)
    unique = {json.dumps(one.entry): one for one in entries if one.entry}
    return tuple(list(unique.values())[:_MOST])


def finds(locator: Locator, item: Item) -> bool:
    """Whether a locator by role, test id or id would find the item."""
    if locator.test_id:
        return locator.test_id == item.test_id
    if locator.css or not locator.role:
        return bool(item.id) and locator.css == f"#{item.id}"
    named = re.search(locator.name or "", item.name, re.IGNORECASE)
    told = re.search(locator.text or "", item.text, re.IGNORECASE)
    return locator.role == item.role and bool(named) and bool(told)


def weight(locator: Locator, item: Item, filled: Mapping[str, str]) -> float:
    """How likely the item is what the locator means; 0 where nothing speaks for it."""
    shown = f"{item.name} {item.text}".casefold()
    blanks = [key for key in filled if f"{{{key}}}" in f"{locator.name}{locator.text}"]
    if blanks:
        held = all(filled[key].casefold() in shown for key in blanks)
        return held * (1 + _SAME_ROLE * (item.role == locator.role))
    alike = item.role == locator.role or {item.role, locator.role} <= set(_BUTTONS)
    if not alike:
        return 0
    wanted = _wanted(locator)
    called = _words(item.name or item.text) | _words(item.test_id) | _words(item.id)
    shared = wanted & called
    # Of two that share words, the one that says less beside them is meant.
    return bool(shared) * (
        len(shared) + len(shared) / len(called) + _SAME_ROLE * (item.role == locator.role)
    )


def entry_of(item: Item, locator: Locator, filled: Mapping[str, str]) -> dict[str, str]:
    """The entry that finds the item: by role and name, else by test id, text or id."""
    frame = {"frame": locator.frame} if locator.frame else {}
    if item.name:
        return {"role": item.role, "name": _pattern(item.name, filled), **frame}
    if item.test_id:
        return {"test_id": item.test_id, **frame}
    if any(text and text in item.text for text in filled.values()):
        return {"role": item.role, "text": _pattern(item.text, filled), **frame}
    if re.fullmatch(r"[A-Za-z][\w-]*", item.id):
        return {"css": f"#{item.id}", **frame}
    return {"role": item.role, "text": _pattern(item.text, filled), **frame} if item.text else {}


def _pattern(text: str, filled: Mapping[str, str]) -> str:
    """A regular expression for exactly this text, with placeholders for what differs each time."""
    whole = "^{it}$" if len(text) < LONGEST else "^{it}"
    pattern = Locator("", name=whole).filled(it=text).name or ""
    for key, value in filled.items():
        literal = Locator("", name="{it}").filled(it=value).name or ""
        pattern = pattern.replace(literal, f"{{{key}}}") if value else pattern
    return pattern


def _wanted(locator: Locator) -> frozenset[str]:
    page, _, element = locator.path.partition(".")
    more = _known().get(page, {}).get(element, "")
    return _words(" ".join((element, locator.name or "", locator.label or "", more)))


def _words(text: str) -> frozenset[str]:
    plain = re.sub(r"\\.|[^a-zA-Z0-9]+|(?<=[a-z])(?=[A-Z])", " ", text).lower()
    return frozenset(_stems(plain.split()))


def _stems(words: Iterable[str]) -> Iterable[str]:
    return (word.rstrip("s") for word in words if word not in _DULL)


@cache
def _known() -> dict[str, dict[str, str]]:
    text = resources.files("synthetic.pages").joinpath("words.toml").read_text("utf-8")
    return tomllib.loads(text)
