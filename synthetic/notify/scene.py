"""What can be said about an incident at a moment: figures, places, impact, links. Pure.

Labels are foreign text: made harmless and cut here, escaped by each channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.quorum import sees
from synthetic.evaluate.titles import cause_of, title_of
from synthetic.notify.grouping import DOUBTS, Firing, explains, rank
from synthetic.notify.impact import Impact, in_words
from synthetic.notify.stories import Lived, tells_of
from synthetic.plan.model import LOCATION, Metric, Plan, Row
from synthetic.reports.words import figure, instant, limit, span
from synthetic.store.values import Incident, Severity
from synthetic.wording import fit, listed

_BEFORE = timedelta(minutes=5)  # what led to it stands in the same list
_MOST_FIGURES = 3
_LONGEST, _LONGEST_LIST = 80, 300
ACKNOWLEDGE_WITHIN_S: Mapping[Severity, float] = {"critical": 120, "high": 900}
"""For rules that do not say it (Part E, "CRITICAL" and "HIGH"), seconds."""
_LONGEST_PLACE = 40
_OF_THE_PLACE = {LOCATION, "source"}  # labels that do not say what is wrong
Fact = tuple[str, str]


@dataclass(frozen=True)
class Pages:
    """Where people can look.

    ``runbook`` has ``{page}`` in it; ``minutes`` are a label and an address each, with
    ``{start}``, ``{end}``, ``{start_ms}``, ``{end_ms}``; ``reports`` is where the reports folder
    is published, and ``evidence`` the page in it of the latest run that failed.
    """

    runbook: str | None = None
    minutes: tuple[tuple[str, str], ...] = ()
    reports: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Around:
    """What is known beside the alerts, from which notes tell more; ``lived`` is newest first."""

    gauges: tuple[Gauge, ...] = ()
    impact: tuple[Impact, ...] = ()
    lived: tuple[Lived, ...] = ()
    pages: Pages = field(default_factory=Pages)


@dataclass(frozen=True)
class Scene:
    """What is known at ``now``; ``alerts`` are those of one incident that fire, worst first."""

    plan: Plan
    now: datetime
    alerts: tuple[Firing, ...] = ()
    around: Around = field(default_factory=Around)


def main_alerts(incident: Incident, scene: Scene) -> tuple[Firing, ...]:
    """The alerts that stand for the incident: those of its own cause, and any that are worse.

    Where none of its own fires any more, all do.
    """
    own = [one for one in scene.alerts if cause_of(one.row) == incident.cause]
    if not own:
        return scene.alerts
    line = min(rank(one.severity) for one in own)
    worse = [one for one in scene.alerts if rank(one.severity) < line]
    return (*worse, *own)


def headline(incident: Incident, scene: Scene) -> str:
    """What is wrong, in a few words: ``Error rate 12%``, or the cause's own title."""
    if not scene.alerts:
        return fit(incident.title, _LONGEST)
    main = main_alerts(incident, scene)
    if is_bare(incident, scene):
        now = replace(incident, members=tuple(one.key for one in main))
        return fit(title_of(scene.plan, now), _LONGEST)
    metric = _metric(scene.plan, main[0].row)
    value = f" {figure(main[0].alert.value, metric.unit)}" if metric else ""
    return f"{named(scene.plan, main[0])}{value}"


def is_bare(incident: Incident, scene: Scene) -> bool:
    """Whether the headline is the cause's title, without a figure."""
    if not scene.alerts:
        return True
    metric = _metric(scene.plan, main_alerts(incident, scene)[0].row)
    return metric is not None and metric.unit in ("bool", "text")


