"""The way to Janus, for pages that hold a place in a call.

A page shows the key that the hub's welcome gave it; what it says then goes to Janus, and what
Janus says to the page, until one of them goes or the place is given up. A session's room in Janus
has the session's id.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from synthetic.standin.calls import GOING, REFUSED, introduced
from synthetic.standin.janus import PLUGIN, PROTOCOL, Janus
from synthetic.standin.rooms import Hub, Seat

BROKEN = 1011
FEEDS = 16
"""Cameras and screens in one room, with those that are just being replaced."""


async def attend(janus: Janus, hub: Hub, socket: WebSocket) -> None:
    """One page's connection to Janus: it shows its key first."""
    introduction = await introduced(socket)
    if introduction is None:
        return None
    seat = hub.seat_of(introduction.get("key"))
    if seat is None:
        return await socket.close(REFUSED)
    code = BROKEN
    with suppress(OSError, WebSocketException, TimeoutError):
        async with unix_connect(
            str(janus.socket), uri="ws://janus/", subprotocols=[PROTOCOL]
        ) as there:
            try:
                await _make_room(there, janus.admin_key, seat.holder.session_id)
                await _carry(seat, socket, there)
            finally:
                # Where the stand-in ends, its loop does not wait for a farewell.
                there.transport.abort()
                await asyncio.sleep(0)
        code = GOING if seat.closing.is_set() else BROKEN
    with suppress(RuntimeError, WebSocketDisconnect):  # the page may be gone already
        await socket.close(code)
    return None


async def _make_room(there: ClientConnection, admin_key: str, room: str) -> None:
    """Have Janus make the room, unless there is one; nobody but us knows how to."""

    async def ask(**question: Any) -> dict[str, Any]:
        await there.send(json.dumps({"transaction": "room", **question}))
        answer: dict[str, Any] = json.loads(await there.recv())
        return answer

    session = (await ask(janus="create"))["data"]["id"]
    attached = await ask(janus="attach", session_id=session, plugin=PLUGIN)
    wish = {
        "request": "create",
        "admin_key": admin_key,
        "room": room,
        "secret": admin_key,
        "is_private": True,
        "publishers": FEEDS,
    }
    handle = attached["data"]["id"]
    await ask(janus="message", session_id=session, handle_id=handle, body=wish)
    await ask(janus="destroy", session_id=session)


async def _carry(seat: Seat, socket: WebSocket, there: ClientConnection) -> None:
    """Both ways, until one side or the place is gone."""
    await socket.send_json({"room": seat.holder.session_id, "seat": seat.id})
    tasks = [
        asyncio.create_task(_there(socket, there)),
        asyncio.create_task(_back(there, socket)),
        asyncio.create_task(seat.closing.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _there(socket: WebSocket, there: ClientConnection) -> None:
    with suppress(WebSocketDisconnect, ConnectionClosed, KeyError):
        while True:
            await there.send(await socket.receive_text())


async def _back(there: ClientConnection, socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect, ConnectionClosed, RuntimeError):
        while True:
            await socket.send_text(str(await there.recv()))
