"""What the handlers share, and the one way in which they are turned into routes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from synthetic.standin.breakage import spoiled
from synthetic.standin.faults import Faults
from synthetic.standin.guards import ApiError
from synthetic.standin.mail import Postman
from synthetic.standin.rooms import Hub

if TYPE_CHECKING:
    from synthetic.standin.janus import Janus

Clock = Callable[[], float]

TRAFFIC_WINDOW_S = 300.0


@dataclass(frozen=True)
class Answered:
    """One answered API request: when, how long it took (ms), and whether it failed (5xx)."""

    at: float
    duration_ms: float
    failed: bool


@dataclass
class Traffic:
    """The API requests of the last minutes, for the health endpoint."""

    clock: Clock
    seen: deque[Answered] = field(default_factory=lambda: deque(maxlen=10_000))

    def note(self, duration_ms: float, *, failed: bool) -> None:
        """Remember one request."""
        self.seen.append(Answered(self.clock(), duration_ms, failed))

    def recent(self) -> list[Answered]:
        """Those of the last :data:`TRAFFIC_WINDOW_S` seconds."""
        since = self.clock() - TRAFFIC_WINDOW_S
        return [one for one in self.seen if one.at >= since]


@dataclass(frozen=True)
class Services:
    """Everything a handler may use. ``clock`` gives seconds since 1970."""

    clock: Clock
    db: Engine
    hub: Hub
    postman: Postman
    faults: Faults
    traffic: Traffic
    front: str = "plain"
    code_lifetime_s: float = 300.0
    janus: Janus | None = None

    @property
    def topology(self) -> str:
        """How video travels: between browsers ("mesh"), or through Janus ("sfu")."""
        return "sfu" if self.janus else "mesh"


Handler = Callable[[Services, Request], Awaitable[Response]]
Endpoint = tuple[str, str, Handler]
"""Method, path template, handler."""


def rfc3339(moment: float) -> str:
    """``moment`` (seconds since 1970) as people and programs read it, in milliseconds, UTC."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def route(services: Services, endpoint: Endpoint) -> Route:
    """The endpoint as a route that is measured, and that a fault can break."""
    method, path, handler = endpoint
    point = f"{method} {path}"

    async def answer(request: Request) -> Response:
        started, failed = time.perf_counter(), True
        try:
            wrong = services.faults.at(point)
            broken = await spoiled(request, wrong, services.faults.random)
            response = broken or await handler(services, request)
            failed = response.status_code >= 500
        except ApiError as error:
            failed = error.status >= 500
            raise
        finally:
            services.traffic.note((time.perf_counter() - started) * 1000, failed=failed)
        return response

    return Route(path, answer, methods=[method])
