"""Endpoints: error rate and response times against the plan's table (Part D), the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from synthetic.dashboard.figures import Reading
from synthetic.dashboard.glance import Glance
from synthetic.dashboard.health import worst
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.shares import hours
from synthetic.dashboard.views.features import ORDER
from synthetic.dashboard.watched import Watched
from synthetic.evaluate.history import Answer
from synthetic.plan.model import Plan
from synthetic.reports.document import State, clean
from synthetic.reports.words import figure
from synthetic.store.digest import Digest, merged

TIMES = ("endpoint_p50", "endpoint_p95", "endpoint_p99")
_SOURCES = ("traffic", "probes", "journeys")  # the best first, and never mixed
_MOST = 60
_LONGEST = 80
_Sources = dict[str, list[list[Digest]]]


@dataclass(frozen=True)
class Spark:
    """P95 of each hour of a day as a path within 240 by 28, and the most of it in words."""

    path: str
    most: str


@dataclass(frozen=True)
class Row:
    """An endpoint; ``source`` is where its figures come from and ``count`` how many they are.

    It has no state where the plan asks nothing of it.
    """

    endpoint: str
    state: State | None
    errors: Reading
    times: tuple[Reading, ...]
    source: str
    count: int
    spark: Spark | None


@dataclass(frozen=True)
class Endpoints:
    """What the page shows; ``more`` endpoints were seen than it has room for."""

    rows: tuple[Row, ...]
    seen: bool
    more: int


def view(watched: Watched, asked: Asked) -> Endpoints:
    """The page now."""
    glance = Glance.now(watched, asked)
    answers = tuple(answer for _, answer in hours(glance.ask, "request_ms", glance.at))
    seen = {one for answer in answers for labels in answer if (one := dict(labels).get("endpoint"))}
    planned = _planned(watched.plan)
    found = _by_endpoint(answers)
    rows = [_row(glance, name, found.get(name, {})) for name in planned | seen]
    rows.sort(key=lambda one: (ORDER.index(one.state), *_strain(one), one.endpoint))
    return Endpoints(tuple(rows[:_MOST]), bool(seen), max(0, len(rows) - _MOST))


def _planned(plan: Plan) -> set[str]:
    """The endpoints that the plan speaks of."""
    return {row.where["endpoint"] for row in plan.rows if "endpoint" in row.where}


def _by_endpoint(answers: tuple[Answer, ...]) -> Mapping[str, _Sources]:
    """What each source tells of each endpoint in each hour."""
    found: dict[str, _Sources] = {}
    for hour, answer in enumerate(answers):
        for labels, one in answer.items():
            named = dict(labels)
            sources = found.setdefault(named.get("endpoint", ""), {})
            told = sources.setdefault(named.get("source", ""), [[] for _ in answers])
            told[hour].append(one)
    return found


def _row(glance: Glance, endpoint: str, sources: _Sources) -> Row:
    errors = glance.rate("endpoint_error_rate", endpoint=endpoint)
    times = tuple(glance.reading(name, endpoint=endpoint) for name in TIMES)
    source = next((one for one in _SOURCES if one in sources), "")
    found = [merged(told) if told else None for told in sources.get(source, ())]
    count = sum(one.count for one in found if one)
    return Row(
        clean(endpoint, _LONGEST), worst(one.state for one in (errors, *times)), errors, times,
        source, count, _spark(found),
    )  # fmt: skip


def _spark(found: list[Digest | None]) -> Spark | None:
    values = [one.quantile(0.95) if one else None for one in found]
    most = max((one for one in values if one is not None), default=0.0)
    if not most:
        return None
    width = 240 / (len(values) - 1)
    return Spark("".join(_strokes(values, most, width)), figure(most, "ms"))


def _strokes(values: list[float | None], most: float, width: float) -> Iterator[str]:
    before: float | None = None
    for place, value in enumerate(values):
        if value is not None:
            x, y = round(place * width, 1), round(26 - 24 * value / most, 1)
            yield f"{'M' if before is None else 'L'}{x} {y}"
            if before is None:
                yield "h1"  # what stands alone is seen, too
        before = value


def _strain(row: Row) -> tuple[float, float]:
    """How near the endpoint's P95 is to its alert line, and how long it is; the worst is least."""
    one: Reading = row.times[1]
    line = one.held.first.alert if one.held.first else None
    if one.value is None:
        return 0.0, 0.0
    near = one.value / line if isinstance(line, int | float) and line else 0.0
    return -near, -one.value


PAGE = Page("/endpoints", "Endpoints", "endpoints.html", view)
