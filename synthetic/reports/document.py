"""A report before any renderer dresses it: sections of figures, lists and checks. Values, pure.

Every text is plain and of one line; what came from a target or a person was made harmless and cut
when it was put in, and is escaped by each renderer for its own format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from synthetic.wording import harmless

State = Literal["ok", "degraded", "failed", "unknown"]
"""``degraded`` misses its target, ``failed`` is past its alert line; what is held against nothing
has no state."""
UNKNOWN = "unknown"
NOT_SET = "not set"
LONGEST = 200
_LONGEST_READ = 4 * LONGEST


@dataclass(frozen=True)
class Figure:
    """A figure or a few words under a label.

    ``basis`` is what it rests on (``18 of 20``), ``target`` and ``alert`` what it is held
    against, ``before`` and ``change`` how it was in the period before and where it went,
    ``remark`` anything else, such as why it is unknown.
    """

    label: str
    value: str = UNKNOWN
    state: State | None = None
    basis: str = ""
    target: str = ""
    alert: str = ""
    before: str = ""
    change: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Item:
    """One entry of a list; ``quoted`` where its text is not ours, ``said`` what we say of it."""

    text: str
    said: str = ""
    quoted: bool = False


@dataclass(frozen=True)
class Listing:
    """A list under a label; without items its ``empty`` says why."""

    label: str
    items: tuple[Item, ...] = ()
    empty: str = "none"
    state: State | None = None
    ranked: bool = False


@dataclass(frozen=True)
class Check:
    """Something to tick: done (``ok``), found wanting (``failed``), or still open (``unknown``)."""

    text: str
    state: State = "unknown"
    said: str = ""


@dataclass(frozen=True)
class Prose:
    """A paragraph of running text."""

    text: str
    state: State | None = None


Line = Figure | Listing | Check | Prose


@dataclass(frozen=True)
class Section:
    """Lines under one heading, which may be empty."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Document:
    """A whole report.

    ``question`` is what its receiver wants to know; ``word`` and ``answer``, a sentence or two, say
    it, with ``state``, both of which are nothing where figures are held against nothing; ``more``
    is what else is worth a sentence. ``covers`` says which period it speaks of and ``source`` where
    the plan asks for it. ``message`` is one whose words the plan prescribes: as text it is its
    title and its lines, and nothing else.
    """

    name: str
    title: str
    question: str
    word: str
    answer: str
    more: str
    state: State | None
    target: str
    at: datetime
    covers: str
    source: str
    sections: tuple[Section, ...]
    message: bool = False


def clean(text: str, most: int = LONGEST) -> str:
    """Text that is not ours, as it may stand in a document: harmless, and at most ``most`` long."""
    one_line = harmless(text[:_LONGEST_READ])
    if len(one_line) <= most and len(text) <= _LONGEST_READ:
        return one_line
    return f"{one_line[: most - 1]}…"
