"""Grafana dashboards of the plan, over what the watcher's ``/metrics`` shows. Pure.

Each page takes its panels from headings of the plan: titles, units, the labels that a row looks at,
and on the scale the lines of the rules that hold. They ask for the Prometheus to use, so the same
files serve everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import Any

from synthetic.evaluate.rules import beyond
from synthetic.exports.prometheus import ALERT, EVALUATED, SILENT_AFTER_S, selector
from synthetic.plan.model import Metric, Part, Phase, Plan, Row, Span, Unit

TAG = "synthetic"
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA = 39
_WIDTH, _HEIGHT, _COLUMNS = 6, 7, 4
_COLOURS = {"critical": "dark-red", "high": "red", "medium": "orange", "low": "yellow"}
_UNITS: Mapping[Unit, str] = {
    "%": "percent", "ms": "ms", "s": "s", "min": "m", "h": "h", "d": "d", "count": "short",
    "per hour": "suffix: per hour", "per day": "suffix: per day", "ratio": "none", "kbps": "Kbits",
    "fps": "suffix: fps", "px": "suffix: px", "MB": "decmbytes", "GB": "decgbytes",
    "$": "currencyUSD", "bool": "bool_yes_no", "score": "none", "text": "none",
}  # fmt: skip
Panel = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A dashboard: the headings whose rows it shows, and for each how their items begin."""

    name: str
    title: str
    headings: tuple[tuple[Part, str, tuple[str, ...]], ...]
    phase: Phase = "steady"

    def rows(self, plan: Plan) -> Iterator[Row]:
        """The rows of the plan that it shows, in its order."""
        for part, heading, begins in self.headings:
            for row in plan.rows:
                here = row.metric and (row.part, row.heading) == (part, heading)
                if here and row.item.startswith(begins or ""):
                    yield row


_FEATURES = "Specific Feature Monitoring"
_HMS = "HMS Usage and Costs"
PAGES = (
    Page(
        "production",
        "Production",
        (
            ("D", "Dashboard Structure", ()),
            ("D", "User Metrics", ()),
            ("D", "Database Performance", ()),
            ("D", "Infrastructure Capacity", ()),
            ("D", _HMS, ()),
        ),
    ),
    Page(
        "launch",
        "Launch",
        (
            ("A", "Dashboard Setup for First 24 Hours", ()),
            ("A", "Metrics to Monitor Continuously", ()),
            ("A", "User Experience Indicators", ()),
        ),
        phase="launch",
    ),
    Page("features", "Features", (("A", _FEATURES, ()),)),
    Page(
        "endpoints",
        "Endpoints",
        (("D", "Response Times", ()), ("D", "Error Rates by Endpoint", ())),
    ),
    Page(
        "media",
        "Media",
        (
            ("D", _HMS, ("Streaming",)),
            ("A", _FEATURES, ("Video", "Screen Sharing", "Recording")),
            ("D", "Recording Success Rate", ()),
        ),
    ),
)


def dashboard(plan: Plan, page: Page) -> dict[str, Any]:
    """The page as Grafana's dashboard JSON, to be imported or provisioned."""
    return {
        "uid": f"{TAG}-{page.name}",
        "title": f"Synthetic: {page.title}",
        "description": "Made by `synthetic plan --grafana`: edit the plan, not this.",
        "tags": [TAG],
        "timezone": "utc",
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": _SCHEMA,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [_CHOICE]},
        "annotations": {"list": []},
        "links": [_LINK],
        "panels": _numbered(_panels(plan, page)),
    }


_CHOICE = {"type": "datasource", "name": "datasource", "label": "Source", "query": "prometheus"}
_LINK = {
    "title": "Synthetic", "type": "dashboards", "icon": "external link", "tooltip": "", "url": "",
    "tags": [TAG], "asDropdown": False, "targetBlank": False, "includeVars": True,
    "keepTime": True,
}  # fmt: skip


