"""The health endpoint: what is there is really probed, what is not says so."""

from __future__ import annotations

import asyncio
import smtplib
import time
from collections.abc import Awaitable, Callable
from statistics import fmean
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.services import Endpoint, Services, rfc3339

Check = dict[str, Any]

_FAILURES = (SQLAlchemyError, smtplib.SMTPException, OSError, RuntimeError)
_NOT_CONFIGURED = {"status": "not_configured"}


async def health(services: Services, _request: Request) -> Response:
    """GET: 200 with ``ok``, or 503 with ``error`` when any check fails."""
    wrong = services.faults.get("health", "database")
    database, hms, email = await asyncio.gather(
        _timed(lambda: _database(services, failing=bool(wrong))),
        _timed(lambda: _signalling(services)),
        _timed(lambda: _mail(services)),
    )
    fine = all(check["status"] == "ok" for check in (database, hms, email))
    if wrong == "hidden":
        fine = True
    body = {
        "status": "ok" if fine else "error",
        "timestamp": rfc3339(services.clock()),
        "checks": {
            "database": database,
            "hms": hms,
            "external": {
                "twilio": _NOT_CONFIGURED,
                "anthropic": _NOT_CONFIGURED,
                "redis": _NOT_CONFIGURED,
                "email": email,
            },
            "performance": _performance(services, database),
        },
    }
    return JSONResponse(body, 200 if fine else 503)


ENDPOINTS: tuple[Endpoint, ...] = (("GET", "/api/health", health),)


async def _timed(probe: Callable[[], Awaitable[Check]]) -> Check:
    """What the probe found, with ``status`` and ``latencyMs``."""
    started = time.perf_counter()
    try:
        found = {"status": "ok"} | await probe()
    except _FAILURES as error:
        found = {"status": "error", "error": type(error).__name__}
    return found | {"latencyMs": round((time.perf_counter() - started) * 1000, 3)}


async def _database(services: Services, *, failing: bool) -> Check:
    if failing:
        raise RuntimeError("told to fail")
    with services.db.connect() as db:
        db.execute(text("SELECT 1")).one()
    # One connection, no replica: both are what they are.
    return {
        "canConnect": True,
        "canQuery": True,
        "replicationLagS": 0,
        "pool": {"used": 1, "size": 1},
    }


async def _signalling(services: Services) -> Check:
    token = services.hub.issue("health", 0, "health")
    if services.hub.redeem(token) is None or services.hub.redeem(token) is not None:
        raise RuntimeError("a token did not work exactly once")
    return {"canAuthenticate": True, "canListRooms": True, "rooms": len(services.hub.rooms)}


async def _mail(services: Services) -> Check:
    await services.postman.probe()
    return {}


def _performance(services: Services, database: Check) -> Check:
    """Of the API requests of the last five minutes: mean (ms), share of 5xx, count."""
    seen = services.traffic.recent()
    return {
        "responseTime": round(fmean(one.duration_ms for one in seen), 3) if seen else 0,
        "errorRate": round(fmean(one.failed for one in seen), 4) if seen else 0,
        "requests": len(seen),
        "databaseQueryTime": database["latencyMs"],
    }
