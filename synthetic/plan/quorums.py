"""Quorums that settings give: of one rule, or of all whose figures are told by location. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from synthetic.plan.derivations import labels_of
from synthetic.plan.entries import nearest
from synthetic.plan.model import LOCATION, Metric, Row, Severity

ALL = "quorum"
"""By this name, a value is the quorum of all rules; after a row's id and a dot, of that one."""
SPARING: tuple[Severity, ...] = ("critical", "high")
"""Rules as severe as these get somebody out of bed, which a quorum may spare them; others have
none."""


def is_one(name: str) -> bool:
    """Whether a value of the settings is a quorum by its name."""
    return name.rpartition(".")[2] == ALL


def with_quorums(row: Row, values: Mapping[str, float], metrics: Mapping[str, Metric]) -> Row:
    """The row with its own quorum, else that of all, as far as that makes sense of it."""
    if row.alerts and row.severity not in SPARING:
        return row.model_copy(update={"quorum": None})
    own = values.get(f"{row.id}.{ALL}")
    everywhere = values.get(ALL) if row.quorum is None and _by_location(row, metrics) else None
    wanted = everywhere if own is None else own
    if wanted is None or not _counts(wanted):
        return row
    return row.model_copy(update={"quorum": int(wanted)})


def problems(rows: Mapping[str, Row], values: Mapping[str, float]) -> Iterator[str]:
    """A sentence for each quorum of the settings that is none."""
    for name, value in values.items():
        if not is_one(name):
            continue
        where, rule = f"{name} in SYNTHETIC_PLAN_VALUES", name.rpartition(".")[0]
        if name != ALL and not (rule in rows and rows[rule].alerts):
            known = [one.id for one in rows.values() if one.alerts]
            yield f"{where} is of no rule of the plan{nearest(rule, known)}."
        elif not _counts(value):
            yield f"{where} should be a whole number of locations, 1 or more."


def _counts(value: float) -> bool:
    return value >= 1 and float(value).is_integer()


def _by_location(row: Row, metrics: Mapping[str, Metric]) -> bool:
    """Whether it is a rule whose figures are known to be told by location."""
    return row.alerts and LOCATION in (labels_of(row.metric or "", metrics) or ())