def _panels(plan: Plan, page: Page) -> Iterator[Panel]:
    yield from _placed(0, (_firing(), _age()))
    y = _HEIGHT
    for title, rows in _groups(plan, page).items():
        place = {"x": 0, "y": y, "w": _COLUMNS * _WIDTH, "h": 1}
        yield {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}
        panels = list(_each_once(_panel(plan, page, row) for row in rows))
        yield from _placed(y + 1, panels)
        y += 1 + _HEIGHT * -(-len(panels) // _COLUMNS)


def _groups(plan: Plan, page: Page) -> dict[str, list[Row]]:
    """The rows under the plan's headings, or what several items begin with (``Video: …``)."""
    rows = list(page.rows(plan))
    begins = Counter(_beginning(row) for row in rows)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        title = row.heading if begins[_beginning(row)] == 1 else _beginning(row)
        groups.setdefault(title, []).append(row)
    return groups


def _beginning(row: Row) -> str:
    begins, colon, _ = row.item.partition(": ")
    return begins if colon else row.heading


def _each_once(panels: Iterable[Panel]) -> Iterator[Panel]:
    """Without those that show the same as one before, in the same way."""
    shown = set()
    for panel in panels:
        what = panel["type"], panel["targets"][0]["expr"]
        if what not in shown:
            yield panel
        shown.add(what)


def _placed(y: int, panels: Sequence[Panel]) -> Iterator[Panel]:
    for number, panel in enumerate(panels):
        down, across = divmod(number, _COLUMNS)
        place = {"x": across * _WIDTH, "y": y + down * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
        yield {**panel, "gridPos": place}


def _numbered(panels: Iterable[Panel]) -> list[Panel]:
    return [{"id": number, **panel} for number, panel in enumerate(panels, start=1)]


def _panel(plan: Plan, page: Page, row: Row) -> Panel:
    metric = plan.metrics[row.metric or ""]
    labels = metric.derive.by if metric.derive else ()
    legend = " ".join(f"{{{{{name}}}}}" for name in labels) or metric.title
    steps = _steps([one for one in plan.rules(page.phase) if _is_held_to(row, one)])
    kind = _kind(row, metric, scaled=len(steps) > 1)
    return {
        "type": kind,
        "title": row.title,
        "description": f"Part {row.part}, {row.heading}: {row.item}",
        "datasource": _SOURCE,
        "targets": [_query(selector(row), legend)],
        "fieldConfig": _fields(_UNITS[metric.unit], steps, _scale(kind, steps)),
        "options": _OPTIONS[kind],
    }


def _kind(row: Row, metric: Metric, *, scaled: bool) -> str:
    if metric.unit == "bool" or (metric.derive and "fingerprint" in metric.derive.by):
        return "stat"
    over_time = any(word in row.item for word in ("chart", "timeline"))
    return "gauge" if row.kind == "item" and scaled and not over_time else "timeseries"


def _scale(kind: str, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How the lines are shown: on the gauge, which needs an end, or across the curve."""
    if kind == "gauge":
        return {"min": 0, "max": 1.5 * steps[-1]["value"]}
    mode = "line" if steps[1:] else "off"
    return {"custom": {**_CURVE, "thresholdsStyle": {"mode": mode}}} if kind == "timeseries" else {}


def _is_held_to(row: Row, rule: Row) -> bool:
    return rule.metric == row.metric and rule.where.items() <= row.where.items()


def _steps(rules: Sequence[Row]) -> list[dict[str, Any]]:
    """Colours of the scale, from the lowest value up: the worst severity that holds there."""
    ends = [-inf, *sorted({line for rule in rules for line in _lines(rule)}), inf]
    steps: list[dict[str, Any]] = []
    for low, high in pairwise(ends):
        held = {one.severity for one in rules if beyond(one, _between(low, high))}
        colour = next((_COLOURS[one] for one in _COLOURS if one in held), "green")
        if not steps or steps[-1]["color"] != colour:
            steps.append({"color": colour, "value": low if isfinite(low) else None})
    return steps


def _lines(rule: Row) -> list[float]:
    line = rule.alert
    ends = (line.min, line.max) if isinstance(line, Span) else (line,)
    return [end for end in ends if end is not None]


def _between(low: float, high: float) -> float:
    if isfinite(low) and isfinite(high):
        return (low + high) / 2
    return high - 1 if isfinite(high) else low + 1 if isfinite(low) else 0


def _firing() -> Panel:
    return {
        "type": "stat",
        "title": "Alerts that fire",
        "description": "By rule and severity, as the watcher says.",
        "datasource": _SOURCE,
        "targets": [_query(f'{ALERT}{{state="firing"}}', "{{severity}}: {{rule}}")],
        "fieldConfig": _fields("none", [{"color": "red", "value": None}], {"noValue": "none"}),
        "options": {**_OPTIONS["stat"], "textMode": "name"},
    }


def _age() -> Panel:
    steps: list[dict[str, Any]] = [
        {"color": "green", "value": None},
        {"color": "red", "value": SILENT_AFTER_S},
    ]
    return {
        "type": "stat",
        "title": "Last evaluation",
        "description": "How long ago the watcher evaluated the plan.",
        "datasource": _SOURCE,
        "targets": [_query(f"time() - {EVALUATED}", "{{instance}}")],
        "fieldConfig": _fields("s", steps, {}),
        "options": _OPTIONS["stat"],
    }


def _query(expression: str, legend: str) -> dict[str, Any]:
    return {
        "refId": "A",
        "datasource": _SOURCE,
        "expr": expression,
        "legendFormat": legend,
        "range": True,
    }


def _fields(unit: str, steps: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> Panel:
    thresholds = {"mode": "absolute", "steps": [*steps]}
    colour = {"mode": "palette-classic" if "custom" in more else "thresholds"}
    shown = {"unit": unit, "thresholds": thresholds, "color": colour, "noValue": "unknown"}
    return {"defaults": {**shown, **more}, "overrides": []}


_CURVE = {
    "drawStyle": "line", "lineInterpolation": "stepAfter", "lineWidth": 2, "fillOpacity": 0,
    "showPoints": "auto", "spanNulls": False,
}  # fmt: skip
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Mapping[str, Panel] = {
    "gauge": {
        "reduceOptions": _LAST, "showThresholdLabels": True, "showThresholdMarkers": True,
        "sizing": "auto", "minVizWidth": 75, "minVizHeight": 75, "orientation": "auto",
    },
    "stat": {
        "reduceOptions": _LAST, "colorMode": "value", "graphMode": "area", "justifyMode": "auto",
        "textMode": "auto", "wideLayout": True, "showPercentChange": False,
        "percentChangeColorMode": "standard", "orientation": "auto",
    },
    "timeseries": {
        "legend": {
            "calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom",
            "showLegend": True,
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}  # fmt: skip
