"""Chat: each line is a POST, the others get it over their sockets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.auth import require_user
from synthetic.standin.database import messages
from synthetic.standin.guards import ApiError, read_json, text_field
from synthetic.standin.services import Endpoint, Services, rfc3339
from synthetic.standin.sessions import find, require_member

TEXT_LIMIT = 2_000
HISTORY = 200


async def send(services: Services, request: Request) -> Response:
    """POST {session_id, text}."""
    user, data = require_user(services, request), await read_json(request)
    session_id = text_field(data, "session_id", limit=100)
    text = text_field(data, "text", limit=TEXT_LIMIT, lines=True)
    lost = services.faults.get("chat", "lost")
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
    message = _shown(row)
    if not lost:
        services.hub.tell_all(session_id, {"type": "chat", "message": message})
    return JSONResponse({"message": message}, 201)


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
