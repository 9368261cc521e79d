"""Whether rules hold, and since when: the second of the two stages. Pure.

Threshold, ``for`` and ``keep_firing_for`` are those of Prometheus 2.42, evaluated over
``last_over_time(gauge[1.5 × interval])``. On top of it stands one rule of ours: silence resolves
nothing. Without samples an alert that fires goes on, *stale*, and one that is pending ends. What
nothing was heard of for a week, such as a location that is no more, is *superseded*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from operator import ge, gt, le, lt

from synthetic.evaluate.gauges import matches
from synthetic.evaluate.history import Gauge
from synthetic.plan.model import Comparison, Row, Span
from synthetic.store.values import Alert, State, Transition

Advance = tuple[tuple[Alert, ...], tuple[Transition, ...]]
OPEN = ("pending", "firing")
GONE = timedelta(days=7)
_PAST: Mapping[Comparison, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def beyond(row: Row, value: float) -> bool:
    """Whether a value is past a rule's alert line; on the line only by ``>=`` and ``<=``."""
    line = row.alert
    if isinstance(line, Span):
        below = line.min is not None and value < line.min
        return below or (line.max is not None and value > line.max)
    return line is not None and _PAST[row.compare or ">"](value, line)


def advance(
    row: Row,
    alerts: Iterable[Alert],
    gauges: Iterable[Gauge],
    now: datetime,
    *,
    silence_resolves: bool = False,
) -> Advance:
    """The rule's alerts after ``now``, and what changed; an alert that just ended is among them.

    ``alerts`` are those before it, of this rule or of any, ``gauges`` what is known of the rule's
    metric: one alert for each label set that ``where`` leaves. ``silence_resolves`` takes our own
    rule away, which leaves Prometheus'.
    """
    before = {one.labels: one for one in alerts if one.rule == row.id and one.state in OPEN}
    known = {one.labels: one for one in gauges if matches(one.labels, row.where)}
    after: list[Alert] = []
    changes: list[Transition] = []
    for labels in sorted({*before, *known}):
        old, gauge = before.get(labels), known.get(labels)
        if not silence_resolves and _older(gauge, old):
            gauge = None
        if gauge is None and old is not None and not silence_resolves:
            new: Alert | None = _silent(old, now)
        elif gauge is not None and beyond(row, gauge.value):
            new = _held(row, old, gauge, now)
        else:
            new = _ceased(row, old, gauge, now)
        if new is not None:
            after.append(new)
            changes += changed(old, new, now, gauge)
    return tuple(after), tuple(changes)


def changed(
    old: Alert | None, new: Alert, now: datetime, gauge: Gauge | None = None
) -> list[Transition]:
    """The transition from one to the other, if it is one."""
    if old is not None and old.state == new.state:
        return []
    value = gauge.value if gauge else new.value
    return [Transition(now, new.rule, new.state, value, new.labels)]


def superseded(alert: Alert, now: datetime) -> Alert:
    """An alert whose rule is no more: a firing one is not resolved by that."""
    state: State = "superseded" if alert.state == "firing" else "inactive"
    return replace(alert, state=state, ended_at=now)


def _held(row: Row, old: Alert | None, gauge: Gauge, now: datetime) -> Alert:
    new = replace(
        old or Alert(row.id, gauge.labels, "pending", now, gauge.value),
        value=gauge.value,
        kept_since=None,
        seen=gauge.at,
        stale=False,
    )
    if new.state == "pending" and (now - new.since).total_seconds() >= row.for_:
        return replace(new, state="firing", fired_at=now)
    return new


def _ceased(row: Row, old: Alert | None, gauge: Gauge | None, now: datetime) -> Alert | None:
    if old is None:
        return None
    seen = gauge.at if gauge else old.seen
    if old.state == "pending":
        return replace(old, state="inactive", ended_at=now, seen=seen)
    kept_since = old.kept_since or now
    if (now - kept_since).total_seconds() < row.keep_firing_for:
        return replace(old, kept_since=kept_since, seen=seen, stale=False)
    return replace(old, state="resolved", ended_at=now, seen=seen, stale=False)


def _older(gauge: Gauge | None, old: Alert | None) -> bool:
    """Whether a sample was made before one that was seen: a second-best source says nothing new."""
    return bool(gauge and old and old.seen and gauge.at < old.seen)


def _silent(old: Alert, now: datetime) -> Alert:
    if old.state == "pending":
        return replace(old, state="inactive", ended_at=now)
    if now - (old.seen or old.since) > GONE:
        return superseded(old, now)
    return replace(old, stale=True)
