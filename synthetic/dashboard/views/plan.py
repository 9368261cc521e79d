"""Plan: every row, its value now, what it is held against, and where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from synthetic.dashboard.figures import Held, Reading, held, of_gauge, worst_of
from synthetic.dashboard.glance import Glance
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.watched import Watched
from synthetic.evaluate.gauges import matches
from synthetic.plan.model import Metric, ObservedBy, Part
from synthetic.plan.model import Row as PlanRow
from synthetic.reports.document import State

STATES: tuple[State, ...] = ("failed", "degraded", "unknown", "ok")
SOURCES: Mapping[ObservedBy, str] = {
    "journey": "our runs", "probe": "our probes", "source": "a source", "derived": "worked out",
    "manual": "people",
}  # fmt: skip
_PHASES = {"launch": "launch", "week1": "first week", "month1": "first month", "steady": "steady"}


@dataclass(frozen=True)
class Row:
    """A row of the plan; ``reading`` is none where it has no figure."""

    row: PlanRow
    reading: Reading | None
    state: State | None
    source: str
    why: str
    phase: str


@dataclass(frozen=True)
class Group:
    """The rows under one heading of the plan, and how many of them stand how."""

    part: Part
    heading: str
    rows: tuple[Row, ...]

    @property
    def counts(self) -> tuple[tuple[State, int], ...]:
        """The worst first; none of what none stands."""
        found = Counter(one.state for one in self.rows)
        return tuple((state, found[state]) for state in STATES if found[state])


@dataclass(frozen=True)
class PlanNow:
    """What the page shows: ``counts`` of all rows, and of those asked for, all ``open`` to read."""

    groups: tuple[Group, ...]
    shown: int
    total: int
    counts: tuple[tuple[State, int], ...]
    states: tuple[State, ...]
    sources: Mapping[ObservedBy, str]
    parts: tuple[Part, ...]
    open: bool


def view(watched: Watched, asked: Asked) -> PlanNow:
    """The page now."""
    glance = Glance.now(watched, asked)
    firing = {one.rule for one in watched.store.alerts(watched.target) if one.state == "firing"}
    rows = [_row(glance, row, firing) for row in watched.plan.rows]
    counts = Counter(one.state for one in rows)
    shown = [one for one in rows if _wanted(one, asked)]
    return PlanNow(
        _grouped(shown), len(shown), len(rows), tuple((one, counts[one]) for one in STATES),
        STATES, SOURCES, get_args(Part), any(asked.values()),
    )  # fmt: skip


def _row(glance: Glance, row: PlanRow, firing: set[str]) -> Row:
    metric = glance.watched.plan.metrics.get(row.metric or "")
    by = row.observed_by or (metric.observed_by if metric else "manual")
    why = row.reason or (metric.reason if metric else None) or ""
    if row.setting and row.setting not in glance.watched.plan.settings:
        why = f"the plan leaves it blank, and SYNTHETIC_PLAN_VALUES has no {row.setting}"
    phase = _PHASES.get(row.phase or "", "")
    if metric is None:
        return Row(row, None, None, SOURCES[by], why, phase)
    against = _against(glance, row, metric)
    gauges = [one for one in glance.working.gauge(metric.name, glance.at)
              if matches(one.labels, row.where)]  # fmt: skip
    found = of_gauge(glance.watched.plan, metric.name, worst_of(gauges, against), against)
    state = "failed" if row.id in firing else found.state
    return Row(row, found, state, SOURCES[by], why, phase)


def _against(glance: Glance, row: PlanRow, metric: Metric) -> Held:
    """The row's own lines, or else what the plan says of that figure elsewhere."""
    if row.target is None and row.alert is None:
        return held(glance.watched.plan, glance.phase, metric.name, row.where)
    target = row if row.target is not None else None
    return Held(target, (row,) if row.alert is not None else (), metric.better)


def _wanted(one: Row, asked: Asked) -> bool:
    source = asked.get("source")
    return (
        asked.get("part", one.row.part) in ("", one.row.part)
        and asked.get("state", one.state) in ("", one.state)
        and (not source or one.source == SOURCES.get(_source(source)))
    )


def _source(name: str) -> ObservedBy:
    return next(one for one in SOURCES if one == name)


def _grouped(rows: list[Row]) -> tuple[Group, ...]:
    groups: dict[tuple[Part, str], list[Row]] = {}
    for one in rows:
        groups.setdefault((one.row.part, one.row.heading), []).append(one)
    return tuple(Group(*key, tuple(inside)) for key, inside in groups.items())


PAGE = Page(
    "/plan", "Plan", "plan.html", view,
    {"part": ("", *get_args(Part)), "state": ("", *STATES), "source": ("", *SOURCES)},
)  # fmt: skip
