"""What sees each item of the plan, as the page ``docs/plan-coverage.md``. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import get_args

from synthetic.plan.model import BELOW, ObservedBy, Part, Plan, Route, Row, Span, Tier, duration

_SEEN_BY: dict[ObservedBy, str] = {
    "journey": "what simulated users live through",
    "probe": "a check over HTTP, without a browser",
    "source": "figures of the product or its vendors: unknown until a source or an import has them",
    "derived": "worked out from others, or done by this monitor",
    "manual": "people alone: `synthetic record` keeps what they know",
}
_NONE = "–"
_HEAD = """\
# How the monitoring plan is covered

Made by `synthetic plan --coverage` from the files in `synthetic/plan/`; not to be edited. Every
item of the plan is here once, by part and heading, and besides the route that the rules for MEDIUM
ask for. What nothing feeds yet is *unknown*: never zero, and never fine.
"""
_Entry = Row | Route | Tier


def coverage(plan: Plan) -> str:
    """The page, in Markdown."""
    lines = [_HEAD, *_summary(plan), *_legend()]
    entries = sorted(_entries(plan), key=lambda one: one.part)
    for part, of_part in groupby(entries, key=lambda one: one.part):
        lines += ["", f"## Part {part}"]
        lines += _headings(plan, of_part)
    lines += _manual(plan)
    lines += _list("Blanks of the plan", _blanks(plan))
    lines += _list("Learned on day 1", (_titled(row) for row in plan.rows if row.baseline))
    lines += _list("Alert lines without a figure, shown and not alerted of", _unsaid(plan))
    return "\n".join(lines) + "\n"


def _summary(plan: Plan) -> Iterator[str]:
    kinds = get_args(ObservedBy)
    yield f"| part | items | {' | '.join(kinds)} | can alert |"
    yield "|---" * (len(kinds) + 3) + "|"
    for part in get_args(Part):
        yield _counted(plan, part, [one for one in _entries(plan) if one.part == part])
    yield _counted(plan, "all", list(_entries(plan)))


def _entries(plan: Plan) -> Iterator[_Entry]:
    yield from plan.rows
    yield from plan.routes
    yield from plan.tiers


def _counted(plan: Plan, name: str, entries: list[_Entry]) -> str:
    seen = Counter(_seen_by(plan, one) for one in entries)
    alerting = sum(isinstance(one, Row) and one.alerts for one in entries)
    shares = " | ".join(str(seen[kind] or _NONE) for kind in get_args(ObservedBy))
    return f"| {name} | {len(entries)} | {shares} | {alerting or _NONE} |"


def _seen_by(plan: Plan, one: _Entry) -> ObservedBy:
    """Who sees to it; routes and tiers are followed by this monitor."""
    if not isinstance(one, Row):
        return "derived"
    metric = plan.metrics.get(one.metric or "")
    return one.observed_by or (metric.observed_by if metric else "derived")


def _legend() -> Iterator[str]:
    yield ""
    yield from (f"- **{kind}**: {words}." for kind, words in _SEEN_BY.items())


def _headings(plan: Plan, entries: Iterable[_Entry]) -> Iterator[str]:
    headings: dict[str, list[_Entry]] = defaultdict(list)
    for one in entries:
        headings[one.heading].append(one)
    for heading, of_heading in headings.items():
        yield from ("", f"### {heading}", "")
        yield "| item | seen by | metric | target | alert |"
        yield "|---|---|---|---|---|"
        yield from (_line(plan, one) for one in of_heading)


def _line(plan: Plan, one: _Entry) -> str:
    cells = [one.item, _seen_by(plan, one)]
    if isinstance(one, Row):
        cells += [metric_of(one), _target(plan, one), alert_of(plan, one)]
    elif isinstance(one, Route):
        places = (" ".join(filter(None, (to.channel, to.place))) for to in one.to)
        cells += [", ".join(places), _NONE, _NONE]
    else:
        cells += [one.who, _NONE, f"next after {duration(one.after)}" if one.after else _NONE]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def metric_of(row: Row) -> str:
    """What a row is about, as a cell of a table."""
    if row.metric is None:
        return _NONE
    where = ", ".join(row.where.values())
    return f"`{row.metric}`" + (f" of {where}" if where else "")


def _target(plan: Plan, row: Row) -> str:
    if row.target is None:
        return f"not set (`{row.setting}`)" if row.setting else _NONE
    return _amount(plan, row, row.target)


def alert_of(plan: Plan, row: Row) -> str:
    """When a row alerts, as a cell of a table."""
    if row.alert is None:
        return _NONE
    side = f"{row.compare} " if row.compare else "outside "
    lasting = f" for {duration(row.for_)}" if row.for_ else ""
    phase = f", in {row.phase}" if row.phase else ""
    if _unit(plan, row) == "bool":
        return f"{row.severity}: {'if not' if row.compare in BELOW else 'if so'}{lasting}{phase}"
    return f"{row.severity}: {side}{_amount(plan, row, row.alert)}{lasting}{phase}"


def _amount(plan: Plan, row: Row, line: float | Span) -> str:
    unit = _unit(plan, row)
    unit = "" if unit in ("bool", "count", "ratio") else f" {unit}"
    if not isinstance(line, Span):
        return f"{line:g}{unit}"
    ends = ("" if end is None else f"{end:g}" for end in (line.min, line.max))
    return "–".join(ends) + unit


def _unit(plan: Plan, row: Row) -> str:
    metric = plan.metrics.get(row.metric or "")
    return row.unit or (metric.unit if metric else "")


def _manual(plan: Plan) -> Iterator[str]:
    """What only people know, with the reason why nothing could observe it."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, metric in plan.metrics.items():
        if metric.observed_by == "manual":
            reasons[metric.reason or _NONE].append(f"`{name}`")
    for row in plan.rows:
        if row.observed_by == "manual" and row.metric is None:
            reasons[row.reason or _NONE].append(row.id)
    yield from _list(
        "Only people know", (f"{why} {', '.join(what)}" for why, what in reasons.items())
    )


def _blanks(plan: Plan) -> Iterator[str]:
    for row in plan.rows:
        if row.setting:
            value = plan.settings.get(row.setting)
            yield f"{_titled(row)}: `{row.setting}`, {'not set' if value is None else f'{value:g}'}"


def _unsaid(plan: Plan) -> Iterator[str]:
    for row in plan.rows:
        if row.kind == "threshold" and row.target is None and row.alert is None:
            yield f"{_titled(row)}: `{row.metric}`"


def _titled(row: Row) -> str:
    return f"Part {row.part}, {row.heading}: {row.title}"


def _list(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {line}" for line in lines)
