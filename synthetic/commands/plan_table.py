"""The plan as people read it in a terminal: a line for each item, 80 columns wide. Pure."""

from __future__ import annotations

from itertools import groupby

from synthetic.plan.model import BELOW, Comparison, Metric, Phase, Plan, Row, Span, Unit, duration
from synthetic.reports.reading import wanted
from synthetic.reports.words import figure, limit
from synthetic.wording import columns, fit

_WIDTH = 80
_TITLE, _TARGET, _ALERT = 29, 14, 24
_NONE = "–"


def table(plan: Plan, phase: Phase | None = None) -> str:
    """All rows, by part and heading; with ``phase``, without the rules that do not hold in it."""
    firing = {row.id for row in plan.rules(phase)} if phase else set()
    rows = [row for row in plan.rows if not (phase and row.alerts) or row.id in firing]
    lines = [_line("", "target", "alert", "seen by")]
    for (part, heading), each in groupby(rows, key=lambda row: (row.part, row.heading)):
        lines += ["", fit(f"Part {part} · {heading}", _WIDTH)]
        lines += (_item(plan, row) for row in each)
    return "\n".join([*lines, "", *_routes(plan)])


def _item(plan: Plan, row: Row) -> str:
    metric = plan.metrics.get(row.metric or "")
    seen_by = row.observed_by or (metric.observed_by if metric else _NONE)
    return _line(row.title, _target(row, metric), _alert(row, metric), seen_by)


def _line(*cells: str) -> str:
    widths = (_TITLE, _TARGET, _ALERT)[: len(cells) - 1]
    padded = [_padded(cell, width) for cell, width in zip(cells, widths, strict=False)]
    return " ".join([" ", *padded, cells[-1]]).rstrip()


def _padded(text: str, width: int) -> str:
    fitting = fit(text, width)
    return fitting + " " * (width - columns(fitting))


def _target(row: Row, metric: Metric | None) -> str:
    if row.target is None or metric is None:
        return "not set" if row.setting else "learned" if row.baseline else _NONE
    if row.target == 0:
        return figure(0, metric.unit)
    return _once(limit(row.target, wanted(row, metric), metric.unit), metric.unit)


def _alert(row: Row, metric: Metric | None) -> str:
    if row.alert is None or metric is None:
        return _NONE
    lasting = f" for {duration(row.for_)}" if row.for_ else ""
    return f"{row.severity} {_past(row.alert, row.compare, metric.unit)}{lasting}"


def _past(alert: float | Span, compare: Comparison | None, unit: Unit) -> str:
    if unit == "bool":
        return "if no" if compare in BELOW else "if yes"
    if not isinstance(alert, Span):
        return limit(alert, compare, unit)
    sides: tuple[tuple[Comparison, float | None], ...] = (("<", alert.min), (">", alert.max))
    text = ", ".join(limit(line, side, unit) for side, line in sides if line is not None)
    return _once(text, unit)


def _once(text: str, unit: Unit) -> str:
    """Two figures with their unit behind the second only."""
    return text.replace(f" {unit}", "", text.count(f" {unit}") - 1)


def _routes(plan: Plan) -> list[str]:
    lines = ["Routes"]
    for route in plan.routes:
        to = ", ".join(f"{one.channel} {one.place or ''}".strip() for one in route.to)
        lines.append(_line(to, fit(route.title, _WIDTH - _TITLE - 3)))
    lines += ["", "Escalation"]
    for tier in plan.tiers:
        lines.append(_line(tier.who, f"after {duration(tier.after)}" if tier.after else _NONE))
    return lines
