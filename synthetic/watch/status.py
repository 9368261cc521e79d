"""The state at a glance: what is wrong, how features do, what is done when, who watches. Pure.

Everything is read from the history. What was not looked at for too long is unknown, and unknown
never counts as fine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from synthetic.evaluate.arrivals import ALWAYS
from synthetic.evaluate.gauges import LOOKBACK, Gauging
from synthetic.evaluate.history import Ask, Gauge, Question
from synthetic.plan.model import Metric, Phase, Plan, Row
from synthetic.plan.observations import EVALUATED
from synthetic.reports.document import State
from synthetic.reports.outages import open_now
from synthetic.reports.reading import judged
from synthetic.results import Feature
from synthetic.store.values import Alert, Incident
from synthetic.watch.figures import EVERY

Verdict = Literal["fine", "failing", "unknown"]
EXIT: Mapping[Verdict, int] = {"fine": 0, "failing": 1, "unknown": 6}
RECENT = timedelta(days=1)
"""What was not done for longer is not done any more."""
EVER = timedelta(days=3650)
"""Longer than anything is kept."""
LEEWAY = timedelta(seconds=30)
"""For what is under way: nothing is late before."""
HEARTBEAT = "watch_lag_s"
"""What a watcher leaves each minute, whatever becomes of its evaluations."""
_SUCCESS, _WORKS = "feature_success", "feature_up"
_KEPT_AS = {"probes": "probe", "smoke": "smoke"}


@dataclass(frozen=True)
class Task:
    """What is done ``every`` so often, unless that is none; ``last`` is when it was, of late.

    Where it was not, ``before`` is when it was at all. Without a ``vital`` one that is late, nobody
    can tell how things stand.
    """

    name: str
    last: datetime | None
    every: timedelta | None
    vital: bool = False
    before: datetime | None = None

    @property
    def due(self) -> datetime | None:
        """When it is done next."""
        return self.last + self.every if self.last and self.every else None

    def late(self, at: datetime) -> bool:
        """Whether it was done of late, and then not when it should have been."""
        return late(self.last, self.every, at)


def late(last: datetime | None, every: timedelta | None, at: datetime) -> bool:
    """Whether what was last done at a moment, if ever, should have been done again since."""
    return bool(last and every and at > last + LOOKBACK * every + LEEWAY)


@dataclass(frozen=True)
class Standing:
    """How a feature does: whether it works now, its share of successes in per cent against the
    plan's ``row``, of so many (``count``), and what that makes of it."""

    feature: str
    works: bool | None
    success: float | None
    count: int
    row: Row | None
    state: State


@dataclass(frozen=True)
class Lookout:
    """A place that watches, when it last showed that it does, and whether that is too long ago."""

    location: str
    heard: datetime
    silent: bool


@dataclass(frozen=True)
class Status:
    """The state of a target at a moment.

    ``incidents`` are open, the worst first; ``alerts`` fire or begin to; ``calm_since`` is when the
    latest incident ended.
    """

    target: str
    at: datetime
    incidents: tuple[Incident, ...]
    alerts: tuple[Alert, ...]
    calm_since: datetime | None
    features: tuple[Standing, ...]
    tasks: tuple[Task, ...]
    lookouts: tuple[Lookout, ...]
    doubts: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """``failing`` when anything fires; else ``unknown`` where there is a doubt."""
        if self.incidents or any(one.state == "firing" for one in self.alerts):
            return "failing"
        return "unknown" if self.doubts else "fine"


def status(
    plan: Plan,
    phase: Phase,
    target: str,
    ask: Ask,
    cadence: Mapping[str, timedelta],
    incidents: Sequence[Incident],
    alerts: Iterable[Alert],
    at: datetime,
) -> Status:
    """How a target stands.

    ``cadence`` says how often there is a ``probe``, ``source``, ``evaluate``, ``smoke``, ``full``,
    where no watcher does; ``incidents`` are all that are known, ``alerts`` as the last round left
    them.
    """
    kept = _kept_by_watchers(ask, at)
    cadence = {**cadence, **kept}
    lookouts = _lookouts(ask, cadence.get("evaluate"), at)
    tasks = tuple(_tasks(plan, ask, cadence, lookouts, at))
    return Status(
        target=target,
        at=at,
        incidents=open_now(incidents),
        alerts=tuple(one for one in alerts if one.state in ("pending", "firing")),
        calm_since=max((one.closed_at for one in incidents if one.closed_at), default=None),
        features=tuple(_features(plan, phase, ask, at)),
        tasks=tasks,
        lookouts=lookouts,
        doubts=tuple(_doubts(tasks, kept, at)),
    )


