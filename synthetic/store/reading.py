"""What the tables answer: questions of evaluation, and runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Connection, Table, TextClause, select, text

from synthetic.results import Run
from synthetic.store import schema
from synthetic.store.database import VIEWS
from synthetic.store.digest import Digest, Labels, added, project
from synthetic.store.rollup import DAY, HOUR
from synthetic.store.rows import PARTS, run_of
from synthetic.store.schema import labels_of, micros
from synthetic.store.tally import Rollup, digest_of

_MARKS = select(schema.about.c.name, schema.about.c.value)
_MOST_ROLLED = 100  # answers of rollups that a view remembers
_Part = tuple[str, int, int]  # which rows, and from when to when


class Question(Protocol):
    """As evaluation asks: all observations after ``start``, up to and with ``end``; those whose
    labels agree on ``keep`` as one."""

    @property
    def metric(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def keep(self) -> frozenset[str] | None: ...


# Each begins at the few series of a metric; CROSS JOIN keeps SQLite from beginning elsewhere.
_FROM = """
FROM series CROSS JOIN {table} AS part
WHERE series.target = :target AND series.metric = :metric AND part.series = series.id"""
_SINCE = " AND part.at > :a{n} AND part.at <= :b{n}"
_ROLLUPS = (
    "SELECT part.series, part.count, part.total, part.least, part.most, part.latest,"
    " part.latest_at, part.buckets" + _FROM.replace("{table}", "rollups")
)
_WITHIN = " AND part.span = {span} AND part.at >= :a{n} AND part.at < :b{n}"

# A row for each series: there may be many locations, and a week of a chart is no more than that.
_ADDED_UP = (
    "SELECT part.series, {count} AS count, SUM(part.{total}) AS total, MIN(part.{least}) AS least,"
    " MAX(part.{most}) AS most, (SELECT last.{latest} FROM {table} AS last"
    " WHERE last.series = part.series{since} ORDER BY last.at DESC LIMIT 1) AS latest,"
    " MAX(part.{latest_at}) AS latest_at, {concat}({buckets}) AS buckets"
    + _FROM + "{within} GROUP BY part.series"
)  # fmt: skip


def _added_up(within: str, **names: str) -> str:
    """What the database adds up, with the names that its columns have in a table."""
    said = {**names, "within": within, "since": within.replace("part.", "last.")}
    query = _ADDED_UP
    for name, text_ in said.items():
        query = query.replace(f"{{{name}}}", text_)
    return query


_OF_SAMPLES = _added_up(
    _SINCE, table="samples", count="COUNT(*)", buckets="CAST(part.value AS TEXT), ','",
    **dict.fromkeys(("total", "least", "most", "latest"), "value"), latest_at="at",
)  # fmt: skip
_OF_ROLLUPS = _added_up(
    _WITHIN, table="rollups", count="CAST(SUM(part.count) AS BIGINT)", buckets="part.buckets, ''",
    **{name: name for name in ("total", "least", "most", "latest", "latest_at")},
)  # fmt: skip
_CONCAT = {"sqlite": "group_concat", "postgresql": "string_agg"}
# Of what expired only whole spans are left: one counts where at least half of it is asked for.
_AROUND = (
    " AND part.span = {span} AND part.closed AND part.at > :a{n} - {length} AND part.at < :b{n}"
    " AND CASE WHEN part.at + {length} < :b{n} THEN part.at + {length} ELSE :b{n} END"
    " - CASE WHEN part.at > :a{n} THEN part.at ELSE :a{n} END >= {length} / 2"
)
_KINDS = {
    "samples": _OF_SAMPLES,
    "hours": _OF_ROLLUPS.replace("{span}", "1"),
    "days": _OF_ROLLUPS.replace("{span}", "24"),
    "closed hours": _ROLLUPS + _AROUND.replace("{span}", "1").replace("{length}", str(HOUR)),
    "closed days": _ROLLUPS + _AROUND.replace("{span}", "24").replace("{length}", str(DAY)),
}


@dataclass(frozen=True)
class View:
    """What is known of a target's history before anything is asked: its series, up to the
    ``newest``, as none ever goes; how far rollups reach, and what they answered since they are so.

    Threads may share it.
    """

    target: str
    marks: Mapping[str, int]
    newest: int
    series: Mapping[str, Mapping[int, Labels]]
    rolled: dict[Hashable, Mapping[Labels, Digest]] = field(default_factory=dict)
    _kept: dict[Hashable, Mapping[int, Labels]] = field(default_factory=dict)

    def kept(self, metric: str, keep: frozenset[str] | None) -> Mapping[int, Labels]:
        """The labels that are kept of each series of a metric."""
        known, key = self.series[metric], (metric, keep)
        if keep is None:
            return known
        if key not in self._kept:
            self._kept[key] = {one: project(known[one], keep) for one in known}
        return self._kept[key]


def view(connection: Connection, target: str) -> View:
    """The present view: the one before, by the same connection, where nothing changed."""
    views: dict[str, View] = connection.info.setdefault(VIEWS, {})
    marks = dict(connection.execute(_MARKS).all())
    before = views.get(target) or View(target, {}, 0, {})
    table = schema.series.c
    found = connection.execute(
        select(table.metric, table.id, table.labels)
        .where(table.target == target, table.id > before.newest)
        .order_by(table.id)
    ).all()
    if found or marks != before.marks:
        series = defaultdict(dict, {name: {**known} for name, known in before.series.items()})
        for metric, one, labels in found:
            series[metric][one] = labels_of(labels)
        newest = found[-1].id if found else before.newest
        views[target] = before = View(target, marks, newest, dict(series))
    return before


def answer(connection: Connection, seen: View, question: Question) -> Mapping[Labels, Digest]:
    """Digests by label set of what was observed; of series that the view knows.

    What is rolled up of a span that goes on is remembered: a minute later it is asked for again.
    """
    parts = _parts(micros(question.start), micros(question.end), seen)
    fresh = [part for part in parts if part[0] == "samples"]
    rolled = tuple(part for part in parts if part[0] != "samples")
    if not fresh or not rolled:
        return _digests(connection, seen, question, parts)
    key = question.metric, question.keep, rolled
    known = seen.rolled.get(key)
    if known is None:
        if len(seen.rolled) >= _MOST_ROLLED:
            seen.rolled.clear()
        known = seen.rolled[key] = _digests(connection, seen, question, rolled)
    return added(known, _digests(connection, seen, question, fresh))


def _digests(
    connection: Connection, seen: View, question: Question, parts: Sequence[_Part]
) -> Mapping[Labels, Digest]:
    bounds = {f"a{n}": start for n, (_, start, _) in enumerate(parts)}
    bounds |= {f"b{n}": end for n, (_, _, end) in enumerate(parts)}
    asked = {"target": seen.target, "metric": question.metric, **bounds}
    statement = _statement(tuple(kind for kind, *_ in parts), _CONCAT[connection.dialect.name])
    known = seen.kept(question.metric, question.keep)
    found: dict[Labels, list[Rollup]] = defaultdict(list)
    for one, *figures in connection.execute(statement, asked).all():
        if one in known:
            found[known[one]].append(figures)
    return {labels: digest_of(rows) for labels, rows in found.items()}


def _parts(start: int, end: int, seen: View) -> list[_Part]:
    """The rows that together hold every observation after ``start`` up to ``end`` once."""
    first, last = _up(start, HOUR), min(end // HOUR * HOUR, seen.marks.get("rolled_to", 0))
    if first >= last:  # no whole hour
        first = last = end
    morning, midnight = _up(first, DAY), last // DAY * DAY
    if morning >= midnight:  # no whole day
        morning = midnight = last
    parts = [
        ("samples", start, first),
        ("hours", first, morning),
        ("days", morning, midnight),
        ("hours", midnight, last),
        ("samples", last, end),
    ]
    if start < seen.marks.get("closed_to", 0):
        parts += [("closed hours", start, first), ("closed hours", last, end)]
        parts += [("closed days", start, morning), ("closed days", midnight, end)]
    return [part for part in parts if part[1] < part[2]] or parts[:1]


def _up(at: int, length: int) -> int:
    return -(-at // length) * length


@cache
def _statement(kinds: tuple[str, ...], concat: str) -> TextClause:
    parts = (_KINDS[kind].replace("{n}", str(n)) for n, kind in enumerate(kinds))
    return text(" UNION ALL ".join(parts).replace("{concat}", concat))


def heads(connection: Connection, target: str, start: datetime, end: datetime) -> tuple[Run, ...]:
    """The runs that began after ``start``, up to and with ``end``, without what they consist of."""
    runs = schema.runs
    found = connection.execute(
        select(runs)
        .where(runs.c.target == target, runs.c.started_at > start, runs.c.started_at <= end)
        .order_by(runs.c.started_at, runs.c.run_id)
    )
    return tuple(run_of(row, {}) for row in found)


def whole(connection: Connection, run_id: str, tables: Sequence[Table] = PARTS) -> Run | None:
    """A run with all that is still there of it, as far as it is asked for."""
    head = connection.execute(select(schema.runs).where(schema.runs.c.run_id == run_id)).first()
    if head is None:
        return None
    parts: dict[Table, Any] = {
        table: connection.execute(
            select(table).where(table.c.run == head.id).order_by(*table.primary_key)
        ).all()
        for table in tables
    }
    return run_of(head, parts)


def targets(connection: Connection) -> tuple[str, ...]:
    """All targets that have runs or samples, by name."""
    names = select(schema.runs.c.target).union(select(schema.series.c.target))
    return tuple(sorted(connection.scalars(names)))
