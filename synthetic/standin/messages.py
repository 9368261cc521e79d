"""Chat: each line is a POST, the others get it over their sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, insert, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.auth import require_user
from synthetic.standin.database import messages
from synthetic.standin.faults import Effect
from synthetic.standin.guards import ApiError, read_json, text_field
from synthetic.standin.services import Endpoint, Services, rfc3339
from synthetic.standin.sessions import find, require_member

TEXT_LIMIT = 2_000
HISTORY = 200
OVERTAKEN_S = 1.0
"""How much later than others a message comes that is to be overtaken."""


async def send(services: Services, request: Request) -> Response:
    """POST {session_id, text}."""
    user, data = require_user(services, request), await read_json(request)
    session_id = text_field(data, "session_id", limit=100)
    text = text_field(data, "text", limit=TEXT_LIMIT, lines=True)
    wrong = services.faults.at("chat")
    lost = "lost" in wrong
    with services.db.begin() as db:
        session = find(db, session_id)
        name = require_member(db, session, user)
        values = {
            "session_id": session_id,
            "user_id": user.id,
            "author": name,
            "text": text,
            "sent_at": services.clock(),
        }
        row = db.execute(insert(messages).values(values).returning(messages)).one()
        if lost:
            db.rollback()
    if not lost:
        _spread(services, session_id, row, wrong)
    return JSONResponse({"message": _shown(row)}, 201)


def _spread(
    services: Services, session_id: str, row: Row[Any], wrong: Mapping[str, Effect]
) -> None:
    """Tell everybody in the session, or as is wrong with it."""
    message = _shown(row)
    rooms = [room for room in services.hub.rooms if "crossed" in wrong and room != session_id]

    def tell() -> None:
        for copy in range(int(wrong.get("copies", 1))):
            # Pages show a message of one id once.
            said = message | {"id": f"{row.id}-{copy}"} if copy else message
            for room in (*rooms, session_id):
                services.hub.tell_all(room, {"type": "chat", "message": said})

    overtaken = "reordered" in wrong and row.id % 2
    delay_s = OVERTAKEN_S if overtaken else float(wrong.get("delay_s", 0))
    if delay_s:
        asyncio.get_running_loop().call_later(delay_s, tell)
    else:
        tell()


async def listing(services: Services, request: Request) -> Response:
    """GET ?session_id=: the latest messages, oldest first."""
    user = require_user(services, request)
    session_id = request.query_params.get("session_id", "")
    if not session_id:
        raise ApiError(422, "session_id_missing", "“session_id” must be given.")
    latest = select(messages).where(messages.c.session_id == session_id)
    with services.db.connect() as db:
        require_member(db, find(db, session_id), user)
        rows = db.execute(latest.order_by(messages.c.id.desc()).limit(HISTORY)).all()
    if services.faults.get("chat", "forgotten"):
        rows = []  # kept all the same: of one id, which the next would get again, one is shown
    return JSONResponse({"messages": [_shown(row) for row in reversed(rows)]})


ENDPOINTS: tuple[Endpoint, ...] = (
    ("POST", "/api/messages/send", send),
    ("GET", "/api/messages/list", listing),
)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "author": row.author,
        "text": row.text,
        "sent_at": rfc3339(row.sent_at),
    }
