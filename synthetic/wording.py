"""Figures and foreign text in words: how numbers are written and how wide text is. Pure."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator

_HARMFUL = ("C", "Zl", "Zp")  # control, format, private and unassigned; line separators
_EMOJI_SIGN = "\ufe0f"  # widens the character before it


def milliseconds(value: float) -> str:
    """Two significant digits, in the unit that a person would use."""
    if value >= 9_950:
        return f"{value / 1000:.0f} s"
    return f"{value / 1000:.1f} s" if value >= 999.5 else f"{value:.0f} ms"


def columns(text: str) -> int:
    """How many columns a terminal gives to ``text``, at most."""
    return sum(map(_columns_of, text))


def fit(text: str, width: int) -> str:
    """``text`` on one line of at most ``width`` columns, harmless whatever it holds."""
    clean = harmless(text)
    if columns(clean) <= width:
        return clean
    return _head(clean, width - 1) + "…"


def wrapped(text: str, width: int) -> list[str]:
    """All of ``text``, harmless, in lines of at most ``width`` columns."""
    lines = [""]
    for word in _pieces(harmless(text), width):
        longer = f"{lines[-1]} {word}".lstrip()
        if columns(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def harmless(text: str) -> str:
    """``text`` without anything that a terminal would obey, on one line."""
    clean = (
        " " if unicodedata.category(character).startswith(_HARMFUL) else character
        for character in text
    )
    return " ".join("".join(clean).split())


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first few, and how many more."""
    all_of = list(names)
    more = len(all_of) - most
    return ", ".join(all_of[:most]) + (f" and {more} more" if more > 0 else "")


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """What a sentence about an unknown name ends with: the nearest that is known, if any is."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        while word:
            head = _head(word, width)
            yield head
            word = word[len(head) :]


def _head(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _columns_of(character)
        if used > width:
            return text[:index]
    return text


def _columns_of(character: str) -> int:
    if character == _EMOJI_SIGN:
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
