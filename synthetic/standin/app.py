"""The application: services made, routes assembled."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from synthetic.standin import (
    auth,
    breaking,
    calls,
    database,
    health,
    messages,
    recordings,
    sessions,
)
from synthetic.standin.faults import Faults
from synthetic.standin.mail import Mailbox, Postman, port_of, receive
from synthetic.standin.mailpit import routes as mailpit_routes
from synthetic.standin.pages import HERE, Pages
from synthetic.standin.rooms import Hub
from synthetic.standin.services import Services, Traffic, route

if TYPE_CHECKING:
    from synthetic.standin.janus import Janus

FRESH = "host@synthetic.test"
STANDING = ("guest@synthetic.test", *(f"guest-{n}@synthetic.test" for n in (2, 3, 4, 5)))
"""Accounts that exist from the start."""
MAIL_PREFIX = "/mail"
"""Where Mailpit's API is."""


def create_app(
    *,
    faults: Faults,
    front: str = "plain",
    code_lifetime_s: float = 300.0,
    janus: Janus | None = None,
    breakable: bool = False,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The stand-in, ready to be served. ``clock`` gives seconds since 1970.

    With ``janus``, which must outlive it, video travels through that SFU. A ``breakable`` one can
    be told other faults while it runs.
    """
    mailbox = Mailbox(clock)
    services = Services(
        clock=clock,
        db=_database(clock),
        hub=Hub(clock),
        postman=Postman(faults=faults),
        faults=faults,
        traffic=Traffic(clock),
        front=front,
        code_lifetime_s=code_lifetime_s,
        janus=janus,
    )
    pages = Pages(services)
    app = Starlette(
        routes=[
            *_routes(services, pages, mailbox),
            *(breaking.routes(faults) if breakable else ()),
        ],
        exception_handlers=pages.refusals(),
        lifespan=_lifespan(services, mailbox),
    )
    # A redirect would name the port behind a proxy.
    app.router.redirect_slashes = False
    return app


def _lifespan(
    services: Services, mailbox: Mailbox
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with await receive(mailbox) as server:
            services.postman.port = app.state.smtp_port = port_of(server)
            yield
        services.db.dispose()

    return lifespan


def _database(clock: Callable[[], float]) -> Engine:
    """A new database with the accounts that exist from the start."""
    engine = database.connect()
    with engine.begin() as db:
        for email in STANDING:
            auth.add_user(db, email, clock())
    return engine


def _routes(services: Services, pages: Pages, mailbox: Mailbox) -> list[BaseRoute]:
    async def attend(socket: WebSocket) -> None:
        await calls.attend(services, socket)

    modules = (auth, sessions, calls, messages, recordings, health)
    endpoints = [endpoint for module in modules for endpoint in module.ENDPOINTS]
    return [
        *(route(services, endpoint) for endpoint in endpoints),
        WebSocketRoute("/api/hms/socket", attend),
        *_sfu_routes(services),
        *pages.routes(),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        Mount(MAIL_PREFIX, routes=mailpit_routes(mailbox)),
    ]


def _sfu_routes(services: Services) -> list[BaseRoute]:
    janus = services.janus
    if janus is None:
        return []
    # Imported late: most stand-ins need none of it.
    from synthetic.standin import sfu

    async def attend(socket: WebSocket) -> None:
        await sfu.attend(janus, services.hub, socket)

    return [WebSocketRoute("/api/hms/sfu", attend)]
