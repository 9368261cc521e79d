"""What should have been told of a scripted day, worked out from its samples without the product.

Of each rule that the script touches: the value of its metric at every moment at which it can
change, from plain lists, with windows as the plan words them; whether that is past the rule's line;
and from when to when an alert fires that looked at every moment. Rules of all other metrics have no
transition.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import ceil

from benchmarks.day_script import Labels, Rows, Series
from synthetic.plan.model import Phase, Plan, Row, Span

PROBES, RUNS = 90.0, 3 * 3600.0
"""For how long a probe's, and a run's, word counts (seconds)."""
RECENT, DAY = 5 * 60.0, 24 * 3600.0
ENOUGH = 20
NO_DATA = "no-data"
Values = Mapping[Labels, float]
Transition = tuple[float, str, str, Labels]
"""When, which rule, ``firing`` or ``resolved``, of which labels."""


def transitions(
    series: Mapping[str, Series], plan: Plan, phase: Phase, until: float
) -> list[Transition]:
    """All up to a moment, in their order."""
    instants = sorted({0.0, *_instants(series)})
    instants = [at for at in instants if at < until]
    found: list[Transition] = []
    known = {name: [(at, value(series, at)) for at in instants] for name, value in METRICS.items()}
    for row in plan.rules(phase):
        if row.metric in known:
            found += _of_rule(row, known[row.metric])
    found += _missing(series)
    return sorted(found)


def _instants(series: Mapping[str, Series]) -> Iterator[float]:
    """The whole seconds after anything arrives or leaves a window."""
    for at in {at for each in series.values() for rows in each.values() for at in rows.times}:
        yield from (float(ceil(at + window)) for window in (0, PROBES, RUNS, RECENT))


def _of_rule(row: Row, known: Iterable[tuple[float, Values]]) -> Iterator[Transition]:
    """An alert for each label set, as if somebody looked at every moment."""
    wanted = dict(row.where)
    alerts: dict[Labels, _Alert] = {}
    for at, values in known:
        fitting = {key: one for key, one in values.items() if wanted.items() <= dict(key).items()}
        for labels in {*alerts, *fitting}:
            alert = alerts.setdefault(labels, _Alert(row.for_))
            value = fitting.get(labels)
            bad = None if value is None else _past(row, value)
            for when, state in alert.moves(at, bad):
                yield when, row.id, state, labels


@dataclass
class _Alert:
    lasting: float
    since: float | None = None
    fires: bool = False

    def moves(self, at: float, bad: bool | None) -> Iterator[tuple[float, str]]:
        """What changes up to a moment; silence neither begins nor ends anything that fires."""
        due = None if self.since is None else self.since + self.lasting
        if due is not None and not self.fires and due <= at:
            self.fires = True
            yield due, "firing"
        if bad:
            self.since = at if self.since is None else self.since
            if not self.fires and self.lasting == 0:
                self.fires = True
                yield at, "firing"
        elif self.fires and bad is False:
            self.fires, self.since = False, None
            yield at, "resolved"
        elif not self.fires:
            self.since = None


def _past(row: Row, value: float) -> bool:
    line = row.alert
    assert line is not None
    if isinstance(line, Span):
        return (line.min is not None and value < line.min) or (
            line.max is not None and value > line.max
        )
    return {"<": value < line, "<=": value <= line, ">": value > line, ">=": value >= line}[
        row.compare or ">"
    ]


def _missing(series: Mapping[str, Series]) -> Iterator[Transition]:
    """What a probe says whatever it finds, when it does not come for one and a half minutes."""
    names = ("site_up", "health_up")
    known = ((name, labels, rows) for name in names for labels, rows in series[name].items())
    for name, (place, *_), rows in known:
        missed = (place, ("metric", name))
        for before, after in pairwise(rows.times):
            if after > before + PROBES:
                yield before + PROBES, NO_DATA, "firing", missed
                yield after, NO_DATA, "resolved", missed


def _within(rows: Rows, at: float, window: float) -> Sequence[float]:
    """Values after ``at - window``, up to and with ``at``."""
    first, last = (bisect_right(rows.times, moment) for moment in (at - window, at))
    return rows.values[first:last]


def latest(name: str, window: float) -> Callable[[Mapping[str, Series], float], Values]:
    """The newest of each label set."""

    def value(series: Mapping[str, Series], at: float) -> Values:
        known = {labels: _within(rows, at, window) for labels, rows in series[name].items()}
        return {labels: values[-1] for labels, values in known.items() if values}

    return value


def all_of(*names: str) -> Callable[[Mapping[str, Series], float], Values]:
    """The worst of what probes say of several things."""

    def value(series: Mapping[str, Series], at: float) -> Values:
        known = chain.from_iterable(latest(name, PROBES)(series, at).values() for name in names)
        worst = min(known, default=None)
        return {} if worst is None else {(): worst}

    return value


def anything_up(series: Mapping[str, Series], at: float) -> Values:
    """Whether the site or its health endpoint answers probes."""
    known = [*latest("site_up", PROBES)(series, at).values()]
    known += latest("health_up", PROBES)(series, at).values()
    return {(): max(known)} if known else {}


def of_requests(
    name: str, sums: Callable[[list[float]], float]
) -> Callable[[Mapping[str, Series], float], Values]:
    """Of the requests that probes made in the last five minutes, where they are enough."""

    def value(series: Mapping[str, Series], at: float) -> Values:
        values = [one for rows in series[name].values() for one in _within(rows, at, RECENT)]
        return {(): sums(values)} if len(values) >= ENOUGH else {}

    return value


def of_endpoints(series: Mapping[str, Series], at: float) -> Values:
    """The 95th percentile of each endpoint that probes ask, in a day, in ms."""
    known = {labels: _within(rows, at, DAY) for labels, rows in series["request_ms"].items()}
    return {
        (("endpoint", dict(labels)["endpoint"]),): p95(values)
        for labels, values in known.items()
        if len(values) >= ENOUGH
    }


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


def site_seconds(series: Mapping[str, Series], at: float) -> Values:
    """How long the site took last, by location."""
    found = latest("site_ms", PROBES)(series, at)
    return {labels[:1]: ms / 1000 for labels, ms in found.items()}


def minor_works(series: Mapping[str, Series], at: float) -> Values:
    """Whether what is not critical works."""
    minor = {"chat", "leave", "reconnect"}
    found = latest("works", RUNS)(series, at)
    return {labels: one for labels, one in found.items() if dict(labels)["feature"] in minor}


METRICS: Mapping[str, Callable[[Mapping[str, Series], float], Values]] = {
    "site_up": latest("site_up", PROBES),
    "health_up": latest("health_up", PROBES),
    "all_services_up": anything_up,
    "database_reachable": all_of("health_database", "health_database_query"),
    "services_responding": all_of("health_up", "health_database", "health_hms", "health_external"),
    "site_response": site_seconds,
    "error_rate": of_requests("request_failed", lambda all_: 100 * sum(all_) / len(all_)),
    "response_p95": of_requests("request_ms", lambda all_: p95(all_) / 1000),
    "endpoint_p95": of_endpoints,
    "feature_up": latest("works", RUNS),
    "minor_feature_up": minor_works,
    "suite_inconclusive": latest("run_inconclusive", RUNS),
}
