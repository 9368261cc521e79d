"""What to tell people outside about an incident, for a person to read, finish and send. Pure.

Drafts hold only words of the plan that may be published: neither figures nor what the target said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from synthetic.plan.model import Cause, Plan
from synthetic.reports.document import Document, Figure, Line, Prose, Section, State, clean
from synthetic.reports.outages import described
from synthetic.reports.words import instant, span
from synthetic.store.values import Incident, Severity

_NEXT: dict[Severity, timedelta] = {
    "critical": timedelta(minutes=30),
    "high": timedelta(hours=1),
    "medium": timedelta(days=1),
    "low": timedelta(days=1),
}
_STATES: dict[Severity, State] = {"critical": "failed", "high": "failed"}
_SILENT = "Nothing of this is noticed by users, or it should not be published: tell nobody outside."


def drafts(incident: Incident, plan: Plan, at: datetime) -> Document:
    """A post for the status page and an e-mail to affected users, with the workaround."""
    cause = plan.causes.get(incident.cause)
    over = incident.closed_at is not None
    return Document(
        name="incident",
        title=f"Drafts: {clean(incident.title)}",
        question="What do we tell people outside?",
        word="Resolved" if over else incident.severity.capitalize(),
        answer=f"{described(incident, at)}.",
        more="Read it, fill in what stands in [brackets], and send it yourself.",
        state="ok" if over else _STATES.get(incident.severity, "degraded"),
        target=incident.target,
        at=at,
        covers=f"Incident {incident.id}.",
        source="Monitoring plan, Part A, Communication During First 24 Hours, User Communication",
        sections=(
            Section("Status page", tuple(_post(incident, cause, at))),
            Section("E-mail to affected users", tuple(_mail(incident, cause, at))),
            Section("For you, not to be published", tuple(_inside(incident, plan, cause))),
        ),
    )


def _post(incident: Incident, cause: Cause | None, at: datetime) -> Iterator[Line]:
    if cause is None or cause.noticed is None:
        yield Prose(_SILENT)
        return
    state = "Resolved" if incident.closed_at else "Investigating"
    yield Prose(f"{state}: {cause.title}")
    yield from map(Prose, _told(incident, cause, at))


def _mail(incident: Incident, cause: Cause | None, at: datetime) -> Iterator[Line]:
    if cause is None or cause.noticed is None:
        yield Prose(_SILENT)
        return
    yield Figure("To", "[whom the product's own records show between these times]")
    yield Figure("Subject", f"[product]: {cause.title}" + (", now resolved" * _over(incident)))
    yield Prose("Hello,")
    yield from map(Prose, _told(incident, cause, at))
    yield Prose("We are sorry for the trouble. If something still fails, answer this mail.")
    yield Prose("[name], for the team")


def _over(incident: Incident) -> bool:
    return incident.closed_at is not None


def _told(incident: Incident, cause: Cause, at: datetime) -> Iterator[str]:
    """What happened, what to do meanwhile, and what comes next."""
    began = instant(incident.opened_at)
    if incident.closed_at:
        yield (
            f"From {began} to {instant(incident.closed_at)} "
            f"({span(incident.closed_at - incident.opened_at)}) something was wrong. In that time: "
            f"{cause.noticed} It works again, and there is nothing that you have to do."
        )
        return
    yield f"Since {began} something is wrong. {cause.noticed} We are working on it."
    if cause.workaround:
        yield f"What you can do meanwhile: {cause.workaround}"
    yield f"We will write again by {instant(at + _NEXT[incident.severity])}, or when it is over."


def _inside(incident: Incident, plan: Plan, cause: Cause | None) -> Iterator[Line]:
    titles = {row.id: row.title for row in plan.rows}
    alerts = dict.fromkeys(titles.get(rule, rule) for rule, _ in incident.members)
    yield Figure("Severity", incident.severity)
    yield Figure("Alerts", clean(", ".join(alerts)))
    if cause:
        yield Figure("Runbook", cause.runbook)
    yield Figure("Also", "post on social media where the plan wants it (major issues)")