def lived(incident: Incident, scene: Scene, of: Sequence[Firing] = ()) -> Lived | None:
    """What people lived through in the newest run that failed in what some alerts are ``of``.

    Unless said, those are the main alerts, or where no run tells of these, any of the incident's.
    Why we cannot tell is a story only of an incident that is about just that.
    """
    others = () if incident.cause in DOUBTS else DOUBTS
    alerts = of or (*main_alerts(incident, scene), *scene.alerts)
    found = (
        story
        for one in alerts
        if cause_of(one.row) not in others
        for story in scene.around.lived
        if tells_of(story, scene.plan, one.alert, one.row)
    )
    return next(found, None)


def since(incident: Incident, scene: Scene) -> datetime:
    """When what the headline tells of began."""
    return main_alerts(incident, scene)[0].alert.since if scene.alerts else incident.opened_at


def lasting(incident: Incident, scene: Scene) -> str:
    """How long that has been so: ``9 min``."""
    return span(scene.now - min(scene.now, since(incident, scene)))


def figures(incident: Incident, scene: Scene) -> list[Fact]:
    """The main figures with what the plan allows, the worst line of each metric and label set."""
    found: dict[object, Fact] = {}
    for one in main_alerts(incident, scene):
        key = (one.row.metric or one.row.id, one.alert.labels)
        found.setdefault(key, (named(scene.plan, one), against(scene.plan, one)))
    return list(found.values())[:_MOST_FIGURES]


def against(plan: Plan, one: Firing) -> str:
    """An alert's figure, and the line that it is past: ``12%, alert line > 10%``."""
    metric, line = _metric(plan, one.row), one.row.alert
    if one.row.id == NO_DATA.id:
        return f"overdue by {span(timedelta(seconds=one.alert.value))}"
    if metric is None or line is None:
        return fit(one.row.title, _LONGEST)
    allowed = f", alert line {limit(line, one.row.compare, metric.unit)}"
    seen = one.alert.seen
    stale = f"; nothing newer than {instant(seen)}" if one.alert.stale and seen else ""
    value = figure(one.alert.value, metric.unit)
    return f"{value}{'' if metric.unit == 'bool' else allowed}{stale}"


def _metric(plan: Plan, row: Row) -> Metric | None:
    return plan.metrics.get(row.metric) if row.metric else None


def named(plan: Plan, one: Firing) -> str:
    """The metric, and of what: ``Error rate (/api/auth/signup)``, ``No data from eu (runs)``."""
    metric = _metric(plan, one.row)
    of_what = [value for name, value in one.alert.labels if name not in _OF_THE_PLACE]
    title = metric.title if metric else one.row.title
    if one.row.id == NO_DATA.id and (place := dict(one.alert.labels).get(LOCATION)):
        title += f" from {fit(place, _LONGEST_PLACE)}"
    return fit(f"{title} ({', '.join(of_what)})" if of_what else title, _LONGEST)


def locations(incident: Incident, scene: Scene) -> str | None:
    """``2 of 3: eu-west, us-east``, and from how many on it pages, where those are too few, or why
    they are enough; nothing where the figures are not told by location."""
    here, looking = _places(incident, scene)
    if not here:
        return None
    if lone := only_from(incident, scene):
        told = f"{lone}: 1 of {looking} locations"
    else:
        told = f"{len(here)} of {looking}: {listed(here)}"
    return fit(f"{told}{_asked_for(incident, scene, len(here), looking)}", _LONGEST_LIST)


def only_from(incident: Incident, scene: Scene) -> str | None:
    """``only from eu-west``, where others look as well and do not see it."""
    here, looking = _places(incident, scene)
    return f"only from {fit(here[0], _LONGEST_PLACE)}" if len(here) == 1 < looking else None


def _places(incident: Incident, scene: Scene) -> tuple[list[str], int]:
    """The locations that see it, and how many look; one that is silent for long is none as long as
    others are."""
    alerts = [one for one in main_alerts(incident, scene) if one.row.id != NO_DATA.id]
    heard = [one for one in alerts if sees(one.alert, scene.now)] or alerts
    metrics = {one.row.metric for one in alerts}
    here = {place for one in heard if (place := dict(one.alert.labels).get(LOCATION))}
    known = {
        place
        for one in scene.around.gauges
        if one.metric in metrics and (place := dict(one.labels).get(LOCATION))
    }
    return sorted(here), len(here | known)


