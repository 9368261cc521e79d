"""How incidents, alerts and the outbox are printed: for people, and as JSON for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from synthetic.commands.replaying import as_json as transition_as_json
from synthetic.commands.replaying import changed, messages
from synthetic.evaluate.quorum import as_told
from synthetic.evaluate.titles import rules_of
from synthetic.notify.grouping import Firing
from synthetic.notify.scene import named
from synthetic.plan.model import Plan
from synthetic.reports.outages import described
from synthetic.reports.words import figure, instant, span
from synthetic.rounds import Round
from synthetic.store.values import Alert, Incident, Parcel, Silence
from synthetic.watch.status import Status
from synthetic.wording import fit, harmless

_PROBLEM = 120
_INCIDENTS = TypeAdapter(list[Incident])
_ALERTS = TypeAdapter(list[Alert])
_SILENCES = TypeAdapter(list[Silence])
_PARCELS = TypeAdapter(list[Parcel])


def round_told(plan: Plan, done: Round) -> str:
    """What a round changed, whom it told, and what became of that."""
    lines = [
        *(changed(plan, one) for one in done.evaluation.transitions),
        *messages(done.decision.parcels),
    ]
    firing = sum(one.state == "firing" for one in done.evaluation.alerts)
    known = sum(bool(gauges) for gauges in done.evaluation.gauges.values())
    lines.append(
        f"{instant(done.at)}, phase {done.phase}: {firing} alerts fire; "
        f"{known} of {len(done.evaluation.gauges)} metrics of rules are known"
    )
    counts = vars(done.delivered) | {"problems": 0}
    told = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return "\n".join([*lines, *([f"Messages: {', '.join(told)}"] if told else [])])


def round_as_json(done: Round) -> str:
    """The same for programs."""
    said = {
        "at": done.at.isoformat(),
        "phase": done.phase,
        "transitions": [json.loads(transition_as_json(one)) for one in done.evaluation.transitions],
        "alerts": _dumped(_ALERTS, done.evaluation.alerts),
        "incidents": _dumped(_INCIDENTS, done.decision.incidents),
        "parcels": _dumped(_PARCELS, done.decision.parcels),
        "delivered": vars(done.delivered),
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def standing_told(
    plan: Plan,
    status: Status,
    silences: Iterable[Silence],
) -> str:
    """Each open incident with its alerts, then alerts that are in none, then why nobody can tell,
    if so, or that nothing is wrong; and silences."""
    now, left = status.at, {(one.rule, one.labels): one for one in status.alerts}
    lines: list[str] = []
    for incident in status.incidents:
        lines += [described(incident, now), f"  {incident.id}"]
        own = [left.pop(key) for key in incident.members if key in left]
        lines += [f"  {_alert(plan, one, now)}" for one in own]
    lines += [_alert(plan, one, now) for one in left.values()]
    if status.doubts:
        known = "Not all is known" if lines else "Nothing is known"
        lines.append(f"{known}: {'; '.join(status.doubts)}.")
    elif not lines:
        lines = ["Nothing is wrong, as far as is known."]
    lines += [
        f"{one.matches}: nobody is told until {instant(one.ends_at)}, since {harmless(one.reason)} "
        f"({harmless(one.by)})"
        for one in silences
    ]
    return "\n".join(lines)


def _alert(plan: Plan, alert: Alert, now: datetime) -> str:
    row = rules_of(plan).get(alert.rule)
    if row is None:
        return harmless(f"{alert.state} {alert.rule}")
    row = as_told(row, alert)
    metric = plan.metrics.get(row.metric or "")
    value = f" {figure(alert.value, metric.unit)}" if metric else ""
    place = dict(alert.labels).get("location")
    where = f" at {fit(place, 40)}" if place else ""
    stale = ", without new figures" if alert.stale else ""
    lasts = span(now - min(now, alert.since))
    return (
        f"{alert.state} {row.severity}: {named(plan, Firing(alert, row))}{value}{where} "
        f"for {lasts}{stale} ({row.id})"
    )


def standing_as_json(status: Status, silences: Iterable[Silence]) -> str:
    """The same for programs."""
    said = {
        "incidents": _dumped(_INCIDENTS, status.incidents),
        "alerts": _dumped(_ALERTS, status.alerts),
        "doubts": status.doubts,
        "silences": _dumped(_SILENCES, silences),
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def outbox_told(waiting: Iterable[Parcel], lost: Iterable[Parcel], now: datetime) -> str:
    """A line for each parcel: where to, what, and what is the matter."""
    lines = [*_waiting(waiting, now), *_lost(lost)]
    return "\n".join(lines) or "Nothing waits, and nothing was given up."


def _waiting(parcels: Iterable[Parcel], now: datetime) -> Iterator[str]:
    for one in parcels:
        when = f"again in {span(one.due_at - now)}" if one.due_at > now else "due"
        yield f"{when}: {_parcel(one)}"


def _lost(parcels: Iterable[Parcel]) -> Iterator[str]:
    for one in parcels:
        yield f"given up {instant(one.given_up_at or one.created_at)}: {_parcel(one)}"


def _parcel(one: Parcel) -> str:
    place = f"{one.channel} {one.place}" if one.place else one.channel
    problem = f" ({one.tries} tries; {fit(one.problem, _PROBLEM)})" if one.problem else ""
    return f"{harmless(place)}: {harmless(one.note.title)}{problem}"


def outbox_as_json(waiting: Iterable[Parcel], lost: Iterable[Parcel]) -> str:
    """The same for programs."""
    said = {"waiting": _dumped(_PARCELS, waiting), "given_up": _dumped(_PARCELS, lost)}
    return json.dumps(said, indent=2, ensure_ascii=False)


def _dumped(adapter: TypeAdapter[Any], values: Iterable[Any]) -> Any:
    return adapter.dump_python(list(values), mode="json")
