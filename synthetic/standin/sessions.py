"""Sessions: create, list, join, leave, end."""

from __future__ import annotations

import re
import secrets
from typing import Any

from sqlalchemy import Connection, Row, Select, false, func, insert, or_, select, true, update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.auth import User, require_user
from synthetic.standin.database import members, sessions
from synthetic.standin.guards import ApiError, read_json, text_field
from synthetic.standin.services import Endpoint, Services, rfc3339

CAPACITY = 4
TITLE_LIMIT = 120
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


def find(db: Connection, session_id: str) -> Row[Any]:
    """A session that goes on; raises a 404 or a 410."""
    return _ongoing(db, select(sessions).where(sessions.c.id == session_id))


def _ongoing(db: Connection, query: Select[Any], *, ended_too: bool = False) -> Row[Any]:
    row = db.execute(query).first()
    if row is None:
        message = "There is no such session; please check the code or link."
        raise ApiError(404, "session_unknown", message)
    if row.ended_at is not None and not ended_too:
        raise ApiError(410, "session_ended", "This session has ended.")
    return row


def admit(services: Services, db: Connection, session: Row[Any], user: User) -> str:
    """Make ``user`` a member, once; gives the name they go by; raises a 409 when it is full."""
    capacity = int(services.faults.number("session", "capacity", CAPACITY))
    here = members.c.session_id == session.id
    me = db.execute(select(members).where(here, members.c.user_id == user.id)).first()
    if me and me.left_at is None:
        return str(me.name)
    present = select(func.count()).where(here, members.c.left_at.is_(None))
    if db.execute(present).scalar_one() >= capacity:
        message = f"This session is full; {capacity} people can take part."
        raise ApiError(409, "session_full", message)
    if me:
        db.execute(update(members).where(here, members.c.user_id == user.id).values(left_at=None))
        return str(me.name)
    taken = set(db.scalars(select(members.c.name).where(here)))
    name = _free_name(user.name, taken)
    db.execute(insert(members).values(session_id=session.id, user_id=user.id, name=name))
    return name


def require_member(db: Connection, session: Row[Any], user: User) -> str:
    """The name ``user`` goes by in the session; raises a 403 when they are not in it."""
    query = select(members.c.name).where(
        members.c.session_id == session.id,
        members.c.user_id == user.id,
        members.c.left_at.is_(None),
    )
    name = db.execute(query).scalar()
    if name is None:
        raise ApiError(403, "not_a_member", "You are not in this session; please join it first.")
    return str(name)


def mark_left(services: Services, session_id: str, user_id: int) -> None:
    """Free the place of somebody who went."""
    with services.db.begin() as db:
        db.execute(
            update(members)
            .where(members.c.session_id == session_id, members.c.user_id == user_id)
            .values(left_at=services.clock())
        )


async def create(services: Services, request: Request) -> Response:
    """POST {title}: a new session with its creator in it."""
    user = require_user(services, request)
    title = text_field(await read_json(request), "title", limit=TITLE_LIMIT)
    with services.db.begin() as db:
        session_id = secrets.token_urlsafe(9)
        values = {
            "id": session_id,
            "code": _new_code(),
            "title": title,
            "owner_id": user.id,
            "created_at": services.clock(),
        }
        db.execute(insert(sessions).values(values))
        session = find(db, session_id)
        admit(services, db, session, user)
    return JSONResponse({"session": _shown(services, session, user)}, 201)


async def listing(services: Services, request: Request) -> Response:
    """GET: the ongoing sessions one created or joined, newest first."""
    user = require_user(services, request)
    joined = select(members.c.session_id).where(members.c.user_id == user.id)
    mine = or_(sessions.c.owner_id == user.id, sessions.c.id.in_(joined))
    wrong = str(services.faults.get("session", "listed"))
    mine = {"all": true(), "none": false()}.get(wrong, mine)
    query = select(sessions).where(sessions.c.ended_at.is_(None), mine)
    with services.db.connect() as db:
        rows = db.execute(query.order_by(sessions.c.created_at.desc()).limit(100)).all()
    return JSONResponse({"sessions": [_shown(services, row, user) for row in rows]})


async def join(services: Services, request: Request) -> Response:
    """POST {code} or {link}: become a member."""
    user, data = require_user(services, request), await read_json(request)
    text = text_field(data, "link" if "link" in data else "code", limit=500)
    wrong = services.faults.at("session")
    with services.db.begin() as db:
        query = _sought(text, links=wrong.get("link") != "dead")
        session = _ongoing(db, query, ended_too=wrong.get("ended") == "joinable")
        admit(services, db, session, user)
    return JSONResponse({"session": _shown(services, session, user)})


async def leave(services: Services, request: Request) -> Response:
    """POST: give up one's place."""
    user = require_user(services, request)
    with services.db.begin() as db:
        session = find(db, request.path_params["id"])
        require_member(db, session, user)
    if services.faults.get("leave", "ignored"):
        services.hub.hold(session.id, user.id)
    else:
        mark_left(services, session.id, user.id)
        services.hub.remove(session.id, user.id)
    return JSONResponse({"status": "left"})


async def end(services: Services, request: Request) -> Response:
    """POST: end the session for everybody; its creator only."""
    user = require_user(services, request)
    with services.db.begin() as db:
        session = find(db, request.path_params["id"])
        if session.owner_id != user.id:
            raise ApiError(403, "not_the_creator", "Only its creator can end a session.")
        ended = update(sessions).where(sessions.c.id == session.id)
        db.execute(ended.values(ended_at=services.clock()))
    services.hub.end(session.id)
    return JSONResponse({"status": "ended"})


ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", "/api/sessions/list", listing),
    ("POST", "/api/sessions/create", create),
    ("POST", "/api/sessions/join", join),
    ("POST", "/api/sessions/{id}/leave", leave),
    ("POST", "/api/sessions/{id}/end", end),
)


def _sought(text: str, *, links: bool = True) -> Select[Any]:
    """The query for what somebody typed: a link's last part is an id, all else is a code."""
    link = re.search(r"/session/([A-Za-z0-9_-]+)/?(?:[?#].*)?$", text)
    if link and links:
        return select(sessions).where(sessions.c.id == link[1])
    return select(sessions).where(sessions.c.code == text.lower().replace(" ", ""))


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(n)) for n in (3, 4, 3))


def _shown(services: Services, session: Row[Any], user: User) -> dict[str, Any]:
    return {
        "id": session.id,
        "code": session.code,
        "title": session.title,
        "mine": session.owner_id == user.id,
        "created_at": rfc3339(session.created_at),
        "participants": services.hub.count(session.id),
    }
