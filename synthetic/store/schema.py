"""The tables of the history, for SQLite and PostgreSQL alike, and the version of their shape.

Times are integer microseconds since 1970 UTC; ``arrived`` beside them is when we got to know.
A change of shape is a new version, and a step of :mod:`synthetic.store.upgrade`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from synthetic.store.digest import Labels

VERSION = 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(separators=(",", ":")).encode


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def moment_of(microseconds: int) -> datetime:
    """The moment, UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def labels_text(labels: Labels) -> str:
    """Labels as they are stored and compared."""
    return _encode(labels)


@lru_cache(maxsize=20_000)
def labels_of(text: str) -> Labels:
    """What :func:`labels_text` wrote."""
    return tuple((name, value) for name, value in json.loads(text))


class _Moment(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else moment_of(value)


class _Plain(TypeDecorator[str]):
    """Text from elsewhere: PostgreSQL takes no NUL, which means nothing to anybody."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return value.replace("\0", "\ufffd") if value and "\0" in value else value


class _Labels(TypeDecorator[Labels]):
    """Labels, as text that is the same for the same labels."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Labels | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else labels_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Labels | None:
        del dialect
        return None if value is None else labels_of(value)


metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only so


def _table(name: str, *parts: Column[Any] | UniqueConstraint | Index, rows: bool = True) -> Table:
    return Table(name, metadata, *parts, sqlite_with_rowid=rows)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, **{"nullable": False, **more})


def _maybe(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind)


def _when(name: str) -> Column[datetime]:
    return Column(name, _Moment, nullable=False)


def _number(name: str, kind: Any = BigInteger, **more: Any) -> Column[Any]:
    return Column(name, kind, **{"nullable": False, **more})


def _key(name: str, kind: Any = BigInteger) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


about = _table("about", _key("name", Text), _number("value"))
"""``version`` of the shape; in microseconds, ``rolled_to``: up to where the rollups reach,
``closed_to``: up to where any samples have expired, and ``expired_at``: when that was last seen
to; ``remade``: how often rollups were made anew, by which others know what they remember of them
no longer holds."""

runs = _table(
    "runs",
    Column("id", _Id, primary_key=True),
    _text("run_id", unique=True),
    *(_text("target"), _text("suite"), _text("location"), _text("trigger"), _maybe("revision")),
    *(_when("started_at"), _maybe("finished_at", _Moment), _maybe("duration_s", Float)),
    *(_text("verdict"), _maybe("origin"), _when("arrived"), _text("digest")),
    *(_maybe("observed_from", BigInteger), _maybe("observed_to", BigInteger)),
    Column("rest", JSON, nullable=False),
    Index("runs_by_start", "target", "started_at"),
)
"""``digest`` tells whether a record has changed, ``observed_…`` between which times its samples
lie, ``rest`` is what no other table holds of it."""

journeys = _table(
    "journeys",
    *(_key("run"), _key("number", Integer)),
    *(_text("name"), _number("attempt", Integer), _text("status"), _maybe("origin")),
    *(_maybe("story"), Column("controls", JSON, nullable=False)),
    rows=False,
)
"""Attempts at journeys, in the order of the record."""

steps = _table(
    "steps",
    *(_key("run"), _key("journey", Integer), _key("number", Integer)),
    *(_text("name"), _text("feature"), _text("actor"), _text("status")),
    *(_maybe("latency_ms", Float), _when("started_at"), _maybe("ended_at", _Moment)),
    *(_maybe("error_type"), _maybe("error_message"), _maybe("origin")),
    rows=False,
)

requests = _table(
    "requests",
    *(_key("run"), _key("number", Integer)),
    *(_text("endpoint"), _text("method"), _maybe("status", Integer), _maybe("duration_ms", Float)),
    *(_when("at"), _text("actor"), _text("journey"), _number("attempt", Integer), _maybe("step")),
    _number("expected", Boolean),
    rows=False,
)

media = _table(
    "media",
    *(_key("run"), _key("number", Integer)),
    *(_text("kind"), _text("from"), _text("to"), _text("journey"), _number("attempt", Integer)),
    *(_text("step"), _text("identity"), _maybe("impaired")),
    Column("figures", JSON, nullable=False),
    rows=False,
)
"""``figures`` is what was measured: what a kind does not have is not in it."""

series = _table(
    "series",
    Column("id", _Id, primary_key=True),
    *(_text("target"), _text("metric"), Column("labels", Text, nullable=False)),
    UniqueConstraint("target", "metric", "labels", name="series_once"),
)

samples = _table(
    "samples",
    *(_key("series"), _key("at"), _number("value", Float), _number("arrived")),
    _maybe("run", BigInteger),
    rows=False,
)
"""``run`` is the run that was observed; none for what came by import, record, probe or source."""

rollups = _table(
    "rollups",
    *(_key("series"), _key("span", SmallInteger), _key("at"), _number("count")),
    *(_number("total", Float), _number("least", Float), _number("most", Float)),
    *(_number("latest", Float), _number("latest_at"), _text("buckets")),
    _number("closed", Boolean, server_default=false()),
    rows=False,
)
"""A digest of a ``span`` (1: an hour, 24: a day) after ``at``; ``closed`` when what it was made
of has expired, so that it can never be made again."""

alerts = _table(
    "alerts",
    *(_key("target", Text), _key("rule", Text), Column("labels", _Labels, primary_key=True)),
    *(_text("state"), Column("body", JSON, nullable=False)),
)

transitions = _table(
    "transitions",
    Column("id", _Id, primary_key=True),
    *(_text("target"), _when("at"), _text("rule"), _text("state"), _maybe("value", Float)),
    Column("labels", _Labels, nullable=False),
    UniqueConstraint("target", "at", "rule", "labels", "state", name="transition_once"),
)

incidents = _table(
    "incidents",
    *(_key("id", Text), _text("target"), _when("opened_at"), _maybe("closed_at", _Moment)),
    Column("body", JSON, nullable=False),
    Index("incidents_by_opening", "target", "opened_at"),
)

outbox = _table(
    "outbox",
    *(_key("id", Text), _text("channel"), _maybe("place"), _text("incident", server_default="")),
    *(Column("note", JSON, nullable=False), _when("created_at"), _when("due_at")),
    *(_number("tries", Integer), _maybe("begun_at", _Moment), _maybe("sent_at", _Moment)),
    *(_maybe("given_up_at", _Moment), _maybe("reference", _Plain), _maybe("problem", _Plain)),
    Index("outbox_by_incident", "incident", "channel"),
)

silences = _table(
    "silences",
    *(_key("id", Text), _text("target", server_default=""), _text("matches")),
    *(_when("begins_at"), _when("ends_at")),
    *(_text("reason"), _text("by")),
)

notes = _table("notes", _key("name", Text), Column("body", JSON, nullable=False))
"""Small documents by name, such as baselines and action items."""

leases = _table("leases", _key("name", Text), _text("holder"), _when("until"))
"""Who alone does something, and how long without a word of theirs."""
