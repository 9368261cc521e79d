"""What to do: a page of the runbook, where it lies beside the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

import synthetic
from synthetic.dashboard.pages import Asked, NotThere, Page
from synthetic.dashboard.watched import Watched

_ROOT = Path(synthetic.__file__).parents[1]
_FOLDER = "docs/runbooks"
_NAME = re.compile(r"[a-z][a-z-]*")
_ITEM = re.compile(r"^(?:\d+\.|-) +", re.MULTILINE)
_INLINE = (
    (re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md\)"), r'<a href="/runbooks/\2">\1</a>'),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<b>\1</b>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
)
"""As much of Markdown as the runbook has; what is left of the text is escaped."""


@dataclass(frozen=True)
class Block:
    """A paragraph, or the items of a list."""

    items: tuple[Markup, ...]
    kind: str


@dataclass(frozen=True)
class Runbook:
    """The page, as it was written in ``file``."""

    heading: str
    blocks: tuple[Block, ...]
    file: str


def runbook(watched: Watched, asked: Asked) -> Runbook:
    """A page of the runbook by its name; raises :class:`NotThere`."""
    del watched
    file = f"{_FOLDER}/{asked['name']}.md"
    if not _NAME.fullmatch(asked["name"]) or not (_ROOT / file).is_file():
        raise NotThere("The runbook has no such page here.")
    first, _, rest = (_ROOT / file).read_text("utf-8").partition("\n")
    return Runbook(first.lstrip("# "), tuple(_blocks(rest)), file)


def _blocks(text: str) -> Iterator[Block]:
    for part in filter(None, map(str.strip, text.split("\n\n"))):
        first = _ITEM.match(part)
        if first is None:
            yield Block((_inline(part),), "p")
            continue
        items = [one for one in _ITEM.split(part) if one.strip()]
        yield Block(tuple(map(_inline, items)), "ul" if first[0].startswith("-") else "ol")


def _inline(text: str) -> Markup:
    html = str(escape(" ".join(text.split())))
    for pattern, instead in _INLINE:
        html = pattern.sub(instead, html)
    return Markup(html)


def address(file: str, elsewhere: str | None) -> str | None:
    """Where a page of the runbook can be read: as settings say, else here, if it is here."""
    if elsewhere:
        return elsewhere.format(page=file)
    here = file.startswith(f"{_FOLDER}/") and (_ROOT / file).is_file()
    return f"/runbooks/{Path(file).stem}" if here else None


PAGE = Page("/runbooks/{name}", "Runbook", "runbook.html", runbook, listed=False)
