"""How long things were up, how long outages lasted, and whether promises were kept. Pure.

Time that nobody observed is unknown: neither up nor down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.evaluate.gauges import lookback
from synthetic.evaluate.history import Ask, Question
from synthetic.evaluate.statistics import Share
from synthetic.plan.model import Metric, Plan, Row
from synthetic.store.digest import Labels
from synthetic.store.values import Incident, Transition

_STEP = timedelta(hours=1)  # no finer than what is kept of a year


@dataclass(frozen=True)
class Uptime:
    """How a span of time divides."""

    up: timedelta
    down: timedelta
    unknown: timedelta

    @property
    def share(self) -> float | None:
        """Per cent up of the time that is known."""
        known = self.up + self.down
        return 100 * (self.up / known) if known else None


def uptime(
    metric: Metric, ask: Ask, start: datetime, end: datetime, step: timedelta = _STEP
) -> Uptime:
    """The uptime by observations of 0 and 1, such as those of ``site_up``.

    In each step an observation vouches for 1.5 of the metric's intervals; what the best observed
    label set (a location) leaves open is unknown.
    """
    up = down = timedelta()
    at = start
    while at < end:
        until = min(at + step, end)
        found = tuple(ask(Question(metric.name, at, until)).values())
        if found:
            most = max(one.count for one in found)
            known = min(until - at, most * lookback(metric))
            good = sum(one.total for one in found) / sum(one.count for one in found)
            up, down = up + good * known, down + (1 - good) * known
        at = until
    return Uptime(up, down, end - start - up - down)


@dataclass(frozen=True)
class Outage:
    """A time in which an alert fired; without an end it still does, or nobody can tell."""

    rule: str
    labels: Labels
    began: datetime
    ended: datetime | None


def outages(transitions: Iterable[Transition]) -> tuple[Outage, ...]:
    """The outages of alerts' transitions, in the order of their beginnings.

    One whose rule was taken away has no end: nobody saw it recover.
    """
    open_: dict[tuple[str, Labels], datetime] = {}
    found: list[Outage] = []
    for one in sorted(transitions, key=lambda one: one.at):
        key = (one.rule, one.labels)
        if one.state == "firing":
            open_.setdefault(key, one.at)
        elif one.state in ("resolved", "superseded") and key in open_:
            ended = one.at if one.state == "resolved" else None
            found.append(Outage(*key, open_.pop(key), ended))
    found += [Outage(*key, began, None) for key, began in open_.items()]
    return tuple(sorted(found, key=lambda one: (one.began, one.rule, one.labels)))


def mean_time_to_recovery(lasted: Iterable[tuple[datetime, datetime | None]]) -> timedelta | None:
    """The average of outages that ended, each as its beginning and end."""
    took = [ended - began for began, ended in lasted if ended is not None]
    return sum(took, timedelta()) / len(took) if took else None


def promises_kept(incidents: Iterable[Incident], plan: Plan, now: datetime) -> Share | None:
    """How many promises of the plan's rules were kept: taken up in time, resolved in time.

    Of an incident's rules the strictest holds; one that never had its quorum promised nothing, and
    who is called anew, since it got worse, answers for what was promised from then on. A
    promise is decided when it was kept or its time is over. What became part of another incident is
    not counted beside it.
    """
    rows = {row.id: row for row in plan.rows}
    decided: list[bool] = []
    for one in incidents:
        if one.part_of is not None:
            continue
        began = [(rows[rule], since) for rule, since in _promised(one) if rule in rows]
        answered = one.acknowledged_at or one.closed_at
        for done, limits in (
            (answered, [(since, row.acknowledge_within) for row, since in _asked(one, began)]),
            (one.closed_at, [(since, row.resolve_within) for row, since in began]),
        ):
            ends = [
                since + timedelta(seconds=limit) for since, limit in limits if limit is not None
            ]
            if not ends:
                continue
            in_time = (done or now) <= min(ends)
            if done or not in_time:
                decided.append(in_time)
    return Share(sum(decided), len(decided)) if decided else None


def _asked(one: Incident, began: Sequence[tuple[Row, datetime]]) -> Sequence[tuple[Row, datetime]]:
    """The promises that an answer is held against: once the incident called anew, those since.

    The answer of before is forgotten then, which was in time unless others had to be called.
    """
    if one.asked_at is None or one.unanswered:
        return began
    return [each for each in began if each[1] >= one.asked_at] or began


def _promised(one: Incident) -> Iterable[tuple[str, datetime]]:
    if one.promised is not None:
        return one.promised
    return ((rule, one.opened_at) for rule, _ in one.members)
