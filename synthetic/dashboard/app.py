"""The dashboard as an application: pages, events, static files, and a guard before all of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from synthetic.dashboard import actions, evidence
from synthetic.dashboard.cache import Cache
from synthetic.dashboard.events import Changes, events
from synthetic.dashboard.guard import LOGIN, Guard
from synthetic.dashboard.pages import Asked, BadQuery, NotThere, Page
from synthetic.dashboard.rendering import TYPES, Answer, common, rendered, static_files
from synthetic.dashboard.security import HEADERS, Access
from synthetic.dashboard.views import PAGES
from synthetic.dashboard.watched import Watched
from synthetic.errors import StoreError, UsageError
from synthetic.store.looking import Looker
from synthetic.wording import harmless

_log = logging.getLogger(__name__)
_FOREVER = "public, max-age=31536000, immutable"
_RETRY_S = 10


def create_app(
    watched: Watched, routes: Sequence[BaseRoute] = (), pages: Sequence[Page] = PAGES
) -> Starlette:
    """The dashboard; ``routes`` are further ones that stand behind the same guard.

    Raises :class:`~synthetic.errors.SettingsError` if others could reach it without a token.
    """
    access = Access.of(watched.settings, watched.host)
    served = _Served(watched, access, pages)
    app = Starlette(
        routes=[
            *(Route(page.path, served.page(page), methods=["GET"]) for page in pages),
            Route(LOGIN, served.login, methods=["GET"]),
            Route("/events", served.events_endpoint, methods=["GET"]),
            Route("/static/{name}", _static, methods=["GET"]),
            evidence.route(watched.settings.reports_dir),
            *actions.routes(watched),
            *routes,
        ],
        middleware=[Middleware(Guard, access=access, refuse=served.refusal)],
        exception_handlers={
            HTTPException: served.no_page,
            StoreError: served.no_store,
            UsageError: served.not_done,
            Exception: served.broken,
        },
        lifespan=served.lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would name the port behind a proxy
    return app


class _Events:
    """An application rather than a function, so that it is given the bare connection."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await events(self._changes, receive, send)


class _Served:
    """What is shared by all requests."""

    def __init__(self, watched: Watched, access: Access, pages: Sequence[Page]) -> None:
        self._watched, self._access = watched, access
        self._listed = tuple(page for page in pages if page.listed)
        self._cache = Cache()
        self._looker = Looker(watched.store.database)
        self._changes = Changes(self._looker, watched.clock)
        self.events_endpoint = _Events(self._changes)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Looks at the store as long as anything is served."""
        looking = asyncio.create_task(self._changes.keep_looking())
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        self._looker.close()

    def page(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a page."""

        async def endpoint(request: Request) -> Response:
            try:
                asked = page.checked(request.query_params.multi_items())
                version = await self._changes.look()
                return await self._shown(page, {**request.path_params, **asked}, request, version)
            except BadQuery as error:
                return self.refusal(400, "This page cannot be asked so", str(error))
            except NotThere as error:
                return self.refusal(404, "There is nothing here", str(error))
            except StoreError as error:
                return await self.no_store(request, error)
            except Exception as error:  # one broken page breaks no other
                return await self.broken(request, error)

        return endpoint

    async def _shown(self, page: Page, asked: Asked, request: Request, version: str) -> Response:
        def render() -> bytes:
            view = page.view(self._watched, asked)
            values = self._values(page, request.url.path, version)
            return rendered(page.template, view=view, asked=asked, **values).encode()

        address = f"{request.url.path}?{urlencode(sorted(asked.items()))}"
        answer = await self._cache.get(address, version, render)
        return sent(request, answer, "text/html; charset=utf-8", "private, no-cache")

    def _values(self, page: Page | None, path: str, version: str) -> dict[str, Any]:
        return {
            **common(self._watched.target),
            "page": page,
            "pages": self._listed,
            "path": path,
            "version": version,
            "now": self._watched.clock(),
            "csrf": self._access.csrf,
            "may_act": self._access.token is not None,
        }

    def refusal(self, status: int, title: str, said: str) -> Response:
        """A page that says why there is none."""
        values = self._values(None, "", "")
        html = rendered("refusal.html", status=status, title=title, said=said, **values)
        headers = {"cache-control": "no-store"}
        headers |= {name.decode(): value.decode() for name, value in HEADERS}  # whoever sends it
        return Response(html, status, headers, "text/html")

    async def login(self, request: Request) -> Response:
        """The form that takes the token."""
        if self._access.token is None:
            return self.refusal(404, "There is nothing here", "This dashboard needs no token.")
        wanted = request.query_params.get("next", "/")
        html = rendered("login.html", wanted=wanted, **self._values(None, LOGIN, ""))
        return Response(html, 200, {"cache-control": "no-store"}, "text/html")

    async def no_page(self, _: Request, error: Exception) -> Response:
        """Of addresses that no page has."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        said = "No page has this address." if status == 404 else "It cannot be done so."
        return self.refusal(status, "There is nothing here", said)

    async def not_done(self, _: Request, error: Exception) -> Response:
        """Of an action that cannot be done, or not now."""
        return self.refusal(409, "This was not done", harmless(f"{error}."))

    async def no_store(self, _: Request, error: Exception) -> Response:
        """While the history cannot be read."""
        answer = self.refusal(503, "The history cannot be read", f"{harmless(str(error))}.")
        answer.headers["retry-after"] = str(_RETRY_S)
        return answer

    async def broken(self, _: Request, error: Exception) -> Response:
        """Of our own mistakes; what they are is for the log."""
        _log.error("a page could not be made", exc_info=error)
        return self.refusal(500, "This page is broken", "The dashboard's log says more.")


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    answer = static_files().get(name)
    if answer is None:
        raise HTTPException(404)
    suffix = name[name.rindex(".") :]
    return sent(request, answer, TYPES[suffix], _FOREVER)


def sent(request: Request, answer: Answer, media_type: str, kept: str) -> Response:
    """An answer as this viewer can take it, or that it has it already."""
    headers = {"etag": f'"{answer.tag}"', "cache-control": kept, "vary": "accept-encoding, cookie"}
    if f'"{answer.tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if answer.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(answer.packed, headers=headers, media_type=media_type)
    return Response(answer.body, headers=headers, media_type=media_type)
