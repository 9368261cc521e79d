"""Whether the entries of a plan agree with each other: a sentence for each that does not. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import pairwise

from synthetic.plan import derivations
from synthetic.plan.entries import nearest
from synthetic.plan.model import (
    BELOW,
    LOCATION,
    Cause,
    Metric,
    PhaseSpan,
    Plan,
    Route,
    Row,
    Span,
    duration,
    seconds,
)

_ID = re.compile("[A-Za-z0-9]+([-_.]+[A-Za-z0-9]+)*")
_NAME = re.compile("[a-z][a-z0-9_]*")  # Prometheus takes it, too
_NAMING = "it should be small letters, digits and _"
_SLACK_CHANNEL = re.compile("#[a-z0-9_-]{1,80}")

Names = Mapping[str, Set[str]]
"""What the plan names, valid or not, by what it is: ``metric``, ``cause``, ``phase``."""


def problems(plan: Plan, names: Names, torn: Set[str]) -> Iterator[str]:
    """A sentence for each mistake; nothing is missed where entries are ``torn``, by what it is."""
    yield from _metrics(plan.metrics.values())
    yield from derivations.problems(plan.metrics, names["metric"])
    for row in plan.rows:
        yield from _names(row, names)
        yield from _observed(row, plan.metrics.get(row.metric or ""))
        yield from _range(row)
        yield from _rule(row)
        yield from _fits(row, plan.metrics)
        yield from _reached(row)
        if "route" not in torn:
            yield from _told(row, plan.routes)
    if "row" not in torn:
        yield from _overriding(plan)
    yield from _twice(plan)
    yield from _places(plan.routes)
    yield from _causes(plan.causes, names["cause"])
    if "phase" not in torn:
        yield from _phases(plan.phases)


def _of(row: Row) -> str:
    return f"row {row.id} in part_{row.part.lower()}.toml"


def _metrics(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        where = f"metric {metric.name} in metrics.toml"
        if not _NAME.fullmatch(metric.name):
            yield f"name of {where} cannot be used: {_NAMING}, as error_rate is."
        if metric.observed_by == "manual" and not metric.reason:
            yield f"reason of {where} is missing: manual is for what nothing could observe."


def _names(row: Row, names: Names) -> Iterator[str]:
    said = {"metric": row.metric, "cause": row.cause, "phase": row.phase}
    for key, name in said.items():
        if name and name not in names[key]:
            yield f"{key} of {_of(row)} names {name}, which is no {key}{nearest(name, names[key])}."


def _observed(row: Row, metric: Metric | None) -> Iterator[str]:
    if row.metric is None and row.observed_by is None:
        yield f"observed_by of {_of(row)} is missing: a row without metric says who sees to it."
    if row.metric is None and row.observed_by == "manual" and not row.reason:
        yield f"reason of {_of(row)} is missing: manual is for what nothing could observe."
    if metric and row.observed_by not in (None, metric.observed_by):
        yield (
            f"observed_by of {_of(row)} should be {metric.observed_by} (or left out), as metric "
            f"{metric.name} has it."
        )


def _range(row: Row) -> Iterator[str]:
    for key, value in (("target", row.target), ("alert", row.alert)):
        if not isinstance(value, Span):
            continue
        if value.min is None and value.max is None:
            yield f"{key} of {_of(row)} should have min, max or both."
        elif value.min is not None and value.max is not None and value.min > value.max:
            yield f"{key} of {_of(row)} should have a min that is at most its max."


def _rule(row: Row) -> Iterator[str]:
    if row.alert is None:
        for key in ("severity", "compare", "for", "keep_firing_for", "quorum", "names"):
            if getattr(row, {"for": "for_"}.get(key, key)):
                yield f"{key} of {_of(row)} is superfluous: it belongs to an alert, and has none."
        return
    for key in ("metric", "severity", "type", "cause"):
        if getattr(row, key) is None:
            yield f"{key} of {_of(row)} is missing: an alert needs it."
    if isinstance(row.alert, Span):
        if row.compare:
            yield f"compare of {_of(row)} is superfluous: outside its range is an alert."
    elif row.compare is None:
        yield f"compare of {_of(row)} is missing: it should be > or <, on which side is an alert."


def _fits(row: Row, metrics: Mapping[str, Metric]) -> Iterator[str]:
    metric = metrics.get(row.metric or "")
    if metric is None:
        return
    if row.unit not in (None, metric.unit):
        yield (
            f"unit of {_of(row)} should be {metric.unit} (or left out), as metric {metric.name} "
            "has it."
        )
    if 0 < row.for_ < metric.interval and not metric.burst:
        yield (
            f"for of {_of(row)} should be at least {duration(metric.interval)}, or left out: "
            f"metric {metric.name} has a value only so often."
        )
    labels = derivations.labels_of(metric.name, metrics)
    if row.quorum and labels is not None and LOCATION not in labels:
        yield (
            f"quorum of {_of(row)} asks for locations, which metric {metric.name} does not tell "
            "apart: take it away."
        )
    for label in row.where:
        if not _NAME.fullmatch(label):
            yield f"where of {_of(row)} names the label {label}: {_NAMING}, as endpoint is."
        elif labels is not None and label not in labels:
            yield (
                f"where of {_of(row)} names the label {label}, which metric {metric.name} has not"
                f"{nearest(label, labels)}."
            )


def _reached(row: Row) -> Iterator[str]:
    if row.target is None or row.alert is None:
        return
    if not isinstance(row.alert, Span) and row.compare is None:
        return
    low, high = _good(row)
    asked = (row.target.min, row.target.max) if isinstance(row.target, Span) else (row.target,)
    if any(one is not None and not low <= one <= high for one in asked):
        yield f"target of {_of(row)} should be {_between(low, high)}: beyond that is its alert."


def _good(row: Row) -> tuple[float, float]:
    """Between which values a row is no alert."""
    if isinstance(row.alert, Span):
        low, high = row.alert.min, row.alert.max
    else:
        low, high = (row.alert, None) if row.compare in BELOW else (None, row.alert)
    return (-math.inf if low is None else low, math.inf if high is None else high)


def _between(low: float, high: float) -> str:
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"


def _told(row: Row, routes: Iterable[Route]) -> Iterator[str]:
    if row.severity is None or row.type is None or row.alert is None:
        return
    if not any(route.takes(row.severity, row.type) for route in routes):
        yield (
            f"severity of {_of(row)} has no route: add one to routes.toml that takes "
            f"{row.severity} alerts of type {row.type}."
        )


def _overriding(plan: Plan) -> Iterator[str]:
    known = {row.key for row in plan.rows if row.key and row.phase is None}
    for row in plan.rows:
        if row.key and row.phase and row.key not in known:
            yield (
                f"key of {_of(row)} overrides nothing: no rule without a phase has the key "
                f"{row.key}{nearest(row.key, known)}."
            )


def _twice(plan: Plan) -> Iterator[str]:
    owners: dict[str, str] = {}
    all_ = (
        *((row.id, _of(row)) for row in plan.rows),
        *((route.id, f"route {route.id} in routes.toml") for route in plan.routes),
        *((tier.id, f"tier {tier.id} in escalation.toml") for tier in plan.tiers),
    )
    for name, where in all_:
        if not _ID.fullmatch(name):
            yield f"id of {where} should be letters, digits and - _ . between them."
        if name in owners:
            yield f"id of {where} is that of {owners[name]}, too: give each its own."
        owners.setdefault(name, where)


def _places(routes: Iterable[Route]) -> Iterator[str]:
    for route in routes:
        for one in route.to:
            where = f"route {route.id} in routes.toml"
            if one.channel == "slack" and not _SLACK_CHANNEL.fullmatch(one.place or ""):
                yield f"to.place of {where} should be a Slack channel such as #alerts."


def _causes(causes: Mapping[str, Cause], names: Set[str]) -> Iterator[str]:
    for cause in causes.values():
        for name in cause.explained_by:
            if name not in names:
                yield (
                    f"explained_by of cause {cause.name} in causes.toml names {name}, which is no "
                    f"cause{nearest(name, names)}."
                )
    if way := derivations.circle({name: cause.explained_by for name, cause in causes.items()}):
        yield (
            f"explained_by of cause {way[0]} in causes.toml goes round in a circle "
            f"({' → '.join(way)}): take one of them away."
        )


def _phases(phases: Iterable[PhaseSpan]) -> Iterator[str]:
    spans = sorted(phases, key=lambda one: one.begins)
    if not spans:
        return
    if spans[0].begins:
        yield f"begins of {_in(spans[0])} should be 0s: no phase begins before it."
    for one, following in pairwise(spans):
        if one.ends is None:
            yield f"ends of {_in(one)} is missing: phase {following.name} follows it."
        elif one.ends != following.begins:
            how = "they overlap" if one.ends > following.begins else "between them is none"
            yield (
                f"begins of {_in(following)} should be {duration(one.ends)}, where phase "
                f"{one.name} ends: {how}."
            )
    if spans[-1].ends is not None:
        yield f"ends of {_in(spans[-1])} is superfluous: no phase follows it."
    if spans[-1].name != "steady":
        yield f"name of {_in(spans[-1])} should be steady: that holds without a launch, too."
    for one in spans:
        yield from _phase(one, [other.name for other in spans].count(one.name))


def _in(phase: PhaseSpan) -> str:
    return f"phase {phase.name} in phases.toml"


def _phase(phase: PhaseSpan, times: int) -> Iterator[str]:
    if times > 1:
        yield f"name of {_in(phase)} is that of another, too: a phase holds once."
    length = math.inf if phase.ends is None else phase.ends - phase.begins
    if length <= 0:
        yield f"ends of {_in(phase)} should be after {duration(phase.begins)}, where it begins."
    for text in phase.every:
        try:
            begins = float(str(seconds(text)))
        except ValueError as error:
            yield f"every.{text} of {_in(phase)} {error}."
            continue
        if begins >= length > 0:
            yield f"every.{text} of {_in(phase)} should be before {duration(length)}, its end."
