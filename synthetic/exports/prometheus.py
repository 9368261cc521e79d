"""The rules of a phase as a Prometheus rules file. Pure.

A gauge is the series ``synthetic_plan_<metric>``, pushed at each evaluation with its labels; how
it is made stays with us. What is left is what Prometheus evaluates as we do: the last value of
1.5 intervals, a threshold, ``for`` and ``keep_firing_for`` (Prometheus 2.42 or later). The one
rule that is ours alone is missing there: Prometheus takes silence for recovery.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from synthetic.evaluate.gauges import lookback
from synthetic.plan.model import Part, Phase, Plan, Row, Span, duration

PREFIX = "synthetic_plan_"
_EVERY = "1m"


def rules_file(plan: Plan, phase: Phase) -> str:
    """The file, as YAML: a group for each part of the plan that has rules in the phase."""
    by_part: dict[Part, list[Row]] = {}
    for row in plan.rules(phase):
        by_part.setdefault(row.part, []).append(row)
    lines = [f"# Made by `synthetic plan --prometheus --phase {phase}`: edit the plan, not this."]
    lines += ["groups:"] if by_part else ["groups: []"]
    for part, rows in sorted(by_part.items()):
        lines += [f"  - name: {_text(f'Part {part}')}", f"    interval: {_EVERY}", "    rules:"]
        for row in rows:
            lines += _rule(plan, row)
    return "\n".join(lines) + "\n"


def _rule(plan: Plan, row: Row) -> Iterator[str]:
    yield f"      - alert: {_text(row.id)}"
    yield f"        expr: {_text(expression(plan, row))}"
    for key, length_s in (("for", row.for_), ("keep_firing_for", row.keep_firing_for)):
        if length_s:
            yield f"        {key}: {_length(length_s)}"
    for key, table in (("labels", _labels(row)), ("annotations", _annotations(plan, row))):
        yield f"        {key}:"
        yield from (f"          {name}: {_text(_plain(text))}" for name, text in table.items())
    yield f"          value: {_text('{{ $value }}')}"


def expression(plan: Plan, row: Row) -> str:
    """The condition of a rule, in PromQL."""
    metric = plan.metrics[row.metric or ""]
    where = ",".join(f"{name}={_text(value)}" for name, value in sorted(row.where.items()))
    series = f"{PREFIX}{metric.name}{f'{{{where}}}' if where else ''}"
    value = f"last_over_time({series}[{_length(lookback(metric).total_seconds())}])"
    if not isinstance(row.alert, Span):
        return f"{value} {row.compare} {_number(row.alert or 0)}"
    sides = (("<", row.alert.min), (">", row.alert.max))
    return " or ".join(
        f"{value} {side} {_number(line)}" for side, line in sides if line is not None
    )


def _labels(row: Row) -> dict[str, str]:
    said = {"severity": row.severity, "type": row.type, "cause": row.cause, "id": row.id}
    return {name: text for name, text in said.items() if text}


def _annotations(plan: Plan, row: Row) -> dict[str, str]:
    said = {
        "summary": row.title,
        "action": row.action,
        "runbook": plan.causes[row.cause].runbook if row.cause else None,
        "plan": f"Part {row.part}, {row.heading}, {row.item}",
        "unit": plan.metrics[row.metric or ""].unit,
    }
    return {name: text for name, text in said.items() if text}


def _length(length_s: float) -> str:
    return duration(length_s) if length_s == int(length_s) else f"{length_s * 1000:.0f}ms"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else repr(value)


def _plain(text: str) -> str:
    """Text in which Prometheus sees no template."""
    return text.replace("{{", '{{"{{"}}')


def _text(text: str) -> str:
    """A text in quotes, as YAML and PromQL both read it."""
    return json.dumps(text, ensure_ascii=False)
