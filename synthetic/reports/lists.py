"""Lists of a report: what leads, what people wrote, what is ticked, what is past a line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from shlex import quote

from synthetic.evaluate.history import Gauge
from synthetic.plan.model import Row, Unit
from synthetic.reports import words
from synthetic.reports.definition import Entry
from synthetic.reports.document import UNKNOWN, Check, Figure, Item, Line, Listing, State, clean
from synthetic.reports.lines import WHY, asked, basis, labelled, measured, text_of, trends
from synthetic.reports.measured import What
from synthetic.reports.reading import WATCHED, Reading, judged, unit_of

_MOST_RECORDED = 5


def recorded(entry: Entry, reading: Reading) -> Iterator[Line]:
    """The texts that people recorded, the newest first."""
    name = entry.recorded or ""
    wanted_labels = entry.where.items()
    texts = [
        labels
        for labels in reading.measuring.texts(name, reading.up_to_now)
        if wanted_labels <= labels.items()
    ]
    items = tuple(Item(text_of(one), quoted=True) for one in texts[:_MOST_RECORDED])
    how = "".join(f" --label {quote(f'{key}={value}')}" for key, value in entry.where.items())
    empty = f"nobody recorded any (synthetic record {name} 1{how} --label text=…)"
    yield Listing(labelled(entry, reading), items, empty, None if items else "unknown")


def top(entry: Entry, reading: Reading) -> Iterator[Line]:
    """The values of a label with most of a figure, or least; each with the figure."""
    row, what = asked(entry, reading)
    metric = reading.metric(what.metric)
    unit = unit_of(row, metric)
    found = reading.measuring.over(what, reading.within)
    named = ((dict(one.labels).get(entry.by or ""), one) for one in found)
    way = 0 if entry.in_order else 1 if entry.lowest else -1
    ranked = sorted(
        ((who, one) for who, one in named if who),
        key=lambda pair: (way * pair[1].value, pair[0]),
    )
    items = tuple(
        Item(clean(who), _with_basis(one, unit), quoted=True) for who, one in ranked[: entry.top]
    )
    looked = reading.measuring.heard((*WATCHED, what.metric), reading.within)
    empty = "none"
    if not items and (looked is None or (metric and metric.observed_by in ("source", "manual"))):
        empty = f"{UNKNOWN}: {WHY[metric.observed_by] if metric else 'nobody looked'}"
    state: State | None = "unknown" if empty.startswith(UNKNOWN) and not items else None
    yield Listing(labelled(entry, reading), items, empty, state, ranked=not entry.in_order)


def _with_basis(one: Gauge, unit: Unit) -> str:
    rests_on = basis(one)
    return words.figure(one.value, unit) + (f" ({rests_on})" if rests_on else "")


def checks(entry: Entry, reading: Reading) -> Iterator[Line]:
    """Checks of the plan, ticked where a probe or a source can tell."""
    for row in reading.plan.rows:
        if row.kind == "check" and row.item.startswith(f"{entry.checks}:"):
            yield _check(row, reading)


def _check(row: Row, reading: Reading) -> Check:
    metric = reading.metric(row.metric or "")
    if row.metric is None or metric is None:
        return Check(row.title, said="for a person to see")
    what = What(row.metric, "latest" if metric.derive is None else None, _of(row))
    found = reading.gauge(what)
    if found is None:
        return Check(row.title, said=WHY[metric.observed_by])
    value = words.figure(found.value, unit_of(row, metric))
    ago = words.span(max(timedelta(), reading.at - found.at))
    held = reading.held(row, what)
    state = judged(held, metric, found.value) if held else None
    if metric.unit == "bool" and state is None:
        state = "ok" if found.value else "failed"
    if state is None:
        return Check(row.title, said=f"{value}, {ago} ago: for a person to judge")
    return Check(row.title, "ok" if state == "ok" else "failed", f"{value}, {ago} ago")


def past(entry: Entry, reading: Reading) -> Iterator[Line]:
    """Figures of the plan under some headings that miss their target or are past their line."""
    rows = [
        row
        for row in reading.plan.rows
        if row.heading in entry.past and row.metric and (row.target or row.alert) is not None
    ]
    lines = [
        measured(row.title, What(row.metric or "", where=_of(row)), row, reading) for row in rows
    ]
    known = [line for line in lines if line.value != UNKNOWN]
    bad = sorted(
        (line for line in known if line.state in ("failed", "degraded")),
        key=lambda line: line.state == "degraded",
    )
    items = tuple(Item(line.label, f"{line.value}, {_line_said(line)}") for line in _distinct(bad))
    all_ = f"none of {len(known)} known figures" if known else f"{UNKNOWN}: none of it was measured"
    state: State | None = "failed" if items else None if known else "unknown"
    yield Listing(labelled(entry, reading), items, all_, state)


def _of(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(row.where.items()))


def _distinct(lines: Sequence[Figure]) -> Sequence[Figure]:
    return list({line.label: line for line in reversed(lines)}.values())[::-1]


def _line_said(line: Figure) -> str:
    return f"alert line {line.alert}" if line.state == "failed" else f"target {line.target}"


KINDS: dict[str, Callable[[Entry, Reading], Iterator[Line]]] = {
    "top": top,
    "trend": trends,
    "recorded": recorded,
    "checks": checks,
    "past": past,
}
