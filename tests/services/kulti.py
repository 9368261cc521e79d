"""A plausible database of Kulti's: its tables, and a population with synthetic people among them.

What happened is written by day and hour before ``NOON``, so that every figure can be counted.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from tests.services.postgresql import PostgreSQL

NOON = datetime(2026, 12, 9, 12, 20, tzinfo=UTC)
DAY = NOON.replace(hour=0, minute=0)
FRESH, STANDING = "host@synthetic.test", "guest_one@synthetic.test"
READER = ("GRANT USAGE ON SCHEMA public", "GRANT SELECT ON ALL TABLES IN SCHEMA public")
WATCHER = ("GRANT pg_read_all_stats",)
_TABLES = """
CREATE TABLE users (id int PRIMARY KEY, email text, created_at timestamptz NOT NULL);
CREATE TABLE logins (user_id int NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE sessions (
  id int PRIMARY KEY, owner_id int NOT NULL, created_at timestamptz NOT NULL,
  started_at timestamptz, ended_at timestamptz);
CREATE TABLE participants (
  session_id int NOT NULL, user_id int NOT NULL,
  joined_at timestamptz NOT NULL, left_at timestamptz);
CREATE TABLE messages (session_id int NOT NULL, user_id int NOT NULL, body text);
CREATE TABLE recordings (session_id int NOT NULL);
CREATE TABLE session_events (session_id int NOT NULL, kind text NOT NULL);
CREATE TABLE payments (
  user_id int NOT NULL, amount_cents int NOT NULL, currency text NOT NULL,
  paid_at timestamptz NOT NULL);
CREATE TABLE backups (finished_at timestamptz NOT NULL, succeeded boolean NOT NULL);
"""


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """A moment before the last midnight."""
    return DAY - timedelta(days=days, hours=hours, minutes=minutes)


def before(hours: float = 0, minutes: float = 0) -> datetime:
    """A moment before now."""
    return NOON - timedelta(hours=hours, minutes=minutes)


ANN, BEN, CLEO, DAN, EVE, FAY, HOST, GUEST, LOOKALIKE = range(1, 10)
USERS = [
    (ANN, "ann@kulti.test", ago(40)),
    (BEN, "ben@kulti.test", ago(31, hours=-9)),
    (CLEO, None, ago(8, hours=-3)),  # signed up by telephone
    (DAN, "dan@kulti.test", ago(hours=12)),
    (EVE, "eve@kulti.test", before(minutes=40)),
    (FAY, "fay@kulti.test", ago(60)),
    (HOST, "Host+20261209T110000@synthetic.test", ago(hours=2)),
    (GUEST, STANDING, ago(50)),
    (LOOKALIKE, "guestXone@synthetic.test", ago(45)),  # _ is any letter to LIKE
]
LOGINS = [
    (ANN, ago(35)),
    (BEN, ago(1, hours=-6)),
    (CLEO, ago(8, hours=-4)),
    (CLEO, ago(1, hours=-4)),
    (DAN, ago(hours=11)),
    (EVE, before(minutes=35)),
    (EVE, before(minutes=5)),
    (FAY, ago(15)),
    (GUEST, ago(hours=5)),
    (GUEST, before(minutes=50)),
    (LOOKALIKE, ago(44)),
]
SESSIONS = [
    (1, BEN, ago(1, hours=-6), ago(1, hours=-6), ago(1, hours=-6.5)),  # half an hour, yesterday
    (2, CLEO, ago(1, hours=-6), ago(1, hours=-6.25), ago(1, hours=-6.5)),  # beside it
    (3, DAN, ago(hours=11), ago(hours=11), ago(hours=10.5)),
    (4, EVE, before(minutes=30), before(minutes=30), None),  # goes on
    (5, EVE, before(hours=3), None, None),  # was never started
    (6, GUEST, ago(hours=5), ago(hours=5), ago(hours=4)),  # ours
    (7, CLEO, ago(20), ago(20), ago(20, hours=-1)),
    (8, ANN, ago(25), ago(25), None),  # whose end was never written down
]
PARTICIPANTS = [
    (1, BEN, ago(1, hours=-6), ago(1, hours=-6.5)),
    (1, ANN, ago(1, hours=-6.1), ago(1, hours=-6.5)),
    (1, GUEST, ago(1, hours=-6.1), ago(1, hours=-6.5)),  # ours, as somebody's guest
    (2, CLEO, ago(1, hours=-6.25), None),  # left without a word: until the end
    (3, DAN, ago(hours=11), ago(hours=10.5)),
    (4, EVE, before(minutes=30), None),
    (4, BEN, before(minutes=29), before(minutes=28)),
    (4, BEN, before(minutes=27), None),  # came back
    (6, GUEST, ago(hours=5), ago(hours=4)),
    (6, HOST, ago(hours=5), ago(hours=4)),
    (7, CLEO, ago(20), ago(20, hours=-1)),
    (7, BEN, ago(20), ago(20, hours=-1)),
    (8, ANN, ago(25), None),
]
PAYMENTS = [
    (ANN, 1999, "usd", ago(3)),
    (BEN, 501, "USD", ago(29)),
    (BEN, 700, "eur", ago(4)),
    (GUEST, 5000, "usd", ago(1)),
    (ANN, 800, "usd", ago(31)),
]
_ROWS: dict[str, Sequence[tuple[Any, ...]]] = {
    "users": USERS,
    "logins": LOGINS,
    "sessions": SESSIONS,
    "participants": PARTICIPANTS,
    "messages": [(1, BEN, "hello"), (1, ANN, "hi"), (6, GUEST, "ours"), (7, CLEO, "old")],
    "recordings": [(2,), (6,)],
    "session_events": [(1, "screen_share"), (2, "screen_share"), (3, "ai")],
    "payments": PAYMENTS,
    "backups": [(before(hours=30), True), (before(hours=6), True), (before(hours=1), False)],
}


def make_tables(url: str) -> None:
    """Kulti before anybody came."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)


def populate(url: str) -> None:
    """Make the tables and put everybody in."""
    make_tables(url)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, rows in _ROWS.items():
            cursor.executemany(_insert(table, len(rows[0])), rows)


def _insert(table: str, columns: int) -> sql.Composed:
    places = sql.SQL(", ").join(sql.Placeholder() * columns)
    return sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), places)


def populated(server: PostgreSQL) -> str:
    """The URL of a new database with everybody in it, as its owner."""
    url = server.new_database()
    populate(url)
    return url


def role(url: str, *grants: str) -> str:
    """The URL by which a new role connects that has no more than these rights."""
    name = f"role_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        who = sql.Identifier(name)
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(who, sql.Literal("hush hush"))
        )
        for grant in grants:
            connection.execute(sql.SQL(grant + " TO {}").format(who))
    return url.replace("synthetic:only-for-tests@", f"{name}:hush%20hush@")
