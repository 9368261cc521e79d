"""From an entry of a report's definition to its lines: figures, lists, trends, checks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from synthetic.evaluate.gauges import lookback
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.statistics import trend
from synthetic.plan.model import Labels, Metric, Row, Unit
from synthetic.reports import words
from synthetic.reports.definition import Entry
from synthetic.reports.document import (
    NOT_SET,
    UNKNOWN,
    Figure,
    Line,
    clean,
)
from synthetic.reports.measured import What
from synthetic.reports.reading import Reading, judged, unit_of, wanted

_SLIGHT = 0.05  # of the figure: less is stable, as evaluate.statistics has it
WHY = {
    "source": "no source gave it",
    "manual": "nobody recorded it",
    "journey": "too few runs saw it",
    "probe": "no probe saw it",
    "derived": "what it is made of is unknown",
}


def figures(entry: Entry, reading: Reading) -> Iterator[Line]:
    """A figure with what it is held against and how it was before."""
    row, what = asked(entry, reading)
    metric = reading.metric(what.metric)
    label = labelled(entry, reading)
    if metric and metric.unit == "text":
        yield _said(label, what.metric, reading)
        return
    yield measured(label, what, row, reading, entry.form)


def asked(entry: Entry, reading: Reading) -> tuple[Row | None, What]:
    """The figure that an entry asks for, and its row where that is about this very figure."""
    row = reading.row(entry.row)
    name = entry.metric or (row.metric if row else None) or ""
    own = row if row and row.metric == name else None
    where = {**(own.where if own else {}), **entry.where}
    by = (entry.by,) if entry.by else ()
    return own, What(name, entry.stat, tuple(sorted(where.items())), by)


def labelled(entry: Entry, reading: Reading) -> str:
    """What a line is called: as the report says, else as the plan does."""
    row = reading.row(entry.row)
    metric = reading.metric(entry.metric or "")
    return entry.label or (row.title if row else metric.title if metric else entry.metric or "")


def measured(
    label: str, what: What, row: Row | None, reading: Reading, form: str | None = None
) -> Figure:
    """The line of one figure over the period."""
    metric = reading.metric(what.metric)
    now, before = reading.gauge(what), reading.gauge_before(what)
    unit = unit_of(row, metric)
    held = reading.held(row, what)
    target, alert = _lines_to_keep(held, metric)
    if now is None:
        why = WHY[metric.observed_by] if metric else "nothing of it was seen"
        return Figure(label, target=target, remark=why)
    moved = (
        words.change(now.value, before.value, unit, metric.better if metric else None)
        if before
        else ""
    )
    return Figure(
        label,
        value=_formed(now, unit, form),
        state=judged(held, metric, now.value) if held else None,
        basis="" if form else basis(now),
        target=target,
        alert=alert,
        before=words.figure(before.value, unit) if before else "",
        change=moved,
        remark=_age(what, now, metric, reading),
    )


def _lines_to_keep(row: Row | None, metric: Metric | None) -> tuple[str, str]:
    if row is None:
        return "", ""
    unit = unit_of(row, metric)
    blank = NOT_SET if row.setting else ""
    target = blank if row.target is None else words.limit(row.target, wanted(row, metric), unit)
    alert = "" if row.alert is None else words.limit(row.alert, row.compare, unit)
    return target, alert


def _formed(now: Gauge, unit: Unit, form: str | None) -> str:
    value = words.figure(now.value, unit)
    if form is None:
        return value
    counted = now.count is not None and now.low is not None
    of = f"{round(now.value * now.count / 100)}/{now.count}" if counted and now.count else value
    return form.format(value=value, of=of)


def basis(now: Gauge) -> str:
    """What a share rests on: a percentage never stands alone."""
    return words.of(now.value, now.count) if now.count and now.low is not None else ""


def _age(what: What, now: Gauge, metric: Metric | None, reading: Reading) -> str:
    """Since when nothing newer has come, of a figure that should have come again since."""
    if metric is None or metric.derive or not reading.measuring.takes_latest(what):
        return ""
    late = reading.measuring.span(what, reading.within).end - now.at > lookback(metric)
    return f"nothing newer than {words.instant(now.at)}" if late else ""


def _said(label: str, name: str, reading: Reading) -> Figure:
    """The newest text that a person recorded."""
    texts = reading.measuring.texts(name, reading.up_to_now)
    if not texts:
        return Figure(label, remark=f"nobody recorded it: synthetic record {name}")
    return Figure(label, value=text_of(texts[0]))


def text_of(labels: Labels) -> str:
    """What a recorded text says."""
    return clean(labels.get("text") or ", ".join(labels.values()))


def trends(entry: Entry, reading: Reading) -> Iterator[Line]:
    """Where a figure went over the period: by its days, or for a day against the day before."""
    _, what = asked(entry, reading)
    metric = reading.metric(what.metric)
    now, before = reading.gauge(what), reading.gauge_before(what)
    went = _direction(what, reading, now, before)
    rising, falling, stable = entry.trend or ("up", "down", "stable")
    said = {"rising": rising, "falling": falling, "stable": stable}.get(went, UNKNOWN)
    unit = unit_of(None, metric)
    title = metric.title if metric else what.metric
    figure = f"{title} {words.figure(now.value, unit)}" if now else ""
    remark = "" if said != UNKNOWN else "too little is known of it"
    yield Figure(
        labelled(entry, reading),
        said,
        basis=figure,
        before=words.figure(before.value, unit) if before else "",
        remark=remark,
    )


def _direction(what: What, reading: Reading, now: Gauge | None, before: Gauge | None) -> str:
    if reading.within.length > timedelta(days=1):
        return trend(reading.measuring.series(what, reading.within, timedelta(days=1)))
    if now is None or before is None:
        return "unknown"
    moved = now.value - before.value
    if abs(moved) <= _SLIGHT * abs(before.value):
        return "stable"
    return "rising" if moved > 0 else "falling"
