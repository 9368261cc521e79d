"""The tables, in an SQLite database in memory: nothing is left behind, however it ends."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
)
from sqlalchemy.pool import StaticPool

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String, unique=True, nullable=False),
    Column("created_at", Float, nullable=False),
)
codes = Table(
    "codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String, nullable=False, index=True),
    Column("code", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", Float),
)
logins = Table(
    "logins",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("created_at", Float, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("code", String, unique=True, nullable=False),
    Column("title", String, nullable=False),
    Column("owner_id", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("ended_at", Float),
)
members = Table(
    "members",
    metadata,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("user_id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("left_at", Float),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False, index=True),
    Column("user_id", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("text", String, nullable=False),
    Column("sent_at", Float, nullable=False),
)
recordings = Table(
    "recordings",
    metadata,
    Column("id", String, primary_key=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False, index=True),
    Column("user_id", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("media", LargeBinary),
)
chunks = Table(
    "chunks",
    metadata,
    Column("recording_id", ForeignKey("recordings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)


def connect() -> Engine:
    """A new, empty database with every table.

    All share one connection, from the event loop's thread: queries take well under a millisecond.
    So a transaction must neither hold another nor await anything.
    """
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    metadata.create_all(engine)
    return engine
