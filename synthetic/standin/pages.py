"""The HTML pages, and what people see in place of one."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocket

from synthetic.standin.auth import lifetime, signed_in
from synthetic.standin.guards import ApiError
from synthetic.standin.services import Services
from synthetic.standin.sessions import find

HERE = Path(__file__).parent

# What a browser asks for "?again" of any page is that page.
_LOOP = "?again"

Answer = Callable[[Request, Exception], Awaitable[Response]]


class Pages:
    """Renders templates with what every page needs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """The page made from ``template``, kept out of caches and free of foreign scripts."""
        faults = self._services.faults
        wrong = {**faults.at("page"), **faults.at(f"page {template.removesuffix('.html')}")}
        if "document" in wrong:
            return _spoiled(str(wrong["document"]))
        html = self._templates.get_template(template).render(
            effects=wrong,
            effects_json=json.dumps(wrong),
            buttons=faults.at("button"),
            script=partial(_script, wrong.get("script") == "gone"),
            **values,
        )
        frames = "'self'" if values.get("framed") else "'none'"
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
                f"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
            ),
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        return HTMLResponse(html, status, headers)

    def simple(self, path: str, template: str, **values: Any) -> Route:
        """A page that is the same for everybody."""

        async def page(_request: Request) -> Response:
            return self.render(template, **values)

        return Route(path, page, methods=["GET"])

    async def dashboard(self, request: Request) -> Response:
        """One's sessions."""
        user = signed_in(self._services, request.cookies)
        if user is None:
            return RedirectResponse("/login", 303)
        return self.render("dashboard.html", user=user)

    async def session(self, request: Request) -> Response:
        """The room; with ``--front embedded``, a page that holds it in a frame."""
        return self._session(request, framed=False)

    async def framed_room(self, request: Request) -> Response:
        """The room as the frame of ``--front embedded`` shows it."""
        if self._services.front != "embedded":
            raise HTTPException(404)
        return self._session(request, framed=True)

    def _session(self, request: Request, *, framed: bool) -> Response:
        user = signed_in(self._services, request.cookies)
        if user is None:
            return RedirectResponse("/login", 303)
        with self._services.db.connect() as db:
            session = find(db, request.path_params["id"])
        front = self._services.front
        if front == "embedded" and not framed:
            return self.render("embedded.html", session=session, user=user)
        return self.render(
            "room.html",
            session=session,
            mine=session.owner_id == user.id,
            lobby=front == "lobby",
            framed=framed,
            topology=self._services.topology,
            user=user,
        )

    def routes(self) -> list[Route]:
        """Every page."""
        works = {"lifetime": lifetime(self._services.code_lifetime_s)}
        signup = {"action": "signup", "title": "Sign up", "other": ("Log In", "/login"), **works}
        login = {"action": "login", "title": "Log in", "other": ("Sign Up", "/signup"), **works}
        return [
            self.simple("/", "landing.html"),
            self.simple("/signup", "access.html", **signup),
            self.simple("/login", "access.html", **login),
            Route("/dashboard", self.dashboard, methods=["GET"]),
            Route("/session/{id}", self.session, methods=["GET"]),
            Route("/session/{id}/room", self.framed_room, methods=["GET"]),
        ]

    def refusals(self) -> dict[Any, Callable[[Request | WebSocket, Any], Awaitable[Response]]]:
        """How errors are answered: JSON under ``/api``, a page elsewhere."""

        async def refused(request: Request | WebSocket, error: ApiError) -> Response:
            return self._refuse(request, error)

        async def routing(request: Request | WebSocket, error: HTTPException) -> Response:
            phrase = HTTPStatus(error.status_code).phrase
            code = phrase.lower().replace(" ", "_")
            message = {
                404: "There is nothing at this address.",
                405: "This address does not take that method.",
            }.get(error.status_code, phrase)
            return self._refuse(request, ApiError(error.status_code, code, message, error.headers))

        async def broken(request: Request | WebSocket, _error: Exception) -> Response:
            message = "Something went wrong on our side."
            return self._refuse(request, ApiError(500, "internal", message))

        return {ApiError: refused, HTTPException: routing, Exception: broken}

    def _refuse(self, request: Request | WebSocket, error: ApiError) -> Response:
        if request.url.path.startswith("/api"):
            body = {"error": {"code": error.code, "message": error.message}}
            return JSONResponse(body, error.status, error.headers)
        page = self.render("error.html", error.status, message=error.message, number=error.status)
        page.headers.update(error.headers)
        return page


def _script(gone: bool, name: str) -> str:
    """Where a page's script is; when ``gone``, where it would be in a bundle of its own."""
    return f"/static/{name}-4f1c9d.js" if gone else f"/static/{name}.js"


def _spoiled(document: str) -> Response:
    """What is served in place of a page: ``blank``, ``loop``, or a 500."""
    if document == "blank":
        return HTMLResponse("")
    if document == "loop":
        return RedirectResponse(_LOOP, 302)
    raise ApiError(500, "internal", "Something went wrong on our side.")
