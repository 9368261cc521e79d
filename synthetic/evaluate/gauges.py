"""What a metric's value is at a moment, from history: the first of the two stages. Pure.

What cannot be known has no gauge: a window without observations, too few of them, a ratio to
zero. It is never zero for that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from synthetic.evaluate.combining import complement, quotients
from synthetic.evaluate.history import Answer, Ask, Gauge, Question
from synthetic.evaluate.statistics import Share
from synthetic.plan.model import OVER_OBSERVATIONS, Derivation, Metric, Plan, Stat
from synthetic.store.digest import Digest, Labels, merged, project

LOOKBACK = 1.5
"""A value counts for so many of its metric's intervals; both ends belong to it."""
NEW_AFTER = timedelta(days=30)
"""An error that was not seen for so long is a new one."""

TICK = timedelta(microseconds=1)
"""Of the clock of samples: what is so much before a moment is not after it."""
_PLACES = frozenset({"location", "source"})  # where something is seen does not make it new
_COUNTING: frozenset[Stat] = frozenset({"count", "total", "per_hour", "newcomers"})
_FIGURES: Mapping[str, Callable[[Digest], float]] = {
    "share": lambda one: Share(one.total, one.count).value,
    "mean": lambda one: one.mean,
    "lowest": lambda one: one.least,
    "highest": lambda one: one.most,
    "total": lambda one: one.total,
    "count": lambda one: one.count,
    "p50": lambda one: one.quantile(0.50),
    "p95": lambda one: one.quantile(0.95),
    "p99": lambda one: one.quantile(0.99),
    "latest": lambda one: one.latest,
}


def gauge(plan: Plan, metric: str, at: datetime, ask: Ask) -> tuple[Gauge, ...]:
    """A metric's value at a moment, for each label set, in the order of these; none is unknown.

    A sample that arrived under the metric's own name within 1.5 of its intervals wins over what
    could be derived.
    """
    return Gauging(plan, ask).gauge(metric, at)


def gauges(
    plan: Plan, names: Iterable[str], at: datetime, ask: Ask
) -> dict[str, tuple[Gauge, ...]]:
    """Several metrics' values at a moment; nothing is asked or worked out twice."""
    working = Gauging(plan, ask)
    return {name: working.gauge(name, at) for name in names}


def lookback(metric: Metric) -> timedelta:
    """How old a sample under the metric's own name may be."""
    return timedelta(seconds=LOOKBACK * metric.interval)


@dataclass
class Gauging:
    """Works out gauges of a plan, and remembers what it was asked and answered."""

    plan: Plan
    ask: Ask
    _known: dict[tuple[str, datetime], tuple[Gauge, ...]] = field(default_factory=dict)
    _answers: dict[Question, Answer] = field(default_factory=dict)
    _looked_at: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def gauge(self, name: str, at: datetime) -> tuple[Gauge, ...]:
        """See :func:`gauge`."""
        key = (name, at)
        if key not in self._known:
            metric = self.plan.metrics.get(name)
            found = self._worked_out(metric, at) if metric else ()
            self._known[key] = tuple(sorted(found, key=lambda one: one.labels))
        return self._known[key]

    def answer(
        self, name: str, start: datetime, end: datetime, keep: frozenset[str] | None = None
    ) -> Answer:
        """Observations after ``start`` up to ``end``, with the labels to ``keep`` or all."""
        question = Question(name, start, end, keep)
        if question not in self._answers:
            self._answers[question] = self.ask(question)
        return self._answers[question]

    def looked_at(self, name: str) -> frozenset[str] | None:
        """The labels of an observation that any derivation looks at, so that one question will do
        for all; none for all labels."""
        if name not in self._looked_at:
            known = (one.derive for one in self.plan.metrics.values() if one.derive)
            self._looked_at[name] = _labels_of(one for one in known if name in one.of)
        return self._looked_at[name]

    def _worked_out(self, metric: Metric, at: datetime) -> Iterable[Gauge]:
        # Prometheus 2.42 counts a sample at the very beginning of a range.
        arrived = self.answer(metric.name, at - lookback(metric) - TICK, at)
        if arrived:
            return [
                Gauge(metric.name, labels, one.latest, one.latest_at)
                for labels, one in arrived.items()
            ]
        if metric.derive is None:
            decided = self.plan.settings.get(metric.name)  # a budget, say
            return () if decided is None else [Gauge(metric.name, (), decided, at)]
        if metric.derive.stat in OVER_OBSERVATIONS:
            return _Observed(self, metric, metric.derive, at).gauges()
        return _of_gauges(self, metric.name, metric.derive, at)


