"""A report as plain text: for the terminal, and as the note that channels dress. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from synthetic.reports.document import (
    Check,
    Document,
    Figure,
    Item,
    Line,
    Listing,
    Prose,
    Section,
    State,
)
from synthetic.reports.told import (
    STANDIN,
    STANDIN_FIRST,
    answered,
    basis,
    details,
    signed,
    with_colon,
)
from synthetic.store.values import Note
from synthetic.wording import columns, wrapped

_WIDTH = 80
_TICKS: dict[State, str] = {"ok": "☑", "degraded": "☐ !", "failed": "☐ ✗", "unknown": "☐"}


def text(document: Document) -> str:
    """The report in lines of 80 columns; of a message the title and the lines alone."""
    lines = [STANDIN_FIRST] if document.target == STANDIN else []
    lines.append(document.title)
    if not document.message:
        lines += ["", *wrapped(answered(document), _WIDTH), *wrapped(document.more, _WIDTH)]
        lines.append(document.covers)
    for section in document.sections:
        if not document.message:
            lines.append("")
        lines += [section.heading.upper()] if section.heading else []
        for line in _lines_of(section, bare=document.message):
            lines += _indented(line)
    return "\n".join(lines) + "\n"


def note(document: Document) -> Note:
    """The report as people are told of it; the same report makes the same note."""
    about = hashlib.blake2b(document.target.encode(), digest_size=4).hexdigest()
    key = f"report-{document.name}-{document.at:%Y%m%dT%H%M%SZ}-{about}"
    told = [(one.heading, "\n".join(_lines_of(one, bare=document.message)))
            for one in document.sections]  # fmt: skip
    first = "\n".join(filter(None, (answered(document), document.more, document.covers)))
    before = "" if document.message else first
    plain = document.message or not any(heading for heading, _ in told)
    return Note(
        key=key,
        incident=key,
        event="report",
        title=document.title,
        story="\n".join(filter(None, (before, *(lines for _, lines in told if plain)))),
        target=document.target,
        at=document.at,
        sections=() if plain else tuple(told),
    )


def _lines_of(section: Section, *, bare: bool) -> Iterator[str]:
    for line in section.lines:
        yield from _line(line, bare=bare)


def _line(line: Line, *, bare: bool) -> Iterator[str]:
    match line:
        case Figure() if bare:
            yield f"- {with_colon(line.label)} {line.value}{basis(line)}"
        case Figure():
            yield f"- {with_colon(line.label)} {signed(line)}{details(line)}"
        case Check():
            yield f"{_TICKS[line.state]} {line.text}" + (f" ({line.said})" if line.said else "")
        case Prose():
            yield line.text
        case Listing():
            yield f"- {with_colon(line.label)}" + ("" if line.items else f" {line.empty}")
            for number, item in enumerate(line.items, 1):
                yield f"    {f'{number}.' if line.ranked else '–'} {_item(item)}"


def _item(item: Item) -> str:
    return f"{item.text}: {item.said}" if item.said else item.text


def _indented(line: str) -> Iterator[str]:
    """A line in as many as it takes, the later ones further in."""
    indent = len(line) - len(line.lstrip()) + 2
    if columns(line) <= _WIDTH:
        yield line
        return
    first, *rest = wrapped(line, _WIDTH - indent)
    yield " " * (indent - 2) + first
    yield from (" " * indent + each for each in rest)
