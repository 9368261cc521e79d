"""Recordings: uploaded in chunks while they are made, then put together."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.auth import User, require_user
from synthetic.standin.database import chunks, recordings
from synthetic.standin.guards import ApiError, read_body, read_json, text_field
from synthetic.standin.services import Endpoint, Services, rfc3339
from synthetic.standin.sessions import find, require_member

CHUNK_LIMIT = 4 * 1024 * 1024
RECORDING_LIMIT = 64 * 1024 * 1024
WEBM = b"\x1a\x45\xdf\xa3"
"""How a WebM file begins (the EBML header's id)."""


async def start(services: Services, request: Request) -> Response:
    """POST {session_id}."""
    user = require_user(services, request)
    session_id = text_field(await read_json(request), "session_id", limit=100)
    if services.faults.get("recording", "initiated") == "refused":
        raise ApiError(503, "no_recorder", "Nothing can be recorded right now.")
    with services.db.begin() as db:
        require_member(db, find(db, session_id), user)
        recording_id = secrets.token_urlsafe(9)
        values = {
            "id": recording_id,
            "session_id": session_id,
            "user_id": user.id,
            "state": "recording",
            "started_at": services.clock(),
        }
        db.execute(insert(recordings).values(values))
        recording = _mine(db, user, recording_id)
    return JSONResponse({"recording": _shown(recording)}, 201)


async def upload(services: Services, request: Request) -> Response:
    """PUT or POST of one chunk's bytes; sending the same number again replaces it."""
    user = require_user(services, request)
    number = _number(request.path_params["number"])
    data = await read_body(request, CHUNK_LIMIT, "A chunk")
    with services.db.begin() as db:
        recording = _mine(db, user, request.path_params["id"], state="recording")
        mine = chunks.c.recording_id == recording.id
        size = select(func.coalesce(func.sum(func.length(chunks.c.data)), 0)).where(mine)
        if db.execute(size).scalar_one() + len(data) > RECORDING_LIMIT:
            message = f"A recording may have {RECORDING_LIMIT:,} bytes at most."
            raise ApiError(413, "too_large", message)
        db.execute(delete(chunks).where(mine, chunks.c.number == number))
        values = {"recording_id": recording.id, "number": number, "data": data}
        db.execute(insert(chunks).values(values))
    return JSONResponse({"chunk": {"number": number, "size": len(data)}}, 201)


async def finish(services: Services, request: Request) -> Response:
    """POST {chunks}: how many were sent; the rest happens in the background."""
    user = require_user(services, request)
    expected = (await read_json(request)).get("chunks")
    if not isinstance(expected, int) or isinstance(expected, bool) or not 0 < expected < 10_000:
        raise ApiError(422, "chunks_malformed", "“chunks” must say how many chunks were sent.")
    if services.faults.get("recording", "uploaded") == "refused":
        raise ApiError(507, "storage_full", "The recording could not be stored.")
    with services.db.begin() as db:
        recording = _mine(db, user, request.path_params["id"], state="recording")
        sent = select(chunks.c.number).where(chunks.c.recording_id == recording.id)
        missing = sorted(set(range(expected)) - set(db.scalars(sent)))
        if missing:
            message = f"Chunk {missing[0]} has not arrived; please send it again."
            raise ApiError(409, "chunk_missing", message)
        _move(db, recording.id, "uploaded")
    task = BackgroundTask(_process, services, recording.id)
    return JSONResponse(
        {"recording": _shown(recording) | {"state": "uploaded"}}, 202, background=task
    )


async def state(services: Services, request: Request) -> Response:
    """GET: how far it is: ``recording``, ``uploaded``, ``processing``, ``ready`` or ``failed``."""
    user = require_user(services, request)
    with services.db.connect() as db:
        recording = _mine(db, user, request.path_params["id"])
    return JSONResponse({"recording": _shown(recording)})


async def download(services: Services, request: Request) -> Response:
    """GET: the WebM file."""
    user = require_user(services, request)
    with services.db.connect() as db:
        recording = _mine(db, user, request.path_params["id"], state="ready")
    headers = {"Content-Disposition": f'attachment; filename="recording-{recording.id}.webm"'}
    return Response(recording.media, media_type="video/webm", headers=headers)


ENDPOINTS: tuple[Endpoint, ...] = (
    ("POST", "/api/recordings/start", start),
    ("PUT", "/api/recordings/{id}/chunks/{number}", upload),
    ("POST", "/api/recordings/{id}/chunks/{number}", upload),
    ("POST", "/api/recordings/{id}/finish", finish),
    ("GET", "/api/recordings/{id}", state),
    ("GET", "/api/recordings/{id}/download", download),
)


async def _process(services: Services, recording_id: str) -> None:
    """Put the chunks together and check that they are a WebM file."""
    parts = select(chunks.c.data).where(chunks.c.recording_id == recording_id)
    with services.db.begin() as db:
        _move(db, recording_id, "processing")
        pieces = db.scalars(parts.order_by(chunks.c.number)).all()
    media = await asyncio.to_thread(b"".join, pieces)
    wrong = services.faults.at("recording")
    done = str(wrong.get("processed", "ready" if media.startswith(WEBM) else "failed"))
    with services.db.begin() as db:
        _move(db, recording_id, done, media=b"" if wrong.get("media") == "empty" else media)
        db.execute(delete(chunks).where(chunks.c.recording_id == recording_id))


def _move(db: Connection, recording_id: str, state: str, **values: Any) -> None:
    where = recordings.c.id == recording_id
    db.execute(update(recordings).where(where).values(state=state, **values))


def _mine(db: Connection, user: User, wanted: str, state: str | None = None) -> Row[Any]:
    """One's own recording; raises a 404, or a 409 when it is not in ``state``."""
    query = select(recordings).where(recordings.c.id == wanted, recordings.c.user_id == user.id)
    row = db.execute(query).first()
    if row is None:
        raise ApiError(404, "recording_unknown", "There is no such recording of yours.")
    if state and row.state != state:
        message = f"The recording is “{row.state}”, so this cannot be done now."
        raise ApiError(409, "recording_state", message)
    return row


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ApiError(422, "number_malformed", "A chunk's number goes from 0 to 9999.")
    return int(text)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "session_id": row.session_id,
        "state": row.state,
        "started_at": rfc3339(row.started_at),
        "size": len(row.media or b""),
    }
