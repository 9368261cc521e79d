"""Lines that the plan words as sentences: status, health, incidents, recovery, items. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from synthetic.evaluate.availability import promises_kept
from synthetic.evaluate.slo import budget, burn_rates
from synthetic.reports import actions, outages
from synthetic.reports import baselines as learned
from synthetic.reports.definition import Entry
from synthetic.reports.document import NOT_SET, UNKNOWN, Figure, Item, Line, Listing, State, clean
from synthetic.reports.lines import asked, labelled
from synthetic.reports.measured import What
from synthetic.reports.period import LENGTHS, Period
from synthetic.reports.reading import WATCHED, Reading, unit_of
from synthetic.reports.words import change, day, figure, of, percent, span

_WRONG = ("degraded", "failed")
NOMINAL = "All systems nominal"
_LONGEST_SILENCE = timedelta(hours=3)  # a smoke comes every two hours, and takes its time


def health_of(reading: Reading) -> outages.Health:
    """The state at the report's moment, not at its period's end."""
    lately = Period(reading.at - _LONGEST_SILENCE, reading.at)
    heard = reading.measuring.heard(WATCHED, lately)
    return outages.health(reading.incidents, heard, reading.at)


def status(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """The plan's words: all systems nominal, or the issues found.

    Issues are open incidents, and figures of the lines above that are not as they should be.
    """
    label, now = labelled(entry, reading), health_of(reading)
    left = [outages.described(one, reading.at) for one in outages.open_now(reading.incidents)]
    wrong = [one for one in above if isinstance(one, Figure) and one.state in _WRONG]
    found = [*left, *(f"{one.label} {one.value} ({_crossed(one)})" for one in wrong)]
    if found:
        state = now.state if left else "degraded"
        yield Figure(label, f"Issues found: {'; '.join(found)}", state)
    elif now.state == "ok":
        unseen = [one.label for one in above if isinstance(one, Figure) and _unseen(one)]
        but = f" (unknown: {', '.join(unseen)})" if unseen else ""
        yield Figure(label, f"{NOMINAL}{but}", "ok")
    else:
        yield Figure(label, f"{UNKNOWN}: {now.why}", now.state)


def _unseen(figure: Figure) -> bool:
    """Whether it is held against something, and nobody knows how it stands."""
    return figure.value == UNKNOWN and bool(figure.target)


def _crossed(figure: Figure) -> str:
    return f"target {figure.target}" if figure.target else f"alert line {figure.alert}"


def health(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """Green, Yellow or Red, and how that was found."""
    del entry, above
    yield outages.health_figure(health_of(reading))


def issues(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """Whether there was an incident in the period, and which."""
    del above
    there = outages.in_period(reading.incidents, reading.within)
    listed = outages.listed(labelled(entry, reading), there, outages.WORST_FIRST, reading.at)
    if there:
        yield listed
    elif reading.measuring.heard(WATCHED, reading.within) is None:
        yield Figure(labelled(entry, reading), remark="nothing was observed in this period")
    else:
        yield Figure(labelled(entry, reading), "no", "ok")


def incidents(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """The critical and high incidents of the period, and how many of them are over."""
    del above
    there = outages.in_period(reading.incidents, reading.within)
    serious = [one for one in there if one.severity in ("critical", "high")]
    yield outages.listed(labelled(entry, reading), serious, ("critical", "high"), reading.at)


def resolved(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """How many of the critical and high incidents of the period are over."""
    del entry, above
    there = outages.in_period(reading.incidents, reading.within)
    yield outages.resolved([one for one in there if one.severity in ("critical", "high")])


def recovery(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """Mean time to recovery over the period, against the one before."""
    del above
    label = labelled(entry, reading)
    took = outages.recovery(reading.incidents, reading.within)
    earlier = outages.recovery(reading.incidents, reading.within.before)
    if took is None:
        yield Figure(label, "nothing to recover from", remark="no incident ended")
        return
    count = len(outages.ended(reading.incidents, reading.within))
    basis = f"{count} incident{'s' if count > 1 else ''}"
    before = span(earlier) if earlier is not None else ""
    yield Figure(label, span(took), basis=basis, before=before)


def answered(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """The share of the plan's promises about the period's incidents that were kept."""
    del above
    label = labelled(entry, reading)
    there = outages.in_period(reading.incidents, reading.within)
    kept = promises_kept(there, reading.plan, reading.at)
    if kept is None:
        yield Figure(label, "nothing was promised", remark="no incident with a time limit")
        return
    basis = f"{of(kept.value, kept.count)} taken up or resolved in time"
    yield Figure(label, percent(kept.value), basis=basis)


def error_budget(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """What a month's uptime target still allows, and how fast that is being used up."""
    del above
    row, what = asked(entry, reading)
    held = reading.held(row, what)
    if held is None or not isinstance(held.target, float):
        yield Figure(entry.label, NOT_SET)
        return
    ask, name, target = reading.measuring.ask, what.metric, held.target
    left = budget(reading.plan, name, target, LENGTHS["month"], reading.within.end, ask)
    if left is None:
        yield Figure(entry.label, remark="nothing of it was seen")
        return
    rates = burn_rates(reading.plan, name, target, reading.at, ask)
    fast = [f"{one.long:.2g} times too fast over {span(one.windows.long)}"
            for one in rates if one.burning and one.long]  # fmt: skip
    state: State = "ok" if left.left > 0 and not fast else "failed"
    said = f"of what {percent(target)} allows in 28 days"
    yield Figure(entry.label, percent(left.left), state, basis=said, remark="; ".join(fast))


def to_do(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """The open action items, each with owner and date."""
    del above
    left = actions.open_at(reading.actions, reading.at)
    items = tuple(
        Item(f"#{one.number} {clean(one.text)}", actions.said(one, reading.at.date()))
        for one in left
    )
    late = any(one.due < reading.at.date() for one in left)
    yield Listing(labelled(entry, reading), items, "none is open", "degraded" if late else None)


def baselines(entry: Entry, reading: Reading, above: Sequence[Line]) -> Iterator[Line]:
    """What day 1 was like, and where each figure of the last day went since."""
    del entry, above
    known = reading.baselines or {}
    last = Period(reading.within.end - timedelta(days=1), reading.within.end)
    for name in learned.wanted(reading.plan):
        metric = reading.plan.metrics[name]
        now, then = reading.measuring.one(What(name), last), known.get(name)
        unit = unit_of(None, metric)
        value = figure(now.value, unit) if now else UNKNOWN
        if then is None:
            yield Figure(metric.title, value, remark="its baseline is not learned yet")
            continue
        moved = change(now.value, then.value, unit, metric.better) if now else ""
        remark = f"then: {day(then.day)}, version {then.version}"
        yield Figure(
            metric.title, value, before=figure(then.value, unit), change=moved, remark=remark
        )


WORDS: Mapping[str, Callable[[Entry, Reading, Sequence[Line]], Iterator[Line]]] = {
    "status": status,
    "health": health,
    "issues": issues,
    "incidents": incidents,
    "resolved": resolved,
    "recovery": recovery,
    "answered": answered,
    "error_budget": error_budget,
    "to_do": to_do,
    "baselines": baselines,
}
