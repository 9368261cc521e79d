"""Accounts, mailed codes, log-ins."""

from __future__ import annotations

import hashlib
import secrets
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from synthetic.standin.database import codes, logins, members, messages, sessions, users
from synthetic.standin.guards import ApiError, email_field, read_json, text_field, too_many
from synthetic.standin.services import Endpoint, Services, rfc3339

COOKIE = "kulti_login"
CODE_TRIES = 5
CODES_AT_ONCE = 4
"""One code and three resends, until one of them is used or has expired."""
COOLDOWN_S = 1.0


@dataclass(frozen=True)
class User:
    """Who is signed in."""

    id: int
    email: str

    @property
    def name(self) -> str:
        """What others see: the local part before any ``+``."""
        local = self.email.partition("@")[0]
        return local.partition("+")[0] or local

    def shown(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"id": self.id, "email": self.email, "name": self.name}


def find_user(db: Connection, email: str) -> User | None:
    """The account of ``email``."""
    row = db.execute(select(users.c.id, users.c.email).where(users.c.email == email)).first()
    return User(row.id, row.email) if row else None


def add_user(db: Connection, email: str, now: float) -> User:
    """A new account."""
    row = insert(users).values(email=email, created_at=now).returning(users.c.id)
    return User(db.execute(row).scalar_one(), email)


def signed_in(services: Services, cookies: Mapping[str, str]) -> User | None:
    """Who the log-in cookie belongs to."""
    hashed = _hash(cookies.get(COOKIE, ""))
    query = select(users.c.id, users.c.email).join(logins, logins.c.user_id == users.c.id)
    with services.db.connect() as db:
        row = db.execute(query.where(logins.c.token_hash == hashed)).first()
    return User(row.id, row.email) if row else None


def require_user(services: Services, request: Request) -> User:
    """Who is signed in; raises a 401."""
    user = signed_in(services, request.cookies)
    if user is None:
        raise ApiError(401, "not_signed_in", "Please log in first.")
    return user


async def sign_up(services: Services, request: Request) -> Response:
    """POST {email}: mail a code to somebody new."""
    email = email_field(await read_json(request))
    with services.db.connect() as db:
        if find_user(db, email):
            message = "There is already an account with this e-mail; please log in instead."
            raise ApiError(409, "account_exists", message)
    return await _mail_code(services, email)


async def log_in(services: Services, request: Request) -> Response:
    """POST {email}: mail a code to somebody known."""
    email = email_field(await read_json(request))
    with services.db.connect() as db:
        if not find_user(db, email):
            message = "There is no account with this e-mail; please sign up first."
            raise ApiError(404, "account_unknown", message)
    return await _mail_code(services, email)


async def resend(services: Services, request: Request) -> Response:
    """POST {email}: mail a new code; the one before no longer counts."""
    email = email_field(await read_json(request))
    with services.db.connect() as db:
        if not _live_codes(services, db, email):
            message = "No code was requested for this e-mail; please request one first."
            raise ApiError(404, "code_unknown", message)
    return await _mail_code(services, email)


async def verify(services: Services, request: Request) -> Response:
    """POST {email, code}: sign in, and make the account if it is new."""
    data = await read_json(request)
    email, code = email_field(data), text_field(data, "code", limit=20)
    now, wrong = services.clock(), services.faults.at("login")
    with services.db.begin() as db:
        refusal = _use_code(services, db, email, code, now)
        if refusal is None:
            whose = str(wrong.get("as", email))
            user = find_user(db, whose) or add_user(db, whose, now)
            token = secrets.token_urlsafe(32)
            db.execute(
                insert(logins).values(token_hash=_hash(token), user_id=user.id, created_at=now)
            )
    if refusal:
        raise refusal
    response = JSONResponse({"user": user.shown()})
    if wrong.get("cookie") != "lost":
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", path="/")
    return response


async def log_out(services: Services, request: Request) -> Response:
    """POST: forget this log-in."""
    hashed = _hash(request.cookies.get(COOKIE, ""))
    with services.db.begin() as db:
        db.execute(delete(logins).where(logins.c.token_hash == hashed))
    response = JSONResponse({"status": "logged_out"})
    response.delete_cookie(COOKIE, path="/")
    return response


async def profile(services: Services, request: Request) -> Response:
    """GET: who is signed in."""
    return JSONResponse({"user": require_user(services, request).shown()})


