"""Dashboards for tests: over a store of the test's own, and somebody who uses them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from synthetic.dashboard.app import create_app
from synthetic.dashboard.serving import Server, listen, url_of
from synthetic.dashboard.watched import Watched
from synthetic.plan.load import load
from synthetic.store.history import Store
from tests import lives

TOKEN = "a token of sixteen or more"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def watched(
    store: Store, reports: Path, at: datetime = lives.NOW, token: str | None = None
) -> Watched:
    """What a dashboard shows of a store at a moment; with a token people may act."""
    usual = lives.settings()
    secret = SecretStr(token) if token else None
    settings = usual.model_copy(
        update={
            "reports_dir": reports,
            "dashboard": usual.dashboard.model_copy(update={"token": secret}),
        }
    )
    return Watched(store, load(), settings, lives.TARGET, lambda: at)


@dataclass
class Visitor:
    """A browser without scripts, which shows answers as they are, redirects included."""

    client: httpx.AsyncClient
    runner: asyncio.Runner

    def get(self, address: str, **headers: str) -> httpx.Response:
        """Look at a page."""
        return self.runner.run(self.client.get(address, headers=headers))

    def post(self, address: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form, exactly as given; whoever is told by it was told when this returns."""
        return self.runner.run(self.client.post(address, data=dict(form)))

    def log_in(self) -> None:
        """Give the token."""
        assert self.post("/login", {"token": TOKEN}).status_code == 303

    def press(self, address: str, **form: str) -> httpx.Response:
        """Send a form of the alerts page, with the mark that it is ours."""
        found = _CSRF.search(self.get("/alerts").text)
        return self.post(address, {"csrf": found[1] if found else "", **form})


@contextmanager
def visiting(seen: Watched, app: ASGIApp | None = None) -> Iterator[Visitor]:
    """Somebody at a dashboard on loopback."""
    transport = httpx.ASGITransport(app or create_app(seen))
    with asyncio.Runner() as runner:
        accepts = {"accept": "text/html"}
        client = httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=accepts
        )
        yield Visitor(client, runner)
        runner.run(client.aclose())


@contextmanager
def serving(seen: Watched) -> Iterator[str]:
    """A dashboard at an address of loopback, for real connections."""
    ready = Event()
    server = Server(create_app(seen), ready.set)
    with listen("127.0.0.1", 0) as listener:
        thread = Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        assert ready.wait(10)
        yield url_of(listener)
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "open streams must not keep it from ending"
