"""The reports that people are owed, as data: ``reports.toml`` of the plan, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from synthetic.errors import PlanError
from synthetic.plan.model import Destination, Labels, Plan, Stat
from synthetic.reports.period import Length

FILE = "reports.toml"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _with(*names: str) -> Callable[[str], str]:
    """A text in which only some names stand in braces."""

    def checked(text: str) -> str:
        if {found[1] for found in Formatter().parse(text)} - {None, *names}:
            raise ValueError(f"should have no other braces than {{{'}, {'.join(names)}}}")
        return text

    return checked


class Entry(_Data):
    """What one line of a report, or a few, are made of.

    ``row`` names a row of the plan, which has the label and the metric, unless ``metric`` names
    another; ``covers`` further rows that the line answers. ``stat`` sums up what arrives as
    samples. With ``top`` it is a list of that many values of the label ``by``, most first unless
    ``lowest`` or ``in_order`` (of the alphabet). ``trend`` has the words for rising, falling and
    stable over the period. ``form`` is how the value is said. ``recorded`` lists the texts that
    people recorded. ``words`` names a line that code makes up, ``checks`` which checks of the plan
    are ticked (what their items begin with), ``past`` headings whose figures past their lines are
    listed.
    """

    label: str = ""
    row: str | None = None
    metric: str | None = None
    covers: tuple[str, ...] = ()
    stat: Stat | None = None
    where: Labels = {}
    form: Annotated[str, AfterValidator(_with("value", "of"))] | None = None
    top: int | None = Field(default=None, gt=0)
    by: str | None = None
    lowest: bool = False
    in_order: bool = False
    trend: tuple[str, str, str] | None = None
    recorded: str | None = None
    words: str | None = None
    checks: str | None = None
    past: tuple[str, ...] = ()


class SectionOf(_Data):
    """Entries under a heading."""

    heading: str = ""
    lines: tuple[Entry, ...]


class Report(_Data):
    """A report: what it asks, when it is due, who gets it, which period it speaks of.

    ``source`` cites the plan, whose rows of kind ``item`` under ``headings`` it answers, every one.
    With ``whole_days`` the period ends at the midnight (UTC) before, else at the very moment. With
    ``health`` it says first how the product is, by its incidents; else how its own figures stand;
    then the lines labelled as ``lead`` has it. ``message`` is one whose words the plan prescribes.
    """

    name: str
    title: Annotated[str, AfterValidator(_with("hour"))]
    question: str
    source: str
    headings: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    when: str
    to: Destination | None = None
    period: Length
    whole_days: bool = True
    health: bool = False
    message: bool = False
    sections: tuple[SectionOf, ...] = Field(alias="section")

    def titled(self, hour: str = "X") -> str:
        """The title, with the hours since the launch where the plan wants them."""
        return self.title.format(hour=hour)


def reports(folder: Path | None = None) -> dict[str, Report]:
    """Every report by name, of ``folder`` or else as shipped.

    Raises :class:`~synthetic.errors.PlanError`, a sentence for each mistake.
    """
    if folder is not None and (folder / FILE).is_file():
        return _read(folder)
    return _shipped()


@cache
def _shipped() -> dict[str, Report]:
    return _read(resources.files("synthetic.plan"))


def _read(folder: Traversable) -> dict[str, Report]:
    try:
        tables = tomllib.loads(folder.joinpath(FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{FILE} cannot be read: {error}; correct it.") from error
    found, wrong = {}, list[str]()
    for name, table in tables.items():
        try:
            found[name] = Report.model_validate({"name": name, **_table(table)})
        except ValidationError as error:
            wrong += _sentences(name, error)
    if wrong:
        raise PlanError("\n".join(wrong))
    return found


def _table(table: Any) -> dict[str, Any]:
    return table if isinstance(table, dict) else {}


def _sentences(name: str, error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        place = ".".join(map(str, item["loc"]))
        yield f"{place} of report {name} in {FILE}: {item['msg'].lower()}."


def problems(
    report: Report, plan: Plan, observations: Collection[str], words: Collection[str]
) -> Iterator[str]:
    """A sentence for whatever a report names that there is not."""
    rows = {row.id for row in plan.rows}
    known = {*plan.metrics, *observations}
    headings = {row.heading for row in plan.rows}
    checks = {row.item.partition(":")[0] for row in plan.rows if row.kind == "check"}
    for section in report.sections:
        for entry in section.lines:
            for key, name, there in (
                *(("row", one, rows) for one in (entry.row, *entry.covers)),
                ("metric", entry.metric, known),
                ("recorded", entry.recorded, set(plan.metrics)),
                ("words", entry.words, words),
                ("checks", entry.checks, checks),
                *(("past", one, headings) for one in entry.past),
            ):
                if name is not None and name not in there:
                    where = f"{key} of report {report.name} in {FILE}"
                    yield f"{where} names {name}, which there is not."
