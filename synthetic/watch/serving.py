"""The dashboard beside the watch, in the same event loop, and what only a watcher can tell."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthetic.dashboard.serving import Server
from synthetic.exports.metrics import CONTENT_TYPE, exposition
from synthetic.results import Sample
from synthetic.watch.assembly import World
from synthetic.watch.loop import Watcher
from synthetic.watch.schedule import EPOCH
from synthetic.watch.status import late

_STATES = {None: "begins", False: "stands by", True: "watches"}


class Beside(Server):
    """A server beside the watch, which alone heeds signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


def routes_of(world: World, watcher: Watcher, clock: Callable[[], datetime]) -> Sequence[Route]:
    """``/metrics`` for Prometheus, and ``/healthz`` for whoever supervises the process.

    That answers 503 when it is on us to evaluate, and no evaluation has come to its end of late.
    """

    async def metrics(_: Request) -> Response:
        gauges, latest = await world.gauges(), world.latest
        own: list[Sample] = watcher.figures(clock())
        page = exposition(
            world.plan,
            gauges,
            latest.alerts if latest else (),
            own,
            latest.at if latest else EPOCH,
        )
        return Response(page, media_type=CONTENT_TYPE)

    async def healthz(_: Request) -> Response:
        said, now = _STATES[watcher.holds], clock()
        overdue = watcher.holds is not False and late(
            watcher.well, watcher.cadence(now).get("evaluate"), now
        )
        at = world.latest.at.isoformat() if world.latest else None
        body = {"state": "does not evaluate" if overdue else said, "evaluated_at": at}
        return JSONResponse(body, status_code=503 if overdue else 200)

    return (Route("/metrics", metrics), Route("/healthz", healthz))
