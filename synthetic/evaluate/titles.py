"""Which rule an alert is of, which cause that points at, and what an incident is called. Pure."""

from __future__ import annotations

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.plan.model import Plan, Row
from synthetic.store.values import Incident
from synthetic.wording import fit, listed

_LONGEST_NAME = 40


def rules_of(plan: Plan) -> dict[str, Row]:
    """What an alert can be of, by its id: the plan's rows, and that data stopped."""
    return {row.id: row for row in (*plan.rows, NO_DATA)}


def cause_of(row: Row) -> str:
    """The cause that a rule points at; a rule that names none is a cause of its own."""
    return row.cause or row.id


def title_of(plan: Plan, incident: Incident) -> str:
    """What its cause breaks, and which of that its alerts are of: ``Chat fails (sending)``.

    Where one of them has no name, none is named: the others would pass for all that is broken.
    """
    rows = rules_of(plan)
    known = plan.causes.get(incident.cause) or rows.get(incident.cause)
    if known is None:
        return incident.title
    own = [
        (rows[rule].names or "", dict(labels))
        for rule, labels in incident.members
        if rule in rows and cause_of(rows[rule]) == incident.cause
    ]
    names = dict.fromkeys(fit(labels.get(name, name), _LONGEST_NAME) for name, labels in own)
    return f"{known.title} ({listed(names)})" if names and all(names) else known.title
