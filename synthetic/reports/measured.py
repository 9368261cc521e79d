"""Figures over a report's whole period rather than at a moment: the plan's own, widened. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from synthetic.evaluate.gauges import Gauging, lookback
from synthetic.evaluate.history import Answer, Ask, Gauge, Question
from synthetic.evaluate.statistics import Point
from synthetic.plan.model import OVER_OBSERVATIONS, Derivation, Labels, Metric, Plan, Stat
from synthetic.reports.period import Period

_SUMMED = "over the period"  # no metric of a plan can be called so


@dataclass(frozen=True)
class What:
    """Which figure: a metric or an observation, of which label sets, and how it is summed up.

    ``by`` are the labels that stay apart. ``stat`` is for what arrives as samples; what the plan
    derives, it derives over the period as it does over its own window.
    """

    metric: str
    stat: Stat | None = None
    where: tuple[tuple[str, str], ...] = ()
    by: tuple[str, ...] = ()

    @property
    def kept(self) -> frozenset[str]:
        """The labels that make a difference."""
        return frozenset((*self.by, *dict(self.where)))


@dataclass
class Measuring:
    """Asks history for figures over periods, as known at a moment, and nothing twice.

    What was observed counts for the period in which it was. What arrives as a figure of a whole
    day, such as a source's daily users, is the newest that had come: it may come after its day.
    ``at`` is the moment of the report, ``ends`` when its own period ends.
    """

    plan: Plan
    ask: Ask
    at: datetime
    ends: datetime
    _answers: dict[Question, Answer] = field(default_factory=dict)
    _wide: dict[tuple[object, ...], Gauging] = field(default_factory=dict)

    def over(self, what: What, within: Period) -> tuple[Gauge, ...]:
        """The figure over a period, for each set of the labels that stay; none is unknown."""
        metric = self.plan.metrics.get(what.metric)
        span = self.span(what, within)
        if self._answer(Question(what.metric, span.start, span.end, what.kept)):
            return self._summed(what, what.stat or _usual(metric), span)
        if metric is None or metric.derive is None:
            return ()
        return self._widened(what, within.length).gauge(what.metric, within.end)

    def takes_latest(self, what: What) -> bool:
        """Whether of a figure's samples the newest counts, rather than all."""
        return (what.stat or _usual(self.plan.metrics.get(what.metric))) == "latest"

    def span(self, what: What, within: Period) -> Period:
        """Where samples of a period's figure may lie: one of a whole day may come after its day."""
        metric = self.plan.metrics.get(what.metric)
        if metric is None or not self.takes_latest(what):
            return within
        late = self.at - self.ends if metric.interval >= _DAILY else timedelta()
        end = within.end + late
        return Period(end - max(within.length, lookback(metric)), end)

    def one(self, what: What, within: Period) -> Gauge | None:
        """The figure over a period, of all label sets together."""
        found = self.over(what, within)
        return found[0] if len(found) == 1 else None

    def series(self, what: What, within: Period, step: timedelta) -> Sequence[Point]:
        """The figure over each step of a period that has one, at the step's end."""
        return tuple(_points(self, what, within, step))

    def texts(self, metric: str, within: Period) -> tuple[Labels, ...]:
        """The label sets that arrived under a metric in a period, the newest first."""
        found = self._answer(Question(metric, within.start, within.end))
        newest = sorted(found.items(), key=lambda one: (one[1].latest_at, one[0]), reverse=True)
        return tuple(dict(labels) for labels, _ in newest)

    def heard(self, names: Iterable[str], within: Period) -> datetime | None:
        """When any of some observations was last made in a period."""
        answers = (self._answer(Question(name, within.start, within.end)) for name in names)
        return max((one.latest_at for each in answers for one in each.values()), default=None)

    def _answer(self, question: Question) -> Answer:
        if question not in self._answers:
            self._answers[question] = self.ask(question)
        return self._answers[question]

    def _summed(self, what: What, stat: Stat, span: Period) -> tuple[Gauge, ...]:
        """Of what arrived under the name itself."""
        derive = Derivation(
            stat=stat,
            of=(what.metric,),
            window=span.length.total_seconds(),
            where=dict(what.where),
            by=what.by,
        )
        known = self.plan.metrics.get(what.metric)
        summed = Metric(
            name=_SUMMED,
            title=_SUMMED,
            unit=known.unit if known else "count",
            observed_by="derived",
            derive=derive,
        )
        plan = self.plan.model_copy(update={"metrics": {_SUMMED: summed}})
        return Gauging(plan, self._answer).gauge(_SUMMED, span.end)

    def _widened(self, what: What, length: timedelta) -> Gauging:
        key = (what.where, what.by, length)
        if key not in self._wide:
            metrics = {
                name: _wide(metric, what, length.total_seconds())
                for name, metric in self.plan.metrics.items()
            }
            plan = self.plan.model_copy(update={"metrics": metrics})
            self._wide[key] = Gauging(plan, self._answer)
        return self._wide[key]


_MEANT = frozenset({"%", "ms", "s", "kbps", "fps", "ratio"})
_DAILY = 86_400  # seconds; a figure that comes so seldom is one of its whole day


def _usual(metric: Metric | None) -> Stat:
    """How samples are summed up where a report does not say it.

    The newest of what counts, and of what comes once a day; the average of what is measured, and
    of what each sample counts of its own hour or day.
    """
    if metric is None:
        return "count"
    derive = metric.derive
    if derive and derive.stat in ("highest", "lowest"):
        return derive.stat
    mean = metric.unit in _MEANT or (derive and derive.stat in ("total", "count"))
    return "mean" if mean and metric.interval < _DAILY else "latest"


def _wide(metric: Metric, what: What, window: float) -> Metric:
    """The metric over ``window``: what is counted by the hour or day stays so.

    A share says what it rests on, so that few are enough.
    """
    derive = metric.derive
    if derive is None or derive.stat not in OVER_OBSERVATIONS:
        return metric
    counted = derive.stat in ("count", "total") and metric.unit in ("per hour", "per day")
    update = {
        "window": window,
        "by": what.by,
        "where": {**derive.where, **dict(what.where)},
        "scale": derive.scale * derive.window / window if counted else derive.scale,
        "least": 1 if derive.stat == "share" else derive.least,
    }
    return metric.model_copy(update={"derive": derive.model_copy(update=update)})


def _points(
    measuring: Measuring, what: What, within: Period, step: timedelta
) -> Iterator[tuple[datetime, float]]:
    end = within.start + step
    while end <= within.end:
        found = measuring.one(what, Period(end - step, end))
        if found:
            yield end, found.value
        end += step
