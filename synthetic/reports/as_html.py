"""A report as one HTML file without script or anything from elsewhere, to read, mail and print."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from jinja2 import Environment, FileSystemLoader

from synthetic.reports.document import Check, Document, Figure, Line, Listing, Prose, Section
from synthetic.reports.styles import TEMPLATES, styles
from synthetic.reports.told import SIGNS, STANDIN, STANDIN_FIRST, wanting
from synthetic.reports.words import instant

_WORDS = 24  # characters; no figure is longer
_SHAPES: dict[type[Line], str] = {
    Figure: "figures",
    Check: "checks",
    Listing: "list",
    Prose: "prose",
}


def page(document: Document) -> str:
    """The report as a page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["wanting"] = wanting
    return environment.get_template("report.html").render(
        document=document,
        sections=[(one.heading, list(_groups(one)), _columns(one)) for one in document.sections],
        instant=instant(document.at),
        standin_first=STANDIN_FIRST if document.target == STANDIN else "",
        signs=SIGNS,
        longest=_WORDS,
        **styles("report.css"),
    )


def _groups(section: Section) -> Iterator[tuple[str, list[Line]]]:
    """Neighbours of one kind together: figures become one table, checks one list."""
    for shape, lines in groupby(section.lines, lambda line: _SHAPES[type(line)]):
        yield shape, list(lines)


def _columns(section: Section) -> dict[str, bool]:
    """Which columns of the table hold anything, and whether any value is a sentence."""
    figures = [line for line in section.lines if isinstance(line, Figure)]
    return {
        "target": any(one.target or wanting(one) for one in figures),
        "before": any(one.before for one in figures),
        "words": any(len(one.value) > _WORDS for one in figures),
    }
