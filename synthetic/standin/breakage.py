"""What a broken endpoint does in place of its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from synthetic.standin.faults import Effect
from synthetic.standin.guards import ApiError, too_many

_PAGE = '<!doctype html><title>Kulti</title><div id="root"></div>'
_BODIES = {
    "wrong": ('{"result": []}', "application/json"),
    "html": (_PAGE, "text/html"),
    "empty": ("", None),
    "truncated": ('{"status": "ok", "result": [{"id": "', "application/json"),
}


async def spoiled(
    request: Request, effects: Mapping[str, Effect], random: Callable[[], float]
) -> Response | None:
    """The answer in place of the endpoint's own; None when that is to do its work.

    ``random`` gives numbers from 0 to below 1. Raises :class:`ApiError`.
    """
    if "delay_s" in effects and await _gone(request, float(effects["delay_s"])):
        return Response()
    if "hangs" in effects and await _gone(request, None):
        return Response()
    status = int(effects.get("status", 0))
    if "failing" in effects and random() < float(effects["failing"]):
        status = 500
    if status == 429:
        raise too_many("rate_limited", "Too many requests; please try again later.", 60)
    if status:
        raise ApiError(status, "internal", "Something went wrong on our side.")
    if "body" not in effects:
        return None
    body, media_type = _BODIES[str(effects["body"])]
    return Response(body, media_type=media_type)


async def _gone(request: Request, within_s: float | None) -> bool:
    """Wait until the client has hung up, or for that long; gives whether it has."""
    # Kept for whoever reads it later: what was received comes only once.
    await request.body()
    try:
        async with asyncio.timeout(within_s):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True