def _tasks(
    plan: Plan,
    ask: Ask,
    cadence: Mapping[str, timedelta],
    lookouts: Iterable[Lookout],
    at: datetime,
) -> Iterator[Task]:
    sources = [name for name, one in plan.metrics.items() if one.observed_by == "source"]

    def task(
        name: str, shown_by: Collection[str], every: str, *, vital: bool = False, **where: str
    ) -> Task:
        last = _heard(ask, shown_by, at - RECENT, at, **where)
        before = None if last else _heard(ask, shown_by, at - EVER, at, **where)
        return Task(name, last, cadence.get(every), vital, before)

    yield task("probes", ALWAYS, "probe", vital=True)
    yield task("sources", sources, "source")
    # A run that could not tell says nothing of the target.
    yield task("smoke", ["run_failed"], "smoke", vital=True, suite="smoke")
    yield task("full", ["run_failed"], "full", suite="full")
    # Each run is followed by a round of its own; without a watcher there is none in between.
    rounds = [EVALUATED, "run_inconclusive"]
    yield task("evaluation", rounds, "evaluate" if lookouts else "smoke", vital=True)


def _heard(
    ask: Ask, names: Iterable[str], start: datetime, end: datetime, **where: str
) -> datetime | None:
    """When any of some metrics was last observed between two moments."""
    answers = (ask(Question(name, start, end)) for name in names)
    return max(
        (
            one.latest_at
            for each in answers
            for labels, one in each.items()
            if where.items() <= dict(labels).items()
        ),
        default=None,
    )


def _kept_by_watchers(ask: Ask, at: datetime) -> dict[str, timedelta]:
    """How often watchers do what; of several, as the one says who was heard last."""
    said = ask(Question(EVERY, at - RECENT, at)).items()
    return {
        dict(labels).get("task", ""): timedelta(seconds=one.latest)
        for labels, one in sorted(said, key=lambda each: each[1].latest_at)
    }


def _lookouts(ask: Ask, every: timedelta | None, at: datetime) -> tuple[Lookout, ...]:
    heard: dict[str, datetime] = {}
    for labels, one in ask(Question(HEARTBEAT, at - RECENT, at)).items():
        place = dict(labels).get("location", "")
        heard[place] = max(one.latest_at, heard.get(place, one.latest_at))
    return tuple(
        Lookout(place, moment, late(moment, every, at)) for place, moment in sorted(heard.items())
    )


def _doubts(tasks: Sequence[Task], kept: Mapping[str, timedelta], at: datetime) -> Iterator[str]:
    """Why nobody can tell how things stand, in sentences; ``kept`` is what watchers say they do."""
    vital = [task for task in tasks if task.vital]
    if not any(task.last for task in vital if task.name != "evaluation"):
        yield "nothing was observed for a day, so nobody can tell"
        return
    if not any(task.last for task in vital if task.name == "evaluation"):
        yield "nothing was held against the plan for a day"
    for task in vital:
        if task.late(at):
            yield f"{task.name} did not come when due"
        elif task.last is None and late(at - RECENT, kept.get(_KEPT_AS.get(task.name, "")), at):
            yield f"{task.name} did not come for a day"


def _features(plan: Plan, phase: Phase, ask: Ask, at: datetime) -> Iterator[Standing]:
    metric = plan.metrics.get(_SUCCESS)
    if metric is None or metric.derive is None:
        return
    few = metric.model_copy(update={"derive": metric.derive.model_copy(update={"least": 1})})
    working = Gauging(plan.model_copy(update={"metrics": {**plan.metrics, _SUCCESS: few}}), ask)
    shares = {_feature(one): one for one in working.gauge(_SUCCESS, at)}
    works: dict[str, bool] = {}
    for one in working.gauge(_WORKS, at):
        works[_feature(one)] = bool(one.value) and works.get(_feature(one), True)
    for feature in get_args(Feature):
        if feature in shares or feature in works:
            row = objective(plan, phase, feature)
            yield _standing(feature, works.get(feature), shares.get(feature), row, metric)


def _standing(
    feature: str, works: bool | None, share: Gauge | None, row: Row | None, metric: Metric
) -> Standing:
    count, value = (share.count or 0, share.value) if share else (0, None)
    state: State = "unknown" if works is None and value is None else "ok"
    least = metric.derive.least if metric.derive else 1
    if row and value is not None and count >= least:
        state = judged(row, metric, value) or state
    if works is False:
        state = "failed"
    return Standing(feature, works, value, count, row, state)


def _feature(gauge: Gauge) -> str:
    return dict(gauge.labels).get("feature", "")


def objective(plan: Plan, phase: Phase, feature: str) -> Row | None:
    """What the plan wants of a feature's share of successes, in this phase rather than in any;
    of another phase's word, the target alone."""

    def about(row: Row) -> bool:
        metric = plan.metrics.get(row.metric or "")
        derive = metric.derive if metric else None
        success = derive is not None and derive.stat == "share" and derive.of == ("outcome",)
        where = {**(derive.where if derive else {}), **row.where}
        return success and where.get("feature") == feature and row.target is not None

    ranks = {phase: 0, None: 1}
    best = min(filter(about, plan.rows), key=lambda row: ranks.get(row.phase, 2), default=None)
    if best and best.phase not in ranks:
        return best.model_copy(update={"alert": None, "compare": None})
    return best
