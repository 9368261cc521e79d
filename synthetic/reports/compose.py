"""A report's definition and what is known at a moment, made a document. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from synthetic.evaluate.phases import phase_at
from synthetic.reports.computed import WORDS, health_of
from synthetic.reports.definition import Entry, Report
from synthetic.reports.document import (
    NOT_SET,
    UNKNOWN,
    Check,
    Document,
    Figure,
    Line,
    Listing,
    Section,
    State,
)
from synthetic.reports.lines import figures
from synthetic.reports.lists import KINDS
from synthetic.reports.reading import Reading
from synthetic.reports.told import compared, with_colon

_PHASES = {
    "launch": "the first 24 hours",
    "week1": "the first week",
    "month1": "the first month",
    "steady": "steady operation",
}
_MOST_NAMED = 3


def compose(report: Report, reading: Reading) -> Document:
    """The report at the reading's moment."""
    sections, lines = [], list[Line]()
    for one in report.sections:
        before = len(lines)
        for entry in one.lines:
            lines += _lines(entry, reading, lines)
        sections.append(Section(one.heading, tuple(lines[before:])))
    answer = _answer(report, reading, lines)
    return Document(
        name=report.name,
        title=report.titled(_hour(reading.launch_at, reading.at)),
        question=report.question,
        word=answer.word,
        answer=answer.first,
        more=answer.more,
        state=answer.state,
        target=reading.target,
        at=reading.at,
        covers=_covers(reading, compared=any(map(_has_past, lines))),
        source=f"Monitoring plan, {report.source}",
        sections=tuple(sections),
        message=report.message,
    )


def _lines(entry: Entry, reading: Reading, above: Sequence[Line]) -> list[Line]:
    if entry.words:
        return list(WORDS[entry.words](entry, reading, above))
    kind = next((kind for kind in KINDS if getattr(entry, kind)), None)
    return list(KINDS[kind](entry, reading) if kind else figures(entry, reading))


def _hour(launch_at: datetime | None, at: datetime) -> str:
    """Whole hours since the launch, as the plan's ``[Hour X]``."""
    if launch_at is None:
        return "not set"
    return str(int((at - launch_at).total_seconds() // 3600))


def _covers(reading: Reading, *, compared: bool) -> str:
    phase = _PHASES[phase_at(reading.plan, reading.launch_at, reading.at)]
    against = reading.within.said_before if compared else ""
    return f"{reading.within}{against}. {phase[:1].upper()}{phase[1:]}."


@dataclass(frozen=True)
class _Answer:
    word: str
    state: State | None
    first: str
    more: str


def _answer(report: Report, reading: Reading, lines: Sequence[Line]) -> _Answer:
    """One word, its state, the sentence that says most of it, and what else matters."""
    named = {one.label: one for one in reversed(_figures(lines))}
    leads = " ".join(_in_brief(named[name]) for name in report.lead if name in named)
    told = _told(lines)
    if report.health:
        now = health_of(reading)
        why = f"{now.why[:1].upper()}{now.why[1:]}."
        return _Answer(now.colour, now.state, why, f"{leads} {told}".strip())
    state, word = _of_figures(lines)
    if word:
        return _Answer(word, state, told.removeprefix(f"{word}: "), leads)
    return _Answer(word, state, leads or told, told if leads else "")


def _of_figures(lines: Sequence[Line]) -> tuple[State | None, str]:
    """How the figures stand that are held against anything; lists count where there are none."""
    held = [line for line in _figures(lines) if _held(line)]
    others = [] if _figures(lines) else list(lines)
    states = {line.state for line in held or others}
    if "failed" in states:
        return "failed", "Past the alert line" if held else "Found wanting"
    if "degraded" in states:
        return "degraded", "Below target" if held else "Overdue"
    if not any(map(_known, lines)):
        return "unknown", "Unknown"
    return ("ok", "On target") if held else (None, "")


def _in_brief(figure: Figure) -> str:
    was = f", {compared(figure)}" if figure.before else ""
    return f"{with_colon(figure.label)} {figure.value}{was}."


def _figures(lines: Sequence[Line]) -> list[Figure]:
    return [line for line in lines if isinstance(line, Figure)]


def _held(figure: Figure) -> bool:
    """Whether it is known, and held against anything that is known."""
    return figure.value != UNKNOWN and bool(figure.alert or figure.target not in ("", NOT_SET))


def _has_past(line: Line) -> bool:
    return isinstance(line, Figure) and bool(line.before)


def _known(line: Line) -> bool:
    if isinstance(line, Figure):
        return line.value != UNKNOWN
    return line.state != "unknown"


def _told(lines: Sequence[Line]) -> str:
    """How many figures are known, and which are not as they should be."""
    checks = [line for line in lines if isinstance(line, Check)]
    if checks:
        return _ticked(checks)
    all_ = _figures(lines)
    if not all_:
        return " ".join(_counted(line) for line in lines if isinstance(line, Listing))
    held = [line for line in all_ if _held(line)]
    parts = [
        f"{what}: {_named(names)}"
        for what, names in (
            ("Past the alert line", [one.label for one in held if one.state == "failed"]),
            ("Below target", [one.label for one in held if one.state == "degraded"]),
        )
        if names
    ]
    if held and not parts:
        parts.append("Every known figure with a target meets it")
    if unknown := sum(line.value == UNKNOWN for line in all_):
        parts.append(f"{unknown} of {len(all_)} figures are unknown")
    if any(line.state == "degraded" for line in lines if isinstance(line, Listing)):
        parts.append("Action items are overdue")
    return "".join(f"{part}. " for part in parts).strip()


def _ticked(checks: Sequence[Check]) -> str:
    done = sum(line.state == "ok" for line in checks)
    bad = [line.text for line in checks if line.state == "failed"]
    left = len(checks) - done - len(bad)
    wanting = f"; found wanting: {_named(bad)}" if bad else ""
    return f"{done} of {len(checks)} checks are ticked, {left} are open{wanting}."


def _counted(listing: Listing) -> str:
    count = len(listing.items)
    late = ", some overdue" if listing.state == "degraded" else ""
    return f"{listing.label}: {count or 'none'}{late}."


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
