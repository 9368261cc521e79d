"""Whether enough locations agree that something is wrong. Pure.

A rule with a quorum of *k* is as severe as it says once *k* locations see it at a time, or all
that look, where those are fewer. Until then it fires all the same, and is told as a medium one:
nobody is got out of bed, and no promise of the rule runs. A location that fell silent while it saw
it sees it for a while longer, and is never one that looks and does not; what it saw last stays as
it was judged then. One that has not looked since it began is waited for, but not for ever: an
outage that all would see must not wait for journeys that run every two hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from synthetic.evaluate.gauges import matches
from synthetic.evaluate.history import Gauge
from synthetic.plan.model import LOCATION, Row
from synthetic.plan.quorums import SPARING
from synthetic.store.digest import Labels
from synthetic.store.values import Alert

PATIENCE = timedelta(minutes=10)
"""So long after a rule's ``for`` those are waited for that have not looked since it began."""
ECHO = timedelta(minutes=15)
"""A location that fell silent sees what it saw last for so long."""
_NO_PROMISE = {"action": None, "acknowledge_within": None, "resolve_within": None}


def counted(
    row: Row, alerts: Sequence[Alert], gauges: Iterable[Gauge], now: datetime
) -> tuple[Alert, ...]:
    """A rule's alerts, each knowing whether its quorum is there; ``gauges`` are of its metric."""
    if row.quorum is None:
        return tuple(alerts)
    silent = {one.labels for one in alerts if one.stale}
    looked: dict[Labels, list[Gauge]] = {}
    for gauge in gauges:
        if matches(gauge.labels, row.where) and gauge.labels not in silent:
            looked.setdefault(_what(gauge.labels), []).append(gauge)
    fire: dict[Labels, list[Alert]] = {}
    for alert in alerts:
        if sees(alert, now):
            fire.setdefault(_what(alert.labels), []).append(alert)
    patience = timedelta(seconds=row.for_) + PATIENCE
    enough = {
        what: _enough(row.quorum, seen, looked.get(what, ()), now - patience)
        for what, seen in fire.items()
    }
    return tuple(
        replace(one, below_quorum=not enough[_what(one.labels)])
        if one.state == "firing" and not one.stale
        else one
        for one in alerts
    )


def sees(alert: Alert, now: datetime) -> bool:
    """Whether the alert's location sees it, or did just before it fell silent."""
    heard = alert.seen or alert.since
    return alert.state == "firing" and (not alert.stale or now - heard <= ECHO)


def _enough(
    wanted: int, fire: Sequence[Alert], looked: Iterable[Gauge], patience: datetime
) -> bool:
    """``fire`` are alerts of one thing, ``looked`` what is known of it; of one that began before
    ``patience``, only who looked since says anything against it."""
    began = min(one.since for one in fire)
    seeing = {_where(one.labels) for one in fire}
    looking = seeing | {_where(one.labels) for one in looked if one.at >= began or began > patience}
    nowhere = {""} if looking != {""} else set[str]()
    return len(seeing - nowhere) >= min(wanted, len(looking - nowhere))


def as_told(row: Row, alert: Alert) -> Row:
    """The rule as it is told of an alert."""
    return told_below(row) if alert.below_quorum else row


def told_below(row: Row) -> Row:
    """The rule below its quorum: a medium one that promises nothing, unless it is no worse."""
    if row.severity not in SPARING:
        return row
    return row.model_copy(update={"severity": "medium", **_NO_PROMISE})


def _what(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != LOCATION)


def _where(labels: Labels) -> str:
    return dict(labels).get(LOCATION, "")
