"""How the state at a glance is printed: for people, 80 columns wide, and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from synthetic.evaluate.titles import rules_of
from synthetic.notify.grouping import Firing
from synthetic.notify.scene import named
from synthetic.plan.model import Plan
from synthetic.reports.outages import described
from synthetic.reports.reading import wanted
from synthetic.reports.terminal import WIDTH, table
from synthetic.reports.words import figure, instant, limit, of, span
from synthetic.store.values import Alert
from synthetic.watch.status import EXIT, Lookout, Standing, Status, Task
from synthetic.wording import columns, fit, wrapped

_STANDIN = "stand-in"
_NONE = "–"
_WORKS = {True: "yes", False: "NO", None: "unknown"}
_SIGNS = {"ok": "ok", "degraded": "below", "failed": "FAILED", "unknown": "unknown"}


def told(plan: Plan, now: Status) -> str:
    """One sentence, then what it rests on, and the command to type next."""
    lines = [_headline(now), "", *wrapped(_sentence(now), WIDTH), ""]
    lines += [*_wrong(plan, now), _features(plan, now), _tasks(now)]
    lines += [*_watching(now.lookouts, now.at), "", f"next  {_next(now)}"]
    return "\n".join(lines)


def _headline(now: Status) -> str:
    end = f" · {instant(now.at)}"
    target = f"{_STANDIN}, not the product" if now.target == _STANDIN else now.target
    return f"synthetic status · {fit(target, WIDTH - columns('synthetic status · ' + end))}{end}"


def _sentence(now: Status) -> str:
    if now.verdict == "failing":
        firing = [one for one in now.alerts if one.state == "firing"]
        many = len(now.incidents) or len(firing)
        what = "incident" if now.incidents else "alert"
        said = f"FAILING: {many} {what}{'s' if many > 1 else ''} open"
        if now.incidents:
            since = min(one.opened_at for one in now.incidents)
        else:
            since = min(one.fired_at or one.since for one in firing)
        said += f" since {_since(since, now.at)}"
        return f"{said}; and {_doubted(now)}." if now.doubts else f"{said}."
    if now.doubts:
        return f"UNKNOWN: {_doubted(now)}."
    calm = f"since {_since(now.calm_since, now.at)}" if now.calm_since else "that is known of"
    said = f"ALL RIGHT: no incident {calm}"
    pending = sum(one.state == "pending" for one in now.alerts)
    bad = [one.feature for one in now.features if one.works is False]
    but = [f"{_verb(pending, 'alert')} to fire"] if pending else []
    but += [f"{', '.join(bad)} did not work the last time"] if bad else []
    return f"{said}, but {' and '.join(but)}." if but else f"{said}."


def _verb(count: int, noun: str) -> str:
    return f"{count} {noun} begins" if count == 1 else f"{count} {noun}s begin"


def _doubted(now: Status) -> str:
    return "; ".join(now.doubts)


def _since(moment: datetime, at: datetime) -> str:
    return f"{instant(moment)} ({span(at - min(at, moment))})"


def _wrong(plan: Plan, now: Status) -> Iterator[str]:
    for incident in now.incidents:
        yield fit(described(incident, now.at), WIDTH)
        yield f"  {incident.id}"
    for alert in now.alerts:
        yield fit(f"  {_alert(plan, alert, now.at)}", WIDTH)
    if now.incidents or now.alerts:
        yield ""


def _alert(plan: Plan, alert: Alert, at: datetime) -> str:
    row = rules_of(plan).get(alert.rule)
    what = named(plan, Firing(alert, row)) if row else alert.rule
    stale = ", stale: without new figures" if alert.stale else ""
    return f"{alert.state} for {span(at - min(at, alert.since))}{stale}: {what}"


def _features(plan: Plan, now: Status) -> str:
    heads = ("feature", "works", "succeeded", "", "plan", "state")
    rows = [
        (one.feature, _WORKS[one.works], *_success(one), _target(plan, one), _SIGNS[one.state])
        for one in now.features
    ]
    shown = table(heads, rows, widths=(16, 8, 10, 16, 9, 8), right=(2, 3, 4))
    return shown or "features  nothing is known of any yet: `make smoke` looks at them\n"


def _success(one: Standing) -> tuple[str, str]:
    if one.success is None:
        return _NONE, _NONE
    return figure(one.success, "%"), of(one.success, one.count)


def _target(plan: Plan, one: Standing) -> str:
    row = one.row
    if row is None or row.target is None:
        return _NONE
    return limit(row.target, wanted(row, plan.metrics.get(row.metric or "")), "%")


def _tasks(now: Status) -> str:
    rows = [(task.name, *_times(task, now.at)) for task in now.tasks]
    return table(("what", "last", "next", ""), rows, widths=(16, 19, 19, 8), right=(1, 2))


def _times(task: Task, at: datetime) -> tuple[str, str, str]:
    if task.last is None:
        ago = f"{span(at - min(at, task.before))} ago" if task.before else "never"
        return ago, _NONE, "unknown" if task.vital else ""
    ago = f"{span(at - min(at, task.last))} ago"
    if task.due is None:
        return ago, _NONE, ""
    if task.due <= at:
        return ago, "due", "LATE" if task.late(at) else ""
    return ago, f"in {span(task.due - at)}", ""


def _watching(lookouts: tuple[Lookout, ...], at: datetime) -> Iterator[str]:
    if not lookouts:
        yield "nobody watches: `synthetic watch` does"
    for one in lookouts:
        ago = span(at - min(at, one.heard))
        silent = ": SILENT" if one.silent else ""
        yield f"watched from {fit(one.location, 40)}, last heard {ago} ago{silent}"


def _next(now: Status) -> str:
    untaken = [one for one in now.incidents if one.acknowledged_at is None]
    if untaken:
        return f"synthetic ack {untaken[0].id}"
    if now.verdict == "failing":
        return "synthetic alerts"
    return "synthetic watch" if now.doubts else "synthetic report daily"


def as_json(now: Status) -> str:
    """The same for programs."""
    said = {
        **asdict(now),
        "verdict": now.verdict,
        "exit": EXIT[now.verdict],
        "features": [_feature_json(one) for one in now.features],
        "tasks": [
            {**asdict(task), "due": task.due, "late": task.late(now.at)} for task in now.tasks
        ],
    }
    return json.dumps(said, default=_plain, indent=2, ensure_ascii=False)


def _feature_json(one: Standing) -> dict[str, Any]:
    row = one.row
    held = {"row": row.id, "target": row.target} if row else {"row": None, "target": None}
    return {**asdict(one), **held}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds()
