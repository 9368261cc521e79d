"""Joining a call: the token, and the WebSocket that it opens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from synthetic.standin.auth import require_user
from synthetic.standin.faults import Effect
from synthetic.standin.guards import parse_object, read_json, text_field
from synthetic.standin.rooms import PASS_LIFETIME_S, Hub, Seat
from synthetic.standin.services import Endpoint, Services
from synthetic.standin.sessions import admit, find, mark_left

INTRODUCTION_S = 10.0
"""How long a socket may stay silent before it shows its token."""
GRACE_S = 15.0
"""How long a place is kept for somebody whose page went without leaving."""

REFUSED, MALFORMED, GOING = 4401, 4400, 1000


async def token(services: Services, request: Request) -> Response:
    """POST {session_id}: a token for the call; whoever holds a session's link may join it."""
    user = require_user(services, request)
    session_id = text_field(await read_json(request), "session_id", limit=100)
    with services.db.begin() as db:
        name = admit(services, db, find(db, session_id), user)
    issued = services.hub.issue(session_id, user.id, name)
    return JSONResponse({"token": issued, "expires_in": PASS_LIFETIME_S})


ENDPOINTS: tuple[Endpoint, ...] = (("POST", "/api/hms/token", token),)


async def attend(services: Services, socket: WebSocket) -> None:
    """One page's stay in a room: it shows its token first, then both sides talk."""
    introduction = await introduced(socket)
    if introduction is None:
        return None
    holder = services.hub.redeem(introduction.get("token"))
    if holder is None:
        return await socket.close(REFUSED)
    seat = services.hub.enter(holder)
    try:
        code = await _talk(services.hub, seat, socket, services.faults.at("socket"))
    finally:
        services.hub.go(seat)
        _free_place_later(services, seat)
    with suppress(RuntimeError, WebSocketDisconnect):  # the page may be gone already
        await socket.close(code)
    return None


async def introduced(socket: WebSocket) -> dict[str, Any] | None:
    """What a page says first; None when it says nothing sensible in time, and was sent away."""
    await socket.accept()
    try:
        async with asyncio.timeout(INTRODUCTION_S):
            return parse_object(await socket.receive_text())
    except (TimeoutError, ValueError, KeyError):
        await socket.close(MALFORMED)
    except WebSocketDisconnect:
        pass  # nobody is left to be told
    return None


async def _talk(hub: Hub, seat: Seat, socket: WebSocket, wrong: Mapping[str, Effect]) -> int:
    """Carry messages both ways until one side is done; gives the close code."""
    listening = asyncio.create_task(_listen(hub, seat, socket))
    speaking = asyncio.create_task(_speak(seat, socket, once=bool(wrong.get("half_open"))))
    closing = asyncio.create_task(seat.closing.wait())
    try:
        closes_s = float(wrong["closes_s"]) if "closes_s" in wrong else None
        tasks = {listening, speaking, closing}
        done, _ = await asyncio.wait(tasks, timeout=closes_s, return_when="FIRST_COMPLETED")
    finally:
        for task in (listening, speaking, closing):
            task.cancel()
        await asyncio.gather(listening, speaking, closing, return_exceptions=True)
    with suppress(WebSocketDisconnect, RuntimeError):
        # Where nobody wished to go it is the connection that goes, with all that was to be said.
        while done and not seat.outbox.empty():
            await socket.send_json(seat.outbox.get_nowait())
    return MALFORMED if not listening.cancelled() and listening.result() else GOING


async def _listen(hub: Hub, seat: Seat, socket: WebSocket) -> bool:
    """Hear the page until it goes; True when it stopped making sense."""
    try:
        while True:
            hub.handle(seat, parse_object(await socket.receive_text()))
    except (ValueError, KeyError):
        return True
    except WebSocketDisconnect:
        return False


async def _speak(seat: Seat, socket: WebSocket, *, once: bool) -> None:
    """Tell the page what there is for it; ``once``: the first of it, and then nothing."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_json(await seat.outbox.get())
        if once:
            await asyncio.Event().wait()
        while True:
            await socket.send_json(await seat.outbox.get())


def _free_place_later(services: Services, seat: Seat) -> None:
    session_id, user_id = seat.holder.session_id, seat.holder.user_id

    def free() -> None:
        if not services.hub.present(session_id, user_id):
            mark_left(services, session_id, user_id)

    asyncio.get_running_loop().call_later(GRACE_S, free)
