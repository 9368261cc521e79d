"""What a health report says, and whether it can be believed (plan, Part F). Pure.

Each check of the plan's "Health Check Details" becomes a figure; what is ``not_configured`` is
unknown and gives none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from synthetic.probes.checks import (
    State,
    count,
    each,
    milliseconds,
    named,
    percent,
    says_nothing,
    seconds,
    short,
    states,
    works,
)

_MOST_DOUBTS = 5
STALE_AFTER = timedelta(minutes=1)
"""The report is made when it is asked for; an older one was kept somewhere on the way."""
_EXTERNAL = {
    "twilio": "health_twilio",
    "anthropic": "health_anthropic",
    "redis": "health_upstash",
    "upstash": "health_upstash",
    "email": "health_email",
}


@dataclass(frozen=True)
class Health:
    """``figures`` by metric, in its unit; ``findings`` are why it is not up, or what is unclear.

    Each finding lacks its subject, the address. ``is_report`` is false for what is of another
    shape.
    """

    is_report: bool
    up: bool
    figures: Mapping[str, float]
    findings: tuple[str, ...]


class _NoReport(ValueError):
    """The body is no health report at all."""


def judge(status: int, body: bytes, now: datetime) -> Health:
    """What an answer of the health endpoint says; ``now`` is by the clock of whoever answered."""
    try:
        report, findings = _read(body)
        checks = _table(named(report.get("checks", {})))
        said = report["status"]
        failing = sorted(one.path for one in _states(checks) if one.verdict == "fails")
        doubts, figures = _doubts(checks), dict(_figures(checks))
        findings += _stale(report.get("timestamp"), now)
    except (ValueError, KeyError, RecursionError) as error:
        what = f" ({error})" if isinstance(error, _NoReport) else ""
        said = f"answered {status} with something other than a health report{what}"
        return Health(False, False, {}, (said,))
    quoted = repr(short(str(said)))
    if failing:
        which = ", ".join(failing)[:300]
        findings.append(f"says {quoted} while these checks fail: {which}")
    elif status != 200 or said != "ok":
        findings.append(f"answered {status} with status {quoted}")
    up = status == 200 and not findings
    return Health(True, up, figures, (*findings, *doubts))


def _read(body: bytes) -> tuple[Mapping[str, Any], list[str]]:
    twice: dict[str, None] = {}

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, value in pairs:
            if key in table:
                twice[short(key)] = None
            table[key] = value
        return table

    def refuse(constant: str) -> None:
        raise _NoReport(f"{constant} is no number")

    report = json.loads(body, object_pairs_hook=once, parse_constant=refuse)
    named = ", ".join(twice)[:300]
    found = [f"says more than one thing about {named}: its keys are not unique"] if twice else []
    return _table(report), found


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _NoReport("a table is missing")
    return value


def _stale(said: Any, now: datetime) -> list[str]:
    if not isinstance(said, str):
        return ["does not say when it was made: its timestamp is missing"]
    try:
        made = datetime.fromisoformat(said)
        age = now - (made if made.tzinfo else made.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return [f"has a timestamp that is no time: {short(said)!r}"]
    if abs(age) <= STALE_AFTER:
        return []
    when = "old" if age > timedelta(0) else "ahead of its own clock"
    return [f"is stale: its timestamp is {abs(age).total_seconds():.0f} s {when}"]


def _states(checks: Mapping[str, Any]) -> Iterator[State]:
    for path, check in each(checks):
        yield from states(check, path)


def _doubts(checks: Mapping[str, Any]) -> list[str]:
    """What is neither well nor failing: nobody knows, and somebody should."""
    if not checks:
        return ["names no checks, so it does not say what its status is made of"]
    unclear = [one for one in _states(checks) if one.verdict == "unclear"][:_MOST_DOUBTS]
    empty = [path for path, check in each(checks) if says_nothing(check)][:_MOST_DOUBTS]
    said = [f"says {one.said!r} of {one.path[:100]}, which we do not understand" for one in unclear]
    return said + [f"says nothing of {path[:100]} that we understand" for path in empty]


def _figures(checks: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for metric, read, said in (*_database(checks), *_signalling(checks), *_performance(checks)):
        value = read(said)
        if value is not None:
            yield metric, float(value)
    yield from _external(checks.get("external"))


_Reading = tuple[str, Callable[[Any], float | None], Any]


def _database(checks: Mapping[str, Any]) -> Iterator[_Reading]:
    check = checks.get("database")
    parts = check if isinstance(check, Mapping) else {}
    pool = parts.get("pool")
    yield "health_database", works, parts.get("canConnect", check)
    yield "health_database_query", works, parts.get("canQuery")
    yield "replication_lag", seconds, parts.get("replicationLagS")
    yield "health_connections", count, pool.get("used") if isinstance(pool, Mapping) else pool


def _signalling(checks: Mapping[str, Any]) -> Iterator[_Reading]:
    check = checks.get("hms")
    parts = check if isinstance(check, Mapping) else {}
    yield "health_hms", works, parts.get("canAuthenticate", check)
    yield "health_hms_rooms", works, parts.get("canListRooms")
    yield "health_hms_latency", milliseconds, parts.get("latencyMs")
    yield "health_hms_status", works, parts.get("status")


def _performance(checks: Mapping[str, Any]) -> Iterator[_Reading]:
    check = checks.get("performance")
    parts = check if isinstance(check, Mapping) else {}
    yield "health_response", milliseconds, parts.get("responseTime")
    yield "health_error_rate", percent, parts.get("errorRate")
    yield "health_query_time", milliseconds, parts.get("databaseQueryTime")
    yield "health_cache_hit_rate", percent, parts.get("cacheHitRate")


def _external(check: Any) -> Iterator[tuple[str, float]]:
    parts = named(check) if isinstance(check, Mapping | list) else {}
    said = {name: works(value) for name, value in parts.items()}
    found = [
        state.verdict for path, one in each({"external": check}) for state in states(one, path)
    ]
    if "fails" in found or ("works" in found and "unclear" not in found):
        yield "health_external", float("fails" not in found)
    for name, metric in _EXTERNAL.items():
        fine = said.get(name)
        if fine is not None:
            yield metric, float(fine)
