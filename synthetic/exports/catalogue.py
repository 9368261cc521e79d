"""The plan as one list of objects: every metric, row, route and tier, with the same keys. Pure.

Contract 5. Durations are texts such as ``5m``; numbers are in the plan's own units, ranges are
``{min, max}``; what an object does not have is null. A ``gauge`` is a metric: where the plan first
speaks of it, and how it is made; one of our own, of which it does not speak, is not listed. A
route or a tier follows from alerts, so it is ``derived``. The one rule that is no row of the plan,
*no data*, is listed too: a replay may name it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.plan.model import Metric, Phase, Plan, Route, Row, Span, Tier, duration

KEYS = (
    "id", "kind", "part", "heading", "item", "title", "metric", "where", "unit", "target", "alert",
    "compare", "severity", "type", "cause", "window", "for", "keep_firing_for", "quorum", "phase",
    "key", "action", "acknowledge_within", "resolve_within", "observed_by", "reason", "setting",
    "baseline", "when", "interval", "derive", "severities", "types", "to", "who", "after",
)  # fmt: skip
GAUGE = "gauge"


def catalogue(plan: Plan, phase: Phase | None = None) -> list[dict[str, Any]]:
    """All of it; with ``phase``, without the rules that do not hold in it."""
    firing = {row.id for row in plan.rules(phase)} if phase else set()
    rows = [row for row in plan.rows if not (phase and row.alerts) or row.id in firing]
    return [
        {key: one.get(key) for key in KEYS}
        for one in (
            *(_row(plan, row) for row in (*rows, NO_DATA)),
            *_gauges(plan),
            *map(_route, plan.routes),
            *map(_tier, plan.tiers),
        )
    ]


def _row(plan: Plan, row: Row) -> dict[str, Any]:
    metric = plan.metrics.get(row.metric or "")
    window = row.window or (metric.derive.window if metric and metric.derive else None)
    return {
        **row.model_dump(exclude={"for_"}),
        "where": row.where or None,
        "unit": row.unit or (metric.unit if metric else None),
        "target": _line(row.target),
        "alert": _line(row.alert),
        "window": _length(window),
        "for": _length(row.for_),
        "keep_firing_for": _length(row.keep_firing_for),
        "acknowledge_within": _length(row.acknowledge_within),
        "resolve_within": _length(row.resolve_within),
        "observed_by": row.observed_by or (metric.observed_by if metric else None),
        "reason": row.reason or (metric.reason if metric else None),
    }


def _gauges(plan: Plan) -> Iterator[dict[str, Any]]:
    for metric in plan.metrics.values():
        spoken = _spoken_of(plan, metric.name)
        derive = metric.derive
        if spoken is None:
            continue
        yield {
            **metric.model_dump(include={"title", "unit", "observed_by", "reason"}),
            "id": f"{GAUGE}:{metric.name}",
            "kind": GAUGE,
            "metric": metric.name,
            **spoken.model_dump(include={"part", "heading", "item"}),
            "window": _length(derive.window) if derive else None,
            "interval": _length(metric.interval),
            "derive": _derivation(metric),
        }


def _spoken_of(plan: Plan, name: str) -> Row | None:
    """The first row over a metric, or else over one that is made of it."""
    asked = [name]
    for one in asked:  # grows meanwhile
        for row in plan.rows:
            if row.metric == one:
                return row
        made = (
            other.name for other in plan.metrics.values() if other.derive and one in other.derive.of
        )
        asked += [other for other in made if other not in asked]
    return None


def _derivation(metric: Metric) -> dict[str, Any] | None:
    if metric.derive is None:
        return None
    said = metric.derive.model_dump(mode="json", exclude_defaults=True)
    return {
        key: _length(value) if key in ("window", "against") else value
        for key, value in said.items()
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        **route.model_dump(mode="json"),
        "kind": "route",
        "severity": route.severities[0] if len(route.severities) == 1 else None,
        "type": route.types[0] if len(route.types) == 1 else None,
        "observed_by": "derived",
    }


def _tier(tier: Tier) -> dict[str, Any]:
    return {
        **tier.model_dump(),
        "kind": "tier",
        "after": _length(tier.after),
        "observed_by": "derived",
    }


def _line(value: float | Span | None) -> float | dict[str, float | None] | None:
    return value.model_dump() if isinstance(value, Span) else value


def _length(length_s: float | None) -> str | None:
    return duration(length_s) if length_s else None