def _asked_for(incident: Incident, scene: Scene, here: int, looking: int) -> str:
    alerts = [one for one in main_alerts(incident, scene) if one.row.quorum]
    if short := [one.row.quorum or 1 for one in alerts if one.alert.below_quorum]:
        return f"; it pages from {min(*short, looking)} on"
    enough = min((one.row.quorum or 1 for one in alerts), default=1)
    return "; the others have not looked since" if here < min(enough, looking) else ""


def real_users(scene: Scene) -> str | None:
    """What real people live through: ``0 of 14 joined in the last 10 min``."""
    return in_words(scene.around.impact)


def explained(incident: Incident, scene: Scene) -> str | None:
    """What else is wrong, which the incident's cause explains."""
    main = {one.key for one in main_alerts(incident, scene)}
    others = dict.fromkeys(named(scene.plan, one) for one in scene.alerts if one.key not in main)
    return fit(listed(others), _LONGEST_LIST) if others else None


def runbook(incident: Incident, scene: Scene) -> str | None:
    """Which page of the runbook, where no address of it is known."""
    cause = scene.plan.causes.get(incident.cause)
    return cause.runbook if cause and not scene.around.pages.runbook else None


def duties(alerts: Sequence[Firing]) -> list[Fact]:
    """What the plan asks of whoever reads this: action, and by when."""
    found: list[Fact] = []
    if action := next((one.row.action for one in alerts if one.row.action), None):
        found.append(("Action", fit(action, _LONGEST_LIST)))
    clocks = (
        ("acknowledge", acknowledge_within(alerts)),
        ("resolve", shortest(one.row.resolve_within for one in alerts)),
    )
    told = [f"{verb} within {span(within)}" for verb, within in clocks if within]
    return [*found, ("SLA", ", ".join(told))] if told else found


def acknowledge_within(alerts: Iterable[Firing]) -> timedelta | None:
    """How soon somebody must take these; nothing where none of them says."""
    return shortest(
        one.row.acknowledge_within or ACKNOWLEDGE_WITHIN_S.get(one.severity) for one in alerts
    )


def shortest(spans: Iterable[float | None]) -> timedelta | None:
    """The shortest of some spans in seconds; nothing where none is given."""
    given = [one for one in spans if one]
    return timedelta(seconds=min(given)) if given else None


def links(incident: Incident, scene: Scene) -> tuple[tuple[str, str], ...]:
    """Runbook page, evidence, and what other tools show of the very minutes."""
    found = []
    pages = scene.around.pages
    cause = scene.plan.causes.get(incident.cause)
    if cause and pages.runbook:
        found.append(("Runbook", pages.runbook.format(page=cause.runbook)))
    told = lived(incident, scene)
    page = told.page if told else pages.evidence
    if pages.reports and page:
        found.append(("Evidence", f"{pages.reports.rstrip('/')}/{page}"))
    minutes = _minutes(since(incident, scene) - _BEFORE, scene.now)
    return (*found, *((label, address.format(**minutes)) for label, address in pages.minutes))


def _minutes(start: datetime, end: datetime) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, moment in (("start", start), ("end", end)):
        named[name] = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        named[f"{name}_ms"] = f"{int(moment.timestamp())}000"
    return named


def matches(plan: Plan, what: str, one: Firing, fire: Iterable[Firing]) -> bool:
    """Whether a silence of ``what`` (a cause, a rule, or ``*``) holds an alert back.

    Silencing a cause silences also what it explains: what an alert of it does, among all that
    ``fire``, which is no less severe.
    """
    return what in {"*", one.row.id, cause_of(one.row)} or any(
        what == cause_of(deep.row)
        and rank(deep.severity) <= rank(one.severity)
        and explains(plan, deep, one)
        for deep in fire
    )
