"""A report as Markdown, which also reads well as plain text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synthetic.reports.document import Check, Document, Figure, Item, Line, Listing, Prose
from synthetic.reports.told import (
    STANDIN,
    STANDIN_FIRST,
    answered,
    basis,
    details,
    signed,
    with_colon,
)

# Not within a word: an underscore; not before a letter: what opens no tag.
_MARKUP = re.compile(r"[\\`*\[\]~|]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])")
_FIRST = re.compile(r"[-+>]|#+ |\d+[.)]")
_TICKS = {"ok": "[x]", "failed": "[ ] ✗", "degraded": "[ ] !", "unknown": "[ ]"}


def markdown(document: Document) -> str:
    """The report as Markdown; of a message the title and the lines alone."""
    lines = [*_head(document)]
    for section in document.sections:
        if section.heading:
            lines += ["", f"## {escape(section.heading)}", ""]
        for line in section.lines:
            lines += _line(line, bare=document.message)
    return "\n".join(lines).strip() + "\n"


def escape(text: str) -> str:
    """Text in which Markdown and what shows it see no markup, link or mention."""
    marked = _MARKUP.sub(r"\\\g<0>", text.replace("&", "&amp;"))
    return marked.replace("@", "&#64;").replace("://", ":&#47;/")


def _head(document: Document) -> Iterator[str]:
    if document.target == STANDIN:
        yield f"{STANDIN_FIRST}\n"
    if document.message:
        yield document.title
        return
    yield f"# {escape(document.title)}"
    yield ""
    yield f"**{escape(answered(document))}**"
    yield ""
    if document.more:
        yield escape(document.more)
        yield ""
    yield escape(document.covers)


def _line(line: Line, *, bare: bool) -> Iterator[str]:
    match line:
        case Figure():
            more = basis(line) if bare else details(line)
            value = line.value if bare else signed(line)
            yield f"- {escape(with_colon(line.label))} {escape(value)}{escape(more)}"
        case Check():
            said = f" ({escape(line.said)})" if line.said else ""
            yield f"- {_TICKS[line.state]} {escape(line.text)}{said}"
        case Prose():
            yield f"{_opening(escape(line.text))}\n"
        case Listing():
            empty = "" if line.items else f" {escape(line.empty)}"
            yield f"- {escape(with_colon(line.label))}{empty}"
            for number, item in enumerate(line.items, 1):
                yield f"  {f'{number}.' if line.ranked else '-'} {_item(item)}"


def _item(item: Item) -> str:
    text = f"`{item.text.replace('`', chr(39))}`" if item.quoted else _opening(escape(item.text))
    return f"{text}: {escape(item.said)}" if item.said else text


def _opening(text: str) -> str:
    """Text at the beginning of an item, where Markdown might see another list or a heading."""
    return f"\\{text}" if _FIRST.match(text) else text