@dataclass(frozen=True)
class _Observed:
    """A derivation over the observations of its window."""

    working: Gauging
    metric: Metric
    derivation: Derivation
    at: datetime

    def gauges(self) -> list[Gauge]:
        groups = self._groups(self.at - self._window, self.at)
        if self.derivation.stat == "newcomers":
            return self._newcomers(groups)
        known = {key: merged(all_) for key, all_ in groups.items()}
        found = [
            self._gauge(key, one)
            for key, one in known.items()
            if one.count >= self.derivation.least
        ]
        if self.derivation.stat in _COUNTING and self.derivation.witness:
            found += self._nothing(known)
        return found

    @property
    def _window(self) -> timedelta:
        window = self.derivation.window
        return timedelta(seconds=window) if window else lookback(self.metric)

    def _groups(self, start: datetime, end: datetime) -> dict[Labels, list[Digest]]:
        """Digests by the labels that stay, of each's best source that has enough, or has any."""
        ranked: dict[Labels, dict[int, list[Digest]]] = {}
        for labels, one in self._rows(start, end):
            ranks = ranked.setdefault(project(labels, self.derivation.by), {})
            ranks.setdefault(_rank(labels, self.derivation.prefer), []).append(one)
        return {key: self._best(ranks) for key, ranks in ranked.items()}

    def _best(self, ranks: Mapping[int, list[Digest]]) -> list[Digest]:
        least = self.derivation.least
        known = [rank for rank in ranks if sum(one.count for one in ranks[rank]) >= least]
        return ranks[min(known or ranks)]

    def _rows(self, start: datetime, end: datetime) -> Iterable[tuple[Labels, Digest]]:
        for name in self.derivation.of:
            keep = self.working.looked_at(name)
            for labels, one in self.working.answer(name, start, end, keep).items():
                if matches(labels, self.derivation.where):
                    yield labels, one

    def _gauge(self, labels: Labels, one: Digest) -> Gauge:
        derivation = self.derivation
        if derivation.stat == "per_hour":
            value = one.total / (self._window / timedelta(hours=1))
        elif derivation.stat == "burn":
            value = _burn(one, derivation)
        else:
            value = _FIGURES[derivation.stat](one)
        value *= derivation.scale
        found = Gauge(self.metric.name, labels, value, one.latest_at, one.count)
        if derivation.stat != "share":
            return found
        low, high = Share(one.total, one.count).interval
        return replace(found, low=low, high=high)

    def _witnessed(self) -> datetime | None:
        """When somebody last looked, within the window."""
        if not self.derivation.witness:
            return None
        seen = self.working.answer(self.derivation.witness, self.at - self._window, self.at)
        return max((one.latest_at for one in seen.values()), default=None)

    def _nothing(self, known: Collection[Labels]) -> list[Gauge]:
        """Zeros where somebody looked, for what was seen before and is not there any more."""
        if known and not self.derivation.by:
            return []
        looked = self._witnessed()
        if looked is None:
            return []
        return [
            Gauge(self.metric.name, key, 0.0, looked, 0)
            for key in (self._before() if self.derivation.by else [()])
            if key not in known
        ]

    def _before(self) -> dict[Labels, list[Digest]]:
        start = self.at - self._window
        return self._groups(start - NEW_AFTER, start)

    def _newcomers(self, groups: Mapping[Labels, list[Digest]]) -> list[Gauge]:
        """How many label sets are new, zero for groups that hold none."""
        looked = max((one.latest_at for all_ in groups.values() for one in all_), default=None)
        looked = looked or self._witnessed()
        if looked is None:
            return []
        start = self.at - self._window
        before = {_kind(labels): labels for labels, _ in self._rows(start - NEW_AFTER, start)}
        now = {_kind(labels): labels for labels, _ in self._rows(start, self.at)}
        by = self.derivation.by
        counts = {project(labels, by): 0 for labels in (*before.values(), *now.values())}
        counts = counts if by else {(): 0}
        for kind in now.keys() - before.keys():
            counts[project(now[kind], by)] += 1
        return [
            Gauge(self.metric.name, key, float(count), looked, count)
            for key, count in counts.items()
        ]


def matches(labels: Labels, where: Mapping[str, str]) -> bool:
    """Whether a label set has all of ``where``."""
    return all(map(labels.__contains__, where.items()))


def _labels_of(derivations: Iterable[Derivation]) -> frozenset[str] | None:
    found: set[str] = set()
    for one in derivations:
        if one.stat == "newcomers":
            return None
        found |= {*one.by, *one.where, *(("source",) if one.prefer else ())}
    return frozenset(found)


def _rank(labels: Labels, prefer: tuple[str, ...]) -> int:
    source = dict(labels).get("source") if prefer else None
    return prefer.index(source) if source in prefer else len(prefer)


def _kind(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in _PLACES)


def _burn(one: Digest, derivation: Derivation) -> float:
    """How many times faster than allowed failures use up what the objective leaves."""
    # An objective of 100 % leaves nothing, which the plan's reader refuses.
    allowed = (100 - (derivation.objective or 0)) / 100
    bad = one.mean if derivation.of[0].endswith("_failed") else 1 - one.mean
    return bad / allowed


def _of_gauges(working: Gauging, name: str, derivation: Derivation, at: datetime) -> list[Gauge]:
    of = [
        [one for one in working.gauge(each, at) if matches(one.labels, derivation.where)]
        for each in derivation.of
    ]
    if derivation.stat in _MERGERS:
        return _merged(name, derivation, [one for each in of for one in each])
    if derivation.stat == "complement":
        return [complement(one, name) for one in of[0]]
    earlier = timedelta(seconds=derivation.against)
    others = working.gauge(derivation.of[0], at - earlier) if earlier else of[1]
    return quotients(name, of[0], others, _QUOTIENTS[derivation.stat])


def _times(one: float, other: float) -> float:
    return one / other


def _over(one: float, other: float) -> float:
    return 100 * (one - other) / abs(other)


_QUOTIENTS: Mapping[str, Callable[[float, float], float]] = {
    "ratio": _times,
    "growth": _times,
    "percent": lambda one, other: 100 * one / other,
    "excess": _over,
    "change": _over,
}
_MERGERS: Mapping[str, Callable[[list[float]], float]] = {
    "least_of": min,
    "most_of": max,
    "sum_of": sum,
    "first_of": lambda values: values[0],
}


def _merged(name: str, derivation: Derivation, known: Iterable[Gauge]) -> list[Gauge]:
    groups: dict[Labels, list[Gauge]] = {}
    for one in known:
        groups.setdefault(project(one.labels, derivation.by), []).append(one)
    merge = _MERGERS[derivation.stat]
    return [
        Gauge(name, labels, merge([one.value for one in all_]), max(one.at for one in all_))
        for labels, all_ in groups.items()
        if len(all_) >= derivation.least
    ]