async def delete_profile(services: Services, request: Request) -> Response:
    """DELETE: remove the account with everything it made, and end its sessions."""
    user, now = require_user(services, request), services.clock()
    mine = select(sessions.c.id).where(
        sessions.c.owner_id == user.id, sessions.c.ended_at.is_(None)
    )
    joined = select(members.c.session_id).where(members.c.user_id == user.id)
    with services.db.begin() as db:
        owned, entered = db.scalars(mine).all(), db.scalars(joined).all()
        db.execute(update(sessions).where(sessions.c.id.in_(owned)).values(ended_at=now))
        for table in (members, messages, logins):
            db.execute(delete(table).where(table.c.user_id == user.id))
        db.execute(delete(codes).where(codes.c.email == user.email))
        db.execute(delete(users).where(users.c.id == user.id))
    for session_id in owned:
        services.hub.end(session_id)
    for session_id in entered:
        services.hub.remove(session_id, user.id)
    response = JSONResponse({"status": "deleted"})
    response.delete_cookie(COOKIE, path="/")
    return response


ENDPOINTS: tuple[Endpoint, ...] = (
    ("POST", "/api/auth/signup", sign_up),
    ("POST", "/api/auth/login", log_in),
    ("POST", "/api/auth/resend", resend),
    ("POST", "/api/auth/verify-otp", verify),
    ("POST", "/api/auth/logout", log_out),
    ("GET", "/api/users/profile", profile),
    ("DELETE", "/api/users/profile", delete_profile),
)


def lifetime(seconds: float) -> str:
    """A span as people say it: ``5 minutes``, ``8 seconds``."""
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _live_codes(services: Services, db: Connection, email: str) -> list[Row[Any]]:
    """Unused codes of the last minutes, newest first."""
    since = services.clock() - services.code_lifetime_s
    query = select(codes).where(
        codes.c.email == email, codes.c.used_at.is_(None), codes.c.created_at > since
    )
    return list(db.execute(query.order_by(codes.c.id.desc())))


async def _mail_code(services: Services, email: str) -> Response:
    now, code = services.clock(), f"{secrets.randbelow(10**6):06d}"
    with services.db.begin() as db:
        live = _live_codes(services, db, email)
        if len(live) >= CODES_AT_ONCE:
            wait = live[-1].created_at + services.code_lifetime_s - now
            message = "Too many codes were requested for this e-mail; please try again later."
            raise too_many("too_many_codes", message, wait)
        if live and now - live[0].created_at < COOLDOWN_S:
            message = "A code was sent just now; please wait a second before asking again."
            raise too_many("too_soon", message, COOLDOWN_S)
        db.execute(insert(codes).values(email=email, code=code, created_at=now))
    text = (
        f"Your code is {code}\n\nType it on the page that asked for it, which says how long it "
        "works.\nIf you did not ask for it, you can ignore this mail.\n"
    )
    try:
        await services.postman.send(email, "Your Kulti code", text)
    except (smtplib.SMTPException, OSError) as error:
        message = "The code could not be mailed; please try again later."
        raise ApiError(502, "mail_failed", message) from error
    answer = {
        "status": "code_sent",
        "email": email,
        "expires_at": rfc3339(now + services.code_lifetime_s),
    }
    return JSONResponse(answer, 202)


def _use_code(
    services: Services, db: Connection, email: str, code: str, now: float
) -> ApiError | None:
    """Use the newest code of ``email``, or say why it cannot be used."""
    query = select(codes).where(codes.c.email == email).order_by(codes.c.id.desc())
    sent = db.execute(query).all()
    if not sent:
        message = "No code was requested for this e-mail; please request one first."
        return ApiError(404, "code_unknown", message)
    newest = sent[0]
    if newest.tries >= CODE_TRIES:
        message = "Too many wrong codes; please request a new one."
        return too_many(
            "too_many_tries", message, newest.created_at + services.code_lifetime_s - now
        )
    forgiven = services.faults.at("code")
    if not secrets.compare_digest(newest.code.encode(), code.encode()):
        kind = "old" if code in {one.code for one in sent} else "wrong"
        if kind not in forgiven:
            counted = update(codes).where(codes.c.id == newest.id).values(tries=newest.tries + 1)
            db.execute(counted)
            message = "That is not the code we sent last; please check it."
            return ApiError(401, "code_wrong", message)
    elif newest.used_at is not None and "old" not in forgiven:
        message = "This code was used already; please request a new one."
        return ApiError(410, "code_used", message)
    if now >= newest.created_at + services.code_lifetime_s and "expired" not in forgiven:
        return ApiError(410, "code_expired", "This code has expired; please request a new one.")
    db.execute(
        update(codes).where(codes.c.email == email, codes.c.used_at.is_(None)).values(used_at=now)
    )
    return None
