"""A real Chromium, pages with the suite's script in them, and a web server for what they show."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from synthetic.browser.launch import Feeds, browser_choice, process_of, switches
from synthetic.browser.page_script import page_script
from synthetic.browser.view import View
from synthetic.errors import BrowserMissing

LIMIT_S = 5.0


@dataclass(frozen=True)
class Answer:
    """What the server says on one path; ``before`` runs first, in the request's thread."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Heard:
    """What the server was asked; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A web server on loopback that answers what a test put there."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        """Answer ``path`` with ``body``; returns its address."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(content, status, named)
        return self.url + path

    def page(self, body: str, script: str = "", **headers: str) -> str:
        """Serve an HTML page at ``/``; returns its address."""
        html = f"<!doctype html><meta charset=utf-8><body>{body}<script>{script}</script>"
        return self.put("/", html, 200, Content_Type="text/html", **headers)


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server of the test's own."""
    with serving_web() as web:
        yield web


@contextmanager
def serving_web() -> Iterator[Web]:
    """A web server on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): text for name, text in self.headers.items()}
            here.heard.append(Heard(self.command, urlsplit(self.path).path, headers, body))
            answer = here.answers.get(urlsplit(self.path).path, Answer(b"", 404))
            answer.before()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_OPTIONS = do_GET

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A browser that hangs up is nothing to report."""

    with Server(("127.0.0.1", 0), Handler) as server:
        here = Web(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield here
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """Playwright; it ends with the module, so that no event loop outlives it."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium_maker(driver: Playwright) -> Iterator[Callable[[], Browser]]:
    """Starts browsers; all end with the module."""
    nothing = Feeds(Path("none.mjpeg"), Path("none.wav"))
    arguments = switches(nothing, "none", loopback=True, headed=False)
    with ExitStack() as ends:

        def make() -> Browser:
            browser = driver.chromium.launch(args=arguments, **found_browser(driver))
            ends.callback(browser.close)
            return browser

        yield make


def found_browser(playwright: Playwright) -> dict[str, Any]:
    """Launch options that name the browser; skips where there is none, save in CI."""
    asked = os.environ.get("SYNTHETIC_BROWSER_PATH")
    own_build = Path(playwright.chromium.executable_path)
    try:
        return browser_choice(Path(asked) if asked else None, own_build)
    except BrowserMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"needs a browser, install one with `make setup`: {missing}")


@pytest.fixture(scope="module")
def chromium(chromium_maker: Callable[[], Browser]) -> Browser:
    """The browser of this module's tests."""
    return chromium_maker()


@pytest.fixture
def open_view(chromium: Browser) -> Iterator[Callable[..., View]]:
    """Opens a page with the clock in it: ``open_view(url)``; each in a context of its own."""
    with ExitStack() as closing:

        def open_view(
            url: str, who: str = "host", limit_s: float = LIMIT_S, browser: Browser = chromium
        ) -> View:
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            closing.callback(context.close)
            context.add_init_script(page_script())
            view = View(context.new_page(), who, limit_s, process_of(browser)[0])
            context.expose_binding(
                "__syntheticInput", lambda _, kind, at: view.inputs.append((kind, at))
            )
            view.page.goto(url)
            return view

        yield open_view


@pytest.fixture(scope="session", autouse=True)
def still(steady_network: None) -> None:
    """Each test of this folder has browsers beside it, maybe another process's."""
