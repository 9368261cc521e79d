"""The rules of a phase as a Prometheus rules file. Pure.

A gauge is the series ``synthetic_plan_<metric>`` of the watcher's ``/metrics``, with its labels;
how it is made stays with us. What is left is what Prometheus evaluates as we do: the last value of
1.5 intervals, a threshold, ``for`` and ``keep_firing_for`` (Prometheus 2.42 or later).

A rule with a quorum is two: one that each location fires by itself, told as we tell what is below
its quorum, and the rule proper, which counts those that do, and fires with enough of them, or with
all that look. A location looks as long as its gauge is exposed, or hardly longer.

Prometheus takes silence for recovery. So there is a rule beside the plan's by which it notices
that the watcher itself is silent; which of its figures are missing, the watcher says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.gauges import lookback
from synthetic.evaluate.quorum import ECHO, told_below
from synthetic.plan.model import LOCATION, Part, Phase, Plan, Row, Span, duration

PREFIX = "synthetic_plan_"
ALERT = "synthetic_alert"
EVALUATED = "synthetic_evaluated_timestamp_seconds"
FIRING = "severity:synthetic_alert:count"
AGE = "synthetic:evaluation_age_seconds"
SILENT_AFTER_S = 300
AT_A_LOCATION = "-at-a-location"
"""What the name of a rule ends in that each location fires by itself."""
# Names should not end in short units, or in others than Prometheus' own, says promtool.
_WORDS = {"ms": "millis", "s": "seconds", "minutes": "min", "mb": "mbytes", "gb": "gbytes"}


def series(metric: str) -> str:
    """The name under which a metric of the plan is exposed."""
    return PREFIX + "_".join(_WORDS.get(word, word) for word in metric.split("_"))


def rules_file(plan: Plan, phase: Phase, *, every_s: float = 60) -> str:
    """The file, as YAML: a group for each part of the plan that has rules in the phase.

    ``every_s`` is how often Prometheus is to evaluate them.
    """
    by_part: dict[Part, list[Row]] = {}
    for row in plan.rules(phase):
        by_part.setdefault(row.part, []).append(row)
    lines = [f"# Made by `synthetic plan --prometheus --phase {phase}`: edit the plan, not this."]
    lines += ["groups:"] if by_part else ["groups: []"]
    for part, rows in sorted(by_part.items()):
        lines += _group(f"Part {part}", every_s)
        for row in rows:
            lines += _rule(plan, row)
    if by_part:
        lines += [*_group("Watcher", every_s), *_own(plan)]
    return "\n".join(lines) + "\n"


def _group(name: str, every_s: float) -> list[str]:
    return [f"  - name: {_text(name)}", f"    interval: {_length(every_s)}", "    rules:"]


def _own(plan: Plan) -> Iterator[str]:
    """What is recorded of each watcher, and the alert when nothing comes from it.

    A watcher that is down has no series after five minutes: its last one is remembered.
    """
    age = f"time() - max by (instance) (last_over_time({EVALUATED}[1h]))"
    firing = f'count by (severity) ({ALERT}{{state="firing"}})'
    for name, recorded in ((AGE, age), (FIRING, firing)):
        yield from (f"      - record: {name}", f"        expr: {_text(recorded)}")
    yield f"      - alert: {_text(NO_DATA.id)}"
    yield f"        expr: {_text(f'absent({EVALUATED}) or ({age}) > {SILENT_AFTER_S}')}"
    yield f"        for: {_length(SILENT_AFTER_S)}"
    yield from _table("labels", _labels(plan, NO_DATA))
    yield from _table("annotations", {"summary": "The watcher says nothing"})


def _rule(plan: Plan, row: Row) -> Iterator[str]:
    if (row.quorum or 1) == 1:
        yield from _alert(plan, row, row.id, expression(plan, row))
        yield f"          value: {_text('{{ $value }}')}"
        return
    name, seen = f"{row.id}{AT_A_LOCATION}", f"{{{{ $labels.{LOCATION} }}}}"
    yield from _alert(plan, told_below(row), name, expression(plan, row))
    yield f"          value: {_text('{{ $value }}')}"
    from_ = f"it pages from {row.quorum} on, or from all that look"
    yield f"          locations: {_text(f'seen from {seen}; {from_}')}"
    at_once = row.model_copy(update={"for_": 0, "keep_firing_for": 0})
    yield from _alert(plan, at_once, row.id, _agreed(plan, row, name))
    yield f"          locations: {_text('{{ $value }}')}"


def _alert(plan: Plan, row: Row, name: str, expression: str) -> Iterator[str]:
    yield f"      - alert: {_text(name)}"
    yield f"        expr: {_text(expression)}"
    for key, length_s in (("for", row.for_), ("keep_firing_for", row.keep_firing_for)):
        if length_s:
            yield f"        {key}: {_length(length_s)}"
    yield from _table("labels", _labels(plan, row))
    yield from _table("annotations", _annotations(plan, row))


def _agreed(plan: Plan, row: Row, name: str) -> str:
    """How many locations fire ``name``, where they are as many as the quorum wants, or all.

    A location whose gauge is unknown soon neither looks nor fires, however long ``name`` goes on;
    not at once, since all are unknown while the watcher begins anew.
    """
    window = min(lookback(plan.metrics[row.metric or ""]), ECHO)
    added = ", ".join(("alertname", "alertstate", *_labels(plan, told_below(row))))
    fire = f'max without ({added}) (ALERTS{{alertname={_text(name)},alertstate="firing"}})'
    fire = f"({fire} and ignoring ({added}) {_last(row, ECHO)})"
    many = f"count without ({LOCATION}) ({fire})"
    looking = f"count without ({LOCATION}) ({_last(row, window)} or {fire})"
    return f"{many} >= {row.quorum} or {many} >= {looking}"


def _table(key: str, table: Mapping[str, str]) -> Iterator[str]:
    yield f"        {key}:"
    yield from (f"          {name}: {_text(_plain(text))}" for name, text in table.items())


def expression(plan: Plan, row: Row) -> str:
    """The condition of a rule, in PromQL."""
    value = _latest(plan, row)
    if not isinstance(row.alert, Span):
        return f"{value} {row.compare} {_number(row.alert or 0)}"
    sides = (("<", row.alert.min), (">", row.alert.max))
    return " or ".join(
        f"{value} {side} {_number(line)}" for side, line in sides if line is not None
    )


def _latest(plan: Plan, row: Row) -> str:
    return _last(row, lookback(plan.metrics[row.metric or ""]))


def _last(row: Row, within: timedelta) -> str:
    return f"last_over_time({selector(row)}[{_length(within.total_seconds())}])"


def selector(row: Row) -> str:
    """The series that a row looks at, in PromQL."""
    where = ",".join(f"{name}={_text(value)}" for name, value in sorted(row.where.items()))
    return f"{series(row.metric or '')}{f'{{{where}}}' if where else ''}"


def _labels(plan: Plan, row: Row) -> dict[str, str]:
    said = {
        "severity": row.severity,
        "type": row.type,
        "cause": row.cause,
        "id": row.id,
        "route": ", ".join(route(plan, row)),
    }
    return {name: text for name, text in said.items() if text}


def route(plan: Plan, row: Row) -> tuple[str, ...]:
    """Where the plan sends an alert of this rule: ``slack #alerts``, ``sentry`` and so on."""
    severity = row.severity
    return tuple(
        dict.fromkeys(
            " ".join(filter(None, (to.channel, to.place)))
            for one in plan.routes
            if severity and one.takes(severity, row.type)
            for to in one.to
        )
    )


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
