"""What views ask again and again: figures now, charts up to now, what went wrong most often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from synthetic.dashboard.charting import Charting
from synthetic.dashboard.charts import RANGES, USUAL, Chart, Range
from synthetic.dashboard.figures import Reading, held, reading
from synthetic.dashboard.pages import Asked
from synthetic.dashboard.states import OF_SEVERITY, OF_VERDICT
from synthetic.dashboard.watched import Watched
from synthetic.evaluate.gauges import Gauging
from synthetic.evaluate.history import Ask, Question
from synthetic.plan.model import Phase
from synthetic.reports.document import State, clean
from synthetic.store.digest import Digest
from synthetic.store.values import Incident, Transition

RANGE = {"range": tuple(RANGES)}
"""The parameter of pages with charts."""
_LONGEST_ERROR = 160


@dataclass(frozen=True)
class Glance:
    """The target at a moment; nothing is asked twice."""

    watched: Watched
    at: datetime
    phase: Phase
    ask: Ask
    working: Gauging
    range: Range

    @classmethod
    def now(cls, watched: Watched, asked: Asked) -> Glance:
        """As things are now, over the range that was asked for."""
        at, ask = watched.clock(), cache(watched.store.ask(watched.target))
        range_ = RANGES[asked.get("range", USUAL)]
        return cls(watched, at, watched.phase(at), ask, Gauging(watched.plan, ask), range_)

    def reading(self, metric: str, **where: str) -> Reading:
        """A metric now."""
        return reading(self.watched.plan, self.phase, self.working, metric, self.at, where)

    def rate(self, metric: str, **where: str) -> Reading:
        """A share now; of too few observations the share as it is, which is held against the plan
        only where all of its interval lies on one side."""
        found = self.reading(metric, **where)
        known = self.watched.plan.metrics[metric]
        if found.value is not None or known.derive is None or known.derive.least <= 1:
            return found
        easy = known.model_copy(update={"derive": known.derive.model_copy(update={"least": 1})})
        plan = self.watched.plan.model_copy(update={"metrics": {metric: easy}})
        working = Gauging(plan, self.working.ask)
        so_far = reading(plan, self.phase, working, metric, self.at, where)
        if so_far.value is None:
            return found
        few = known.derive.least - (so_far.count or 0)
        ends = {found.held.state(end) for end in (so_far.low, so_far.high)}
        return replace(so_far, state=ends.pop() if len(ends) == 1 else "unknown", few=few)

    def chart(
        self,
        metric: str,
        where: Mapping[str, str] = {},
        *,
        title: str | None = None,
        bars: bool = False,
    ) -> Chart:
        """A metric up to now, with the lines that the plan draws."""
        plan = self.watched.plan
        lines = held(plan, self.phase, metric, where).lines(plan.metrics[metric].unit)
        charting = Charting(plan, self.working.ask, self.at, self.range, self.watched.past)
        return charting.chart(metric, where, title=title, lines=lines, bars=bars)

    def errors(self, most: int = 5) -> tuple[Wrong, ...]:
        """What went wrong most often over the range, most often first."""
        answer = self.ask(Question("error", self.at - self.range.length, self.at))
        found: dict[str, list[tuple[Mapping[str, str], Digest]]] = {}
        for labels, one in answer.items():
            named = dict(labels)
            found.setdefault(named.get("fingerprint", ""), []).append((named, one))
        wrong = (_wrong(text, rows) for text, rows in found.items())
        return tuple(sorted(wrong, key=lambda one: (-one.count, one.text))[:most])

    def activity(self, most: int = 20) -> tuple[Happened, ...]:
        """What happened lately, the newest first."""
        start = self.at - timedelta(days=1)
        store, target = self.watched.store, self.watched.target
        rows = {row.id: row for row in self.watched.plan.rows}
        happened = [
            *(Happened(run.finished_at or run.started_at, OF_VERDICT[run.verdict],
                       f"{run.suite} run {run.verdict}", clean(run.location, 40),
                       f"/runs/{run.run_id}")
              for run in store.runs(target, start, self.at)),
            *(_moved(one, rows[one.rule].title if one.rule in rows else one.rule)
              for one in store.transitions(target, start, self.at)
              if one.state in ("firing", "resolved")),
            *(one for each in store.incidents(target) for one in _told(each) if one.at > start),
        ]  # fmt: skip
        return tuple(sorted(happened, key=lambda one: one.at, reverse=True)[:most])


@dataclass(frozen=True)
class Wrong:
    """A kind of error: how often it came, where, and when last."""

    text: str
    count: int
    where: str
    latest_at: datetime


@dataclass(frozen=True)
class Happened:
    """Something that happened, how that stands, and the page that says more."""

    at: datetime
    state: State
    text: str
    detail: str
    link: str


def _wrong(text: str, rows: list[tuple[Mapping[str, str], Digest]]) -> Wrong:
    places = {named.get("feature") or named.get("endpoint", "") for named, _ in rows}
    return Wrong(
        clean(text, _LONGEST_ERROR) or "an error without words",
        round(sum(one.total for _, one in rows)),
        clean(", ".join(sorted(filter(None, places)))),
        max(one.latest_at for _, one in rows),
    )


def _moved(one: Transition, title: str) -> Happened:
    labels = ", ".join(value for _, value in one.labels)
    state: State = "ok" if one.state == "resolved" else "degraded"
    return Happened(one.at, state, f"alert {one.state}: {clean(title)}", clean(labels), "/alerts")


def _told(one: Incident) -> Iterator[Happened]:
    title, state = clean(one.title), OF_SEVERITY[one.severity]
    yield Happened(one.opened_at, state, f"incident opened: {title}", one.severity, "/alerts")
    if one.acknowledged_at:
        who = clean(one.acknowledged_by or "somebody", 60)
        yield Happened(one.acknowledged_at, "unknown", f"acknowledged: {title}", who, "/alerts")
    if one.closed_at:
        yield Happened(one.closed_at, "ok", f"incident over: {title}", one.severity, "/alerts")
