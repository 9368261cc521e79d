"""Small plans for tests."""

from __future__ import annotations

from typing import Any

from synthetic.plan.model import Metric, PhaseSpan, Plan, Row


def metric(name: str = "error_rate", **more: Any) -> Metric:
    """A metric that arrives every minute, unless told otherwise."""
    usual = {"title": name, "unit": "%", "observed_by": "source", "interval": "1m"}
    return Metric.model_validate({"name": name, **usual, **more})


def derived(name: str, stat: str, *of: str, **more: Any) -> Metric:
    """A metric that is made from others."""
    return metric(name, derive={"stat": stat, "of": of, **more})


def rule(id_: str = "high-errors", **more: Any) -> Row:
    """A rule: more than ten per cent of errors, unless told otherwise."""
    usual = {
        "kind": "rule", "part": "E", "heading": "HIGH", "item": "1", "title": id_,
        "metric": "error_rate", "alert": 10, "compare": ">", "severity": "high", "type": "error",
    }  # fmt: skip
    return Row.model_validate({"id": id_, **usual, **more})


def plan(*entries: Metric | Row | PhaseSpan) -> Plan:
    """A plan of metrics, rows and phases."""
    return Plan(
        metrics={one.name: one for one in entries if isinstance(one, Metric)},
        rows=tuple(one for one in entries if isinstance(one, Row)),
        phases=tuple(one for one in entries if isinstance(one, PhaseSpan)),
        routes=(),
        causes={},
        tiers=(),
    )
