"""Time lines of an outage: what happened at each minute, and what people were told of it.

A line is ``minute | what happens | what is told``. What happens: ``+rule 7`` fires (with a value,
and ``@place`` for its location), ``?rule`` begins, ``-rule`` is good again, ``~rule`` goes with its
phase, ``!rule`` has no more samples, ``ack NAME``, ``quiet WHAT until MINUTE``. What is told:
``event cause: places``, or nothing. Every minute in between is evaluated, too, and must tell
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from synthetic.notify.escalation import acknowledge
from synthetic.notify.incidents import decide
from synthetic.plan.model import Cause, Destination, Metric, Plan, Route, Row, Tier
from synthetic.store.digest import Labels
from synthetic.store.values import Alert, Incident, Note, Parcel, Silence, Transition

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TARGET = "https://kulti.test/"
PLACE = {"part": "E", "heading": "Alert Routing", "item": "x", "title": "x"}
ENDPOINTS = 11


def minute(number: float) -> datetime:
    """A moment of the time line."""
    return NOON + timedelta(minutes=number)


def metric(name: str, title: str, unit: str = "%", **more: Any) -> Metric:
    return Metric.model_validate(
        {"name": name, "title": title, "unit": unit, "observed_by": "derived", **more}
    )


def rule(id_: str, metric_: str, line: float, severity: str, type_: str, cause: str) -> Row:
    """A rule that is over its line when it fires, with Part E's clocks for its severity.

    Those of ``error`` say how soon they are to be acknowledged, others leave it to the severity.
    """
    answer = {"critical": "2m", "high": "15m", "medium": "1h"}.get(severity)
    raw = {
        "kind": "rule",
        "title": id_,
        "metric": metric_,
        "alert": line,
        "compare": ">",
        "severity": severity,
        "type": type_,
        "cause": cause,
        "action": f"see to {cause}",
        "acknowledge_within": answer if type_ == "error" else None,
        "resolve_within": "1h" if severity == "critical" else "1d",
    }
    return Row.model_validate({**PLACE, "id": id_, **raw})


def route(id_: str, *to: str, severities: str = "", types: str = "") -> Route:
    return Route.model_validate(
        {
            **PLACE,
            "id": id_,
            "severities": tuple(severities.split()),
            "types": tuple(types.split()),
            "to": tuple(_destination(place) for place in to),
        }
    )


def _destination(place: str) -> Destination:
    slack = place.startswith("#")
    return Destination.model_validate(
        {"channel": "slack" if slack else place, "place": place if slack else None}
    )


def tier(number: int, who: str, after: str) -> Tier:
    return Tier.model_validate(
        {**PLACE, "part": "G", "id": f"t{number}", "who": who, "after": after}
    )


PLAN = Plan(
    metrics={
        "error_rate": metric("error_rate", "Error rate"),
        "p95": metric("p95", "Response time, P95", "s"),
        "site_up": metric("site_up", "Site answers", "bool"),
        "endpoint_error_rate": metric("endpoint_error_rate", "Error rate of an endpoint"),
        "video_failures": metric("video_failures", "Video failures"),
        "session_rate": metric(
            "session_rate",
            "Failed sessions of two days",
            derive={"stat": "share", "of": ("outcome",), "window": "2d"},
        ),
        "backup_age": metric("backup_age", "Age of the backup", "h"),
        "run_inconclusive": metric("run_inconclusive", "Run could not tell", "bool"),
    },
    rows=(
        rule("errors-10", "error_rate", 10, "critical", "error", "errors"),
        rule("errors-5", "error_rate", 5, "high", "error", "errors"),
        rule("errors-2", "error_rate", 2, "medium", "error", "errors"),
        rule("errors-1", "error_rate", 1, "low", "error", "errors"),
        rule("slow", "p95", 5, "high", "performance", "slow"),
        rule("rate", "session_rate", 5, "critical", "error", "sessions"),
        rule("backup", "backup_age", 49, "medium", "infrastructure", "site"),
        rule("site", "site_up", 0, "critical", "infrastructure", "site"),
        *(
            rule(f"endpoint-{n}", "endpoint_error_rate", 1, "high", "error", f"endpoint {n}")
            for n in range(ENDPOINTS)
        ),
        rule("video", "video_failures", 20, "high", "feature", "video"),
        rule("doubt", "run_inconclusive", 0, "critical", "infrastructure", "monitoring"),
    ),
    routes=(
        route("critical", "pagerduty", "sms", severities="critical"),
        route("errors", "#response", "sentry", types="error performance"),
        route("page", "pagerduty", severities="high", types="error performance"),
        route("features", "#product", "jira", types="feature user"),
        route("medium", "#alerts", severities="medium"),
        route("ops", "#ops", types="infrastructure"),
    ),
    causes={
        "site": Cause(name="site", title="The site is down", runbook="site-down"),
        "sessions": Cause(
            name="sessions", title="No sessions", runbook="x", explained_by=("site",)
        ),
        "errors": Cause(
            name="errors", title="Errors", runbook="errors", explained_by=("site", "sessions")
        ),
        "slow": Cause(name="slow", title="Slow", runbook="slow", explained_by=("site",)),
        "video": Cause(name="video", title="No video", runbook="video", explained_by=("errors",)),
        "monitoring": Cause(
            name="monitoring", title="We cannot tell", runbook="x", explained_by=("site",)
        ),
        **{
            f"endpoint {n}": Cause(
                name=f"endpoint {n}", title=f"Endpoint {n}", runbook="x", explained_by=("errors",)
            )
            for n in range(ENDPOINTS)
        },
    },
    phases=(),
    tiers=(
        tier(1, "On-call", "1h"),
        tier(2, "Lead", "4h"),
        tier(3, "VP", "0s"),
    ),
)


@dataclass
class Stage:
    """The state between evaluations, as a store would keep it."""

    plan: Plan = PLAN
    now: datetime = NOON
    alerts: dict[tuple[str, Labels], Alert] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    silences: list[Silence] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def do(self, what: str) -> list[Parcel]:
        """Let something happen; what it tells by itself."""
        verb, _, rest = what.strip().partition(" ")
        if verb == "ack":
            return self._acknowledge(rest)
        if verb == "quiet":
            matches, until = rest.split(" until ")
            known = Silence("s", TARGET, matches, self.now, minute(float(until)), "known", "Ada")
            self.silences.append(known)
        elif verb:
            self._change(verb[0], *verb[1:].partition("@")[::2], float(rest or 1))
        return []

    def _acknowledge(self, who: str) -> list[Parcel]:
        (current,) = [one for one in self.incidents.values() if not one.closed_at]
        taken, parcels = acknowledge(current, who, self.now, self.plan)
        self.incidents[taken.id] = taken
        return list(parcels)

    def _change(self, sign: str, rule_: str, place: str, value: float) -> None:
        labels = (("location", place),) if place else ()
        if sign == "!":  # its samples stop
            self.alerts[rule_, labels] = replace(self.alerts[rule_, labels], stale=True)
            return
        states: dict[str, Any] = {"+": "firing", "?": "pending", "-": "resolved", "~": "superseded"}
        old = self.alerts.get((rule_, labels))
        since = old.since if old and old.state in ("pending", "firing") else self.now
        new = Alert(rule_, labels, states[sign], since, value, fired_at=self.now, seen=self.now)
        self.alerts[rule_, labels] = new
        self.transitions.append(Transition(self.now, rule_, new.state, value, labels))

    def tick(self, **more: Any) -> list[Parcel]:
        """Evaluate now; what people are told."""
        known = [one for one in self.incidents.values() if not one.closed_at]
        decided = decide(
            self.plan,
            TARGET,
            known,
            list(self.alerts.values()),
            self.now,
            transitions=self.transitions,
            silences=self.silences,
            **more,
        )
        self.transitions.clear()
        self.incidents |= {one.id: one for one in decided.incidents}
        self.parcels += decided.parcels
        self.now += timedelta(minutes=1)
        return list(decided.parcels)


def told(parcels: list[Parcel], incidents: dict[str, Incident]) -> str:
    """What was told, in the words of a time line."""
    return "; ".join(
        f"{note.event} {incidents[note.incident].cause}: {places}"
        for note, places in places_of(parcels)
    )


def places_of(parcels: Iterable[Parcel]) -> list[tuple[Note, str]]:
    """Each note, and all places that it goes to."""
    found: dict[str, tuple[Note, list[str]]] = {}
    for parcel in parcels:
        found.setdefault(parcel.note.key, (parcel.note, []))[1].append(_place(parcel))
    return [(note, " ".join(sorted(places))) for note, places in found.values()]


def _sorted(expected: str) -> str:
    """What should be told, its places in order."""
    notes = [part.partition(":") for part in expected.split("; ") if part]
    places = re.compile(r"[^\s(]+(?:\([^)]*\))?")
    return "; ".join(f"{what}: {' '.join(sorted(places.findall(to)))}" for what, _, to in notes)


def _place(parcel: Parcel) -> str:
    if parcel.channel == "slack":
        return str(parcel.place)
    return f"{parcel.channel}({parcel.place})" if parcel.place else parcel.channel


def played(script: str, stage: Stage | None = None) -> tuple[str, str]:
    """The time line as it should be, and as it was."""
    stage = stage or Stage()
    joined = re.sub(r";\n[ |]+", "; ", script.strip())
    lines = [tuple(part.strip() for part in line.split("|")) for line in joined.splitlines()]
    wanted, got = [], []
    for number, happens, expected in lines:
        at = minute(float(number))
        while stage.now < at:
            when = (stage.now - NOON) // timedelta(minutes=1)
            if said := told(stage.tick(), stage.incidents):
                got.append(f"{when} || {said}")
        said_by_itself = [parcel for what in happens.split(",") for parcel in stage.do(what)]
        said = told([*said_by_itself, *stage.tick()], stage.incidents)
        wanted.append(f"{number} | {happens} | {_sorted(expected)}")
        got.append(f"{number} | {happens} | {said}")
    return "\n".join(wanted), "\n".join(got)


def opened(stage: Stage, *happens: str, **more: Any) -> list[Parcel]:
    """What is told in the minute in which all this happens."""
    for what in happens:
        stage.do(what)
    return stage.tick(**more)


def only(stage: Stage) -> Incident:
    """The one incident there is."""
    (incident,) = stage.incidents.values()
    return replace(incident)
