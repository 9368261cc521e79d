"""Stands before every page: whom it lets in, and what each answer says to browsers."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import parse_qsl, quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthetic.dashboard.security import COOKIE, HEADERS, LASTS_S, Access, Tries, same_origin

LOGIN = "/login"
LONGEST_ADDRESS = 2000
LONGEST_FORM = 64 * 1024
_FORM = "synthetic.form"
_THROUGH = ("forwarded", "x-forwarded-for", "x-real-ip")  # whoever asks is not on this machine
_OPEN = ("/static/", LOGIN)  # what whoever wants to log in needs
_PHRASES = {
    400: "This address cannot be read",
    401: "It takes the token to see this",
    403: "This was not done",
    405: "That cannot be done here",
    413: "This is too much",
    414: "This address is too long",
    421: "This is not the host that was meant",
    429: "Too many wrong tries",
}


class Refusing(Protocol):
    """Makes the page that refuses."""

    def __call__(self, status: int, title: str, said: str) -> Response: ...


class _Refused(Exception):
    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was let in."""
    form: dict[str, str] = request.scope[_FORM]
    return form


class Guard:
    """The outermost application; every way in leads through it.

    Whatever is not GET or HEAD changes something: it needs the token, must come from a page of
    ours, and is a form, whose fields :func:`form_of` gives.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        refuse: Refusing,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._app, self._access, self._refuse = app, access, refuse
        self._tries, self._wall = Tries(monotonic), wall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, _protecting(send))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            early = await self._checked(request)
        except _Refused as refused:
            early = self._refuse(refused.status, _PHRASES[refused.status], refused.said)
            early.headers.update(refused.headers)
        if early is not None:
            await early(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _checked(self, request: Request) -> Response | None:
        """An answer, or none where the request may go on; raises _Refused."""
        scope = request.scope
        if not self._access.names_us(request.headers.get("host", "")):
            raise _Refused(
                421, "Reach it by its own address, or name this host in SYNTHETIC_DASHBOARD__HOSTS."
            )
        if len(scope["query_string"]) + len(scope.get("raw_path") or b"") > LONGEST_ADDRESS:
            raise _Refused(414, f"Addresses here have at most {LONGEST_ADDRESS} characters.")
        known = self._known(request)
        if request.method in ("GET", "HEAD"):
            return self._looking(request, known)
        return await self._acting(request, known)

    def _known(self, request: Request) -> bool:
        """Whether it brings the token; raises _Refused where it brings a wrong one."""
        kind, _, offered = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._access.token is not None:
            self._take(request, offered.strip())
            return True
        return self._access.holds(_cookie(request), self._wall())

    def _take(self, request: Request, offered: str | None) -> None:
        if self._access.knows_token(offered):  # others' wrong tries keep nobody out who has it
            return
        client = request.client.host if request.client else ""
        wait_s = self._tries.wait_s(client)
        if wait_s > 0:
            raise _Refused(
                429, f"Try again in {wait_s:.0f} seconds.", Retry_After=f"{wait_s + 1:.0f}"
            )
        self._tries.was_wrong(client)
        raise _Refused(401, "That is not the token.", WWW_Authenticate="Bearer")

    def _looking(self, request: Request, known: bool) -> Response | None:
        through = any(name in request.headers for name in _THROUGH)
        if known or not (self._access.exposed or through) or request.url.path.startswith(_OPEN):
            return None
        if self._access.token is None:
            raise _Refused(
                403, "This came through a proxy: set SYNTHETIC_DASHBOARD__TOKEN to be let in."
            )
        return self._to_login(request)

    def _to_login(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            raise _Refused(401, "Send it as a bearer token.", WWW_Authenticate="Bearer")
        path = request.url.path
        # What was to be done is not done by logging in: its page is where to do it again.
        wanted = path if request.method == "GET" else path.rpartition("/")[0] or "/"
        if request.method == "GET" and request.url.query:
            wanted += f"?{request.url.query}"
        return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='/')}", 303)

    async def _acting(self, request: Request, known: bool) -> Response | None:
        if request.method != "POST":
            raise _Refused(405, "Pages are read with GET and changed with POST.", Allow="GET, POST")
        if not same_origin(request.headers):
            raise _Refused(403, "The request came from a page of another site.")
        if self._access.token is None:
            raise _Refused(
                403, "This dashboard is read-only: set SYNTHETIC_DASHBOARD__TOKEN to act from here."
            )
        form = await _form(request)
        request.scope[_FORM] = form
        if request.url.path == LOGIN:
            self._take(request, form.get("token"))
            return self._welcome(request, form.get("next", "/"))
        if not known:
            return self._to_login(request)
        if "authorization" not in request.headers and not self._access.is_ours(form):
            raise _Refused(403, "The form was no longer good: go back, reload the page, try again.")
        return None

    def _welcome(self, request: Request, wanted: str) -> Response:
        inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
        answer = RedirectResponse(wanted if inside else "/", 303)
        answer.set_cookie(
            COOKIE,
            self._access.ticket(self._wall()),
            max_age=LASTS_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer


def _cookie(request: Request) -> str:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


async def _form(request: Request) -> dict[str, str]:
    """The fields; of several of one name the last."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_FORM:
            raise _Refused(413, f"A form may have {LONGEST_FORM // 1024} kB at most.")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise _Refused(400, "The form cannot be read.") from error


def _protecting(send: Send) -> Send:
    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            for name, value in HEADERS:
                headers.setdefault(name.decode(), value.decode())
            message = {**message, "headers": headers.raw}
        await send(message)

    return protected
