"""When what should keep arriving last arrived, and the alert when it stops. Pure.

What never arrived is not missed. Of what runs and probes observe, only what they say in any case
is: that an outage has no latency and a good day no errors is no loss. Each location is missed by
itself. Once recipes are read, each of them is missed, rather than the metrics that sources give: a
quiet night has nothing to measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.evaluate.gauges import LOOKBACK, TICK, Gauging
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.rules import OPEN, Advance, advance, changed, superseded
from synthetic.plan.model import Plan, Row
from synthetic.plan.observations import OBSERVATIONS, SOURCE_READ
from synthetic.store.digest import Labels
from synthetic.store.values import Alert

NO_DATA = Row(
    id="no-data",
    kind="check",
    part="F",
    heading="Service Status Verification",
    item="events received",
    title="No data",
    unit="s",
    alert=0,
    compare=">",
    severity="medium",
    type="infrastructure",
    cause="monitoring",
    names="metric",
    observed_by="derived",
)
"""The rule that is no row of the plan: its value is how many seconds something is overdue."""
REMEMBERED = timedelta(days=7)
"""What did not arrive for so long is not expected any more."""
ALWAYS = frozenset({"site_up", "health_up"})
"""What a probe says whatever it finds."""
_RUNS = "run_inconclusive"  # and every finished run
_NAMES = {_RUNS: "runs", SOURCE_READ: "sources"}  # what people know it as


@dataclass(frozen=True)
class Arrivals:
    """What had arrived at a moment: when each came last.

    Its keys are the labels of an alert: ``metric``, and ``location`` or ``recipe`` where there is
    one.
    """

    at: datetime
    latest: Mapping[Labels, datetime]


def intervals(plan: Plan) -> dict[str, timedelta]:
    """How often each name can be expected, once it came at all."""
    every = {
        name: one.interval
        for name, one in plan.metrics.items()
        if name in ALWAYS or name not in OBSERVATIONS
    }
    derived = [one for one in plan.metrics.values() if one.derive and _RUNS in one.derive.of]
    if derived:
        every[_RUNS] = min(one.interval for one in derived)
    if given := _given(plan):
        every[SOURCE_READ] = min(every[name] for name in given)
    return {name: timedelta(seconds=each) for name, each in every.items()}


def arrivals(working: Gauging, now: datetime, before: Arrivals | None = None) -> Arrivals:
    """What had arrived by ``now``, within what is remembered.

    ``before`` is what had arrived at an earlier moment: only what came since is asked for.
    """
    latest = dict(before.latest) if before else {}
    for name, every in intervals(working.plan).items():
        start = now - _remembered(every)
        if before:
            start = max(start, min(before.at, now - LOOKBACK * every - TICK))
        for labels, one in working.answer(name, start, now).items():
            key = _key(name, labels)
            latest[key] = max(one.latest_at, latest.get(key, one.latest_at))
    return Arrivals(now, latest)


def missed(plan: Plan, found: Arrivals, alerts: Iterable[Alert]) -> Advance:
    """The *no data* alerts at the moment of ``found``, and what changed."""
    every = {_NAMES.get(name, name): each for name, each in _expected(plan, found).items()}
    overdue = [
        _overdue(key, found.at, at, every[name])
        for key, at in found.latest.items()
        if (name := dict(key)["metric"]) in every and found.at - at < _remembered(every[name])
    ]
    expected = {one.labels for one in overdue}
    own = [one for one in alerts if one.rule == NO_DATA.id and one.state in OPEN]
    forgotten = [(one, superseded(one, found.at)) for one in own if one.labels not in expected]
    after, changes = advance(
        NO_DATA, [one for one in own if one.labels in expected], overdue, found.at
    )
    ended = [each for old, new in forgotten for each in changed(old, new, found.at)]
    return (*after, *(new for _, new in forgotten)), (*changes, *ended)


def _expected(plan: Plan, found: Arrivals) -> Mapping[str, timedelta]:
    """The intervals of what can be missed."""
    every = intervals(plan)
    read = [at for key, at in found.latest.items() if dict(key)["metric"] == _NAMES[SOURCE_READ]]
    if not read or found.at - max(read) >= _remembered(every.get(SOURCE_READ, timedelta())):
        return every
    return {name: each for name, each in every.items() if name not in _given(plan)}


def _given(plan: Plan) -> frozenset[str]:
    """The metrics that sources give."""
    return frozenset(
        name
        for name, one in plan.metrics.items()
        if one.observed_by == "source" and name not in OBSERVATIONS
    )


def _overdue(key: Labels, now: datetime, at: datetime, every: timedelta) -> Gauge:
    late = (now - at - LOOKBACK * every).total_seconds()
    return Gauge(NO_DATA.id, key, max(0.0, late), at)


def _remembered(every: timedelta) -> timedelta:
    return max(REMEMBERED, 2 * LOOKBACK * every)


def _key(name: str, labels: Labels) -> Labels:
    where = (pair for pair in labels if pair[0] in ("location", "recipe"))
    return tuple(sorted((*where, ("metric", _NAMES.get(name, name)))))
