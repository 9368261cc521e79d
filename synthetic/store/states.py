"""Alerts, incidents, the outbox and what people said of them; each within a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select, update

from synthetic.store import schema
from synthetic.store.insertion import put_named
from synthetic.store.values import Alert, Incident, Note, Parcel, Silence, Transition

HOLD = timedelta(minutes=2)
"""A parcel whose try has ended neither way for this long is taken for one nobody tries."""
_ALERT = TypeAdapter(Alert)
_INCIDENT = TypeAdapter(Incident)
_NOTE = TypeAdapter(Note)


def keep_alerts(connection: Connection, target: str, alerts: Sequence[Alert]) -> None:
    """Let these be all alerts of the target."""
    connection.execute(delete(schema.alerts).where(schema.alerts.c.target == target))
    rows = [
        {
            "target": target,
            "rule": alert.rule,
            "labels": alert.labels,
            "state": alert.state,
            "body": _ALERT.dump_python(alert, mode="json"),
        }
        for alert in alerts
    ]
    put_named(connection, schema.alerts, rows)


def alerts(connection: Connection, target: str) -> tuple[Alert, ...]:
    """All alerts of the target, by rule and labels."""
    table = schema.alerts
    found = connection.scalars(
        select(table.c.body).where(table.c.target == target).order_by(table.c.rule, table.c.labels)
    )
    return tuple(_ALERT.validate_python(body) for body in found)


def add_transitions(connection: Connection, target: str, given: Sequence[Transition]) -> None:
    """Add to the history of alerts; the same twice is one."""
    put_named(
        connection, schema.transitions, [{"target": target, **vars(one)} for one in given], "keep"
    )


def transitions(
    connection: Connection, target: str, start: datetime, end: datetime
) -> tuple[Transition, ...]:
    """Those after ``start``, up to and with ``end``, in the order in which they came."""
    table = schema.transitions.c
    found = connection.execute(
        select(table.at, table.rule, table.state, table.value, table.labels)
        .where(table.target == target, table.at > start, table.at <= end)
        .order_by(table.at, table.id)
    )
    return tuple(Transition(*row) for row in found)


def keep_incidents(connection: Connection, incidents: Sequence[Incident]) -> None:
    """Add incidents, or let them take the place of what they were."""
    rows = [
        {
            "id": one.id,
            "target": one.target,
            "opened_at": one.opened_at,
            "closed_at": one.closed_at,
            "body": _INCIDENT.dump_python(one, mode="json"),
        }
        for one in incidents
    ]
    put_named(connection, schema.incidents, rows, "replace")


def incidents(connection: Connection, target: str, *, open_only: bool) -> tuple[Incident, ...]:
    """Those of the target in the order of their opening."""
    table = schema.incidents
    wanted = [table.c.target == target, *([table.c.closed_at.is_(None)] if open_only else [])]
    found = connection.scalars(
        select(table.c.body).where(*wanted).order_by(table.c.opened_at, table.c.id)
    )
    return tuple(_INCIDENT.validate_python(body) for body in found)


def post(connection: Connection, parcels: Sequence[Parcel]) -> None:
    """Put parcels into the outbox; those that are there already stay as they are."""
    rows = [
        {
            **vars(parcel),
            "note": _NOTE.dump_python(parcel.note, mode="json"),
            "incident": parcel.note.incident,
        }
        for parcel in parcels
    ]
    put_named(connection, schema.outbox, rows, "keep")


def due(connection: Connection, now: datetime) -> tuple[Parcel, ...]:
    """What may be tried now, the oldest first."""
    table = schema.outbox.c
    return _parcels(
        connection, table.sent_at.is_(None), table.given_up_at.is_(None), table.due_at <= now
    )


def given_up(connection: Connection, since: datetime) -> tuple[Parcel, ...]:
    """What was given up after a moment, the oldest first."""
    table = schema.outbox.c
    return _parcels(connection, table.sent_at.is_(None), table.given_up_at > since)


def parcels(connection: Connection, incident: str) -> tuple[Parcel, ...]:
    """All that was ever put into the outbox about an incident, the oldest first."""
    return _parcels(connection, schema.outbox.c.incident == incident)


def begin(connection: Connection, parcel: Parcel, now: datetime, hold: timedelta) -> bool:
    """Claim a parcel as it was read; false when somebody else was quicker."""
    table = schema.outbox.c
    claimed = connection.execute(
        update(schema.outbox)
        .where(
            table.id == parcel.id,
            table.tries == parcel.tries,
            table.due_at <= now,
            table.sent_at.is_(None),
            table.given_up_at.is_(None),
        )
        .values(begun_at=now, due_at=now + hold, tries=parcel.tries + 1)
    )
    return claimed.rowcount == 1


def settle(connection: Connection, parcel: Parcel, **values: Any) -> None:
    """Note how a try ended."""
    connection.execute(
        update(schema.outbox).where(schema.outbox.c.id == parcel.id).values(**values)
    )


def silences(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """Those that hold at a moment."""
    table = schema.silences
    found = connection.execute(
        select(table)
        .where(table.c.begins_at <= now, table.c.ends_at > now)
        .order_by(table.c.begins_at, table.c.id)
    )
    return tuple(Silence(**row) for row in found.mappings())


def lease(connection: Connection, name: str, holder: str, until: datetime, now: datetime) -> bool:
    """Whether ``holder`` alone does what ``name`` says until then; asked again, it goes on."""
    held = connection.execute(select(schema.leases).where(schema.leases.c.name == name)).first()
    if held and held.holder != holder and held.until > now:
        return False
    row = {"name": name, "holder": holder, "until": until}
    put_named(connection, schema.leases, [row], "replace")
    return True


def _parcels(connection: Connection, *wanted: Any) -> tuple[Parcel, ...]:
    table = schema.outbox
    found = connection.execute(
        select(table).where(*wanted).order_by(table.c.created_at, table.c.id)
    ).mappings()
    return tuple(
        Parcel(
            **{
                **{name: value for name, value in row.items() if name != "incident"},
                "note": _NOTE.validate_python(row["note"]),
            }
        )
        for row in found
    )
