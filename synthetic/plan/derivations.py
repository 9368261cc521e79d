"""Whether each metric can be made from what its derivation names. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from synthetic.plan.entries import nearest
from synthetic.plan.model import OVER_OBSERVATIONS, Derivation, Metric, Stat, Unit
from synthetic.plan.observations import LABEL_VALUES, OBSERVATIONS

_MANY = 99
_MERGING: tuple[Stat, ...] = ("least_of", "most_of", "sum_of", "first_of")


class _Shape(NamedTuple):
    """How many a stat is over, what else it needs or may have, and its unit if not theirs."""

    fewest: int = 1
    most: int = _MANY
    needs: tuple[str, ...] = ("window",)
    may: tuple[str, ...] = ("where", "by", "least", "prefer")
    unit: Unit | None = None

    def also(self, *names: str) -> tuple[str, ...]:
        """What it may have, with more."""
        return (*self.may, *names)


_PLAIN = _Shape()
_SCALED = _Shape(may=_PLAIN.also("scale"))
_COUNTING = _Shape(may=_PLAIN.also("witness"))
SHAPES: dict[Stat, _Shape] = {
    **dict.fromkeys(("mean", "lowest", "highest", "p50", "p95", "p99"), _SCALED),
    "latest": _Shape(needs=(), may=_SCALED.also("window")),
    "total": _Shape(may=_SCALED.also("witness")),
    "share": _PLAIN._replace(unit="%"),
    "burn": _Shape(1, 1, needs=("window", "objective"), unit="ratio"),
    "count": _COUNTING._replace(unit="count"),
    "newcomers": _COUNTING._replace(unit="count"),
    "per_hour": _COUNTING._replace(unit="per hour"),
    "complement": _Shape(1, 1, needs=(), may=("where",), unit="%"),
    "change": _Shape(1, 1, needs=("against",), may=("where",), unit="%"),
    "growth": _Shape(1, 1, needs=("against",), may=("where",), unit="ratio"),
    **dict.fromkeys(("percent", "excess"), _Shape(2, 2, needs=(), may=("where",), unit="%")),
    "ratio": _Shape(2, 2, needs=(), may=("where",)),
    **dict.fromkeys(_MERGING, _Shape(needs=(), may=("where", "by", "least"))),
}
_PER: Mapping[float, Unit] = {3600: "per hour", 86400: "per day"}
_SIZES: Mapping[Unit, tuple[str, float]] = {
    "ms": ("time", 1),
    "s": ("time", 1e3),
    "min": ("time", 60e3),
    "h": ("time", 3600e3),
    "d": ("time", 86400e3),
    "%": ("share", 1),
    "ratio": ("share", 100),
    "MB": ("size", 1),
    "GB": ("size", 1e3),
}
_OF_BOOLS: frozenset[Stat] = frozenset({"share", "burn"})


def problems(metrics: Mapping[str, Metric], names: Set[str]) -> Iterator[str]:
    """A sentence for each mistake in the derivations; ``names`` are those of all metrics."""
    for metric in metrics.values():
        where = f"metric {metric.name} in metrics.toml"
        if metric.name in OBSERVATIONS:
            yield from _observation(metric, OBSERVATIONS[metric.name].unit, where)
        if metric.derive is None:
            continue  # it arrives
        yield from _arguments(metric.derive, where)
        yield from _operands(metric.derive, where, metrics, names)
        yield from _labels(metric.derive, where, metrics)
        yield from _unit(metric, metric.derive, where, metrics)
    yield from _circle(metrics)


def _observation(metric: Metric, unit: Unit, where: str) -> Iterator[str]:
    if metric.derive:
        yield f"derive of {where} is superfluous: an observation of that name wins over it."
    if metric.unit != unit:
        yield f"unit of {where} should be {unit}, as it is observed."


def _arguments(derive: Derivation, where: str) -> Iterator[str]:
    shape = SHAPES[derive.stat]
    given = derive.model_fields_set - {"stat", "of"}
    for name in shape.needs:
        if not getattr(derive, name):
            yield f"derive.{name} of {where} is missing: {derive.stat} needs it."
    for name in sorted(given - {*shape.needs, *shape.may}):
        yield f"derive.{name} of {where} is superfluous: {derive.stat} has no use for it."
    if not shape.fewest <= len(derive.of) <= shape.most:
        wanted = f"{shape.fewest}" if shape.most == shape.fewest else f"{shape.fewest} or more"
        yield f"derive.of of {where} should name {wanted}: that is what {derive.stat} is over."


def _operands(
    derive: Derivation, where: str, metrics: Mapping[str, Metric], names: Set[str]
) -> Iterator[str]:
    observing = derive.stat in OVER_OBSERVATIONS
    known = names | set(OBSERVATIONS) if observing else names
    for name in derive.of:
        if name in metrics and observing and metrics[name].derive:
            yield (
                f"derive.of of {where} names {name}, which is derived: {derive.stat} is over "
                "observations, or a metric whose samples arrive."
            )
        elif name in OBSERVATIONS and not observing and name not in names:
            yield (
                f"derive.of of {where} names {name}, which is an observation: {derive.stat} is "
                "over metrics, so make one of it first."
            )
        elif name not in known:
            what = "no metric and no observation" if observing else "no metric"
            yield f"derive.of of {where} names {name}, which is {what}{nearest(name, known)}."
    if derive.witness and derive.witness not in names | set(OBSERVATIONS):
        yield (
            f"derive.witness of {where} names {derive.witness}, which is no metric and no "
            f"observation{nearest(derive.witness, names | set(OBSERVATIONS))}."
        )


def labels_of(name: str, metrics: Mapping[str, Metric]) -> frozenset[str] | None:
    """The labels that a metric or an observation can have; ``None``: whatever arrives."""
    if name in OBSERVATIONS:
        return frozenset(OBSERVATIONS[name].labels)
    derive = metrics[name].derive if name in metrics else None
    if derive is None:
        return None
    if derive.stat in (*OVER_OBSERVATIONS, *_MERGING):
        return frozenset(derive.by)
    others = {one: metric for one, metric in metrics.items() if one != name}  # ends any circle
    return labels_of(derive.of[0], others)


def _labels(derive: Derivation, where: str, metrics: Mapping[str, Metric]) -> Iterator[str]:
    sources = ("source",) if derive.prefer else ()
    for name in derive.of:
        known = labels_of(name, metrics)
        for key, label in (
            *(("where", label) for label in derive.where),
            *(("by", label) for label in derive.by),
            *(("prefer", label) for label in sources),
        ):
            if known is not None and label not in known:
                yield (
                    f"derive.{key} of {where} names the label {label}, which {name} has not"
                    f"{nearest(label, known)}."
                )
    for label, value in (*derive.where.items(), *(("source", one) for one in derive.prefer)):
        if value not in LABEL_VALUES.get(label, (value,)):
            key = "where" if derive.where.get(label) == value else "prefer"
            yield (
                f"derive.{key} of {where} names the {label} {value}, which there is not: it is "
                f"one of {', '.join(LABEL_VALUES[label])}."
            )


def _unit(
    metric: Metric, derive: Derivation, where: str, metrics: Mapping[str, Metric]
) -> Iterator[str]:
    units = {unit for name in derive.of if (unit := _unit_of(name, metrics))}
    if derive.stat in _OF_BOOLS and units - {"bool"}:
        yield (
            f"derive.stat of {where} should not be {derive.stat}: that is over what is 0 or 1, "
            f"and {derive.of[0]} is in {_unit_of(derive.of[0], metrics)}."
        )
        return
    scale = _scale(units, metric.unit)
    if scale is not None and "scale" in SHAPES[derive.stat].may:
        if not math.isclose(derive.scale, scale):
            yield f"derive.scale of {where} should be {scale:g}, which makes {metric.unit} of it."
        return
    wanted = _units_of(derive, units)
    if wanted and metric.unit not in wanted:
        yield (
            f"unit of {where} should be {' or '.join(wanted)}, not {metric.unit}: that is what "
            f"{derive.stat} gives."
        )


def _scale(units: Set[Unit], wanted: Unit) -> float | None:
    """What turns the one unit into the wanted one; ``None``: nothing does."""
    if units == {wanted}:
        return 1
    sizes = [_SIZES.get(unit) for unit in (*units, wanted)]
    if len(sizes) != 2 or sizes[0] is None or sizes[1] is None or sizes[0][0] != sizes[1][0]:
        return None
    return sizes[0][1] / sizes[1][1]


def _units_of(derive: Derivation, units: Set[Unit]) -> list[Unit]:
    """The units that a derivation's value may be told in; none: any."""
    if derive.stat == "ratio":
        return []
    if fixed := SHAPES[derive.stat].unit:
        units = {fixed}
    elif derive.stat == "total" and units == {"bool"}:
        units = {"count"}
    if units == {"count"} and derive.window in _PER:
        units = {"count", _PER[derive.window]}
    return sorted(units)


def _unit_of(name: str, metrics: Mapping[str, Metric]) -> Unit | None:
    if name in OBSERVATIONS:
        return OBSERVATIONS[name].unit
    return metrics[name].unit if name in metrics else None


def _circle(metrics: Mapping[str, Metric]) -> Iterator[str]:
    if way := circle({name: one.derive.of for name, one in metrics.items() if one.derive}):
        yield (
            f"derive.of of metric {way[0]} in metrics.toml goes round in a circle "
            f"({' → '.join(way)}): take one of them away."
        )


def circle(leads: Mapping[str, Iterable[str]]) -> list[str]:
    """A way from a name over those that it leads to back to itself; nothing where none is."""
    try:
        TopologicalSorter(leads).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
