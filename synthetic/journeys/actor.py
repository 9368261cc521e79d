"""An actor: an account, a browser with its own camera and microphone, and the product's pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from playwright.sync_api import Error as PlaywrightError

from synthetic import __version__
from synthetic.browser.launch import SCREEN_TITLE, Feeds, process_of, switches
from synthetic.browser.locator import Locator
from synthetic.browser.page_log import Exchange, PageLog
from synthetic.browser.page_script import page_script
from synthetic.browser.view import View
from synthetic.errors import BrowserDied, FeedError
from synthetic.media import camera, microphone, screen
from synthetic.media.mark import ROLES
from synthetic.pages.access import Access
from synthetic.pages.dashboard import Dashboard
from synthetic.pages.room import Room
from synthetic.settings import display_name

RUN_COOKIE = "synthetic_run"
CONTEXT: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 720},
    # An unconstrained share has the size of the screen that the page believes in.
    "screen": {"width": screen.WIDTH, "height": screen.HEIGHT},
}
_log = logging.getLogger(__name__)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Stage:
    """What all actors of a journey share."""

    run_id: str
    nonce: int
    base_url: str
    table: Mapping[str, Locator]
    launch: Callable[..., Browser]
    browser_options: Mapping[str, Any]
    context_options: Mapping[str, Any]
    headed: bool
    media_dir: Path
    feeds_dir: Path
    limit_s: float
    light_trace: bool

    @property
    def loopback(self) -> bool:
        """Whether the target is on this machine."""
        return urlsplit(self.base_url).hostname in _LOOPBACK


class Recorder(Protocol):
    """Who serves pytest-playwright's --tracing, --video and --screenshot."""

    def on_did_create_browser_context(self, context: BrowserContext) -> None:
        """A context was made."""

    def on_will_close_browser_context(self, context: BrowserContext) -> None:
        """A context is about to go."""


@dataclass
class Actor:
    """A simulated user; ``role`` says who, ``name`` is what the product shows of ``email``."""

    role: str
    email: str
    stage: Stage
    browser: Browser
    context: BrowserContext
    page: Page
    log: PageLog
    view: View
    access: Access
    dashboard: Dashboard
    room: Room
    traced: bool
    crashed: bool = False
    _screen: Page | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """As others see it."""
        return display_name(self.email)

    @property
    def gone(self) -> bool:
        """Whether the browser or its page ended by itself."""
        ended = not self.browser.is_connected() or self.page.is_closed() or self.crashed
        return ended and not self.view.hung

    @property
    def index(self) -> int:
        """The role's number in the mark."""
        return ROLES.index(self.role)

    @property
    def nonce(self) -> int:
        """The run's nonce, as the feeds carry it."""
        return self.stage.nonce

    def crash(self, _: Page) -> None:
        """The page's process ended."""
        self.crashed = True

    def join(self, invitation: str) -> None:
        """Join a session from the dashboard and pass the lobby, where there is one."""
        self.dashboard.join(invitation)
        self.room.enter()

    def snapshot(self, since_ms: float) -> dict[str, Any]:
        """What the page logged of its media since then, with its connections' statistics."""
        frame = self.view.frame(self.stage.table["room.tile"], wait=True) or self.page.main_frame
        seen: dict[str, Any] = frame.evaluate("since => __synthetic.snapshot(since)", since_ms)
        return seen

    def dwell(self, until_ms: float) -> None:
        """Stay in the room until that moment (milliseconds since the epoch)."""
        self.page.wait_for_function("until => Date.now() >= until", arg=until_ms)

    def prepare_screen(self) -> None:
        """Open the document that this actor will share, in a tab of its own."""
        html, script = screen.document()
        title = screen_title(self.role, self.nonce)
        # A context of its own, so that the document never meets the product's page.
        size: ViewportSize = {"width": screen.WIDTH, "height": screen.HEIGHT}
        self._screen = self.browser.new_page(viewport=size)
        self._screen.set_content(html)
        self._screen.evaluate(script, screen.drawing(self.index, self.nonce, title))
        self.page.bring_to_front()

    def drawn_frames(self) -> dict[int, list[float]]:
        """When the shared document drew each frame (milliseconds since the epoch)."""
        drawn: dict[int, list[float]] = {}
        for frame, at in self._screen.evaluate("drawn") if self._screen else ():
            drawn.setdefault(frame, []).append(at)
        return drawn


def screen_title(role: str, nonce: int) -> str:
    """The title of the tab that is shared, by which the browser selects it."""
    return f"{SCREEN_TITLE}-{role}-{nonce:03x}"


def open_actor(
    stage: Stage,
    role: str,
    email: str,
    on_exchange: Callable[[str, Exchange], None],
    recorder: Recorder,
) -> Actor:
    """Start the actor's browser while its camera feed is made.

    Raises :class:`BrowserDied` and ``FeedError``.
    """
    feeds = Feeds(stage.feeds_dir / f"{role}.mjpeg", microphone.cached_feed(role, stage.media_dir))
    making = _Making(feeds.camera, role, stage)
    making.start()
    browser = _launch(stage, role, feeds)
    pid, agent = process_of(browser)
    context = _context(stage, browser, agent, recorder)
    log = PageLog(context, partial(on_exchange, role))
    page = context.new_page()
    view = View(page, role, stage.limit_s, pid)
    view.listen()
    making.finish()
    actor = Actor(
        role=role,
        email=email,
        stage=stage,
        browser=browser,
        context=context,
        page=page,
        log=log,
        view=view,
        access=Access(view, stage.table, stage.base_url),
        dashboard=Dashboard(view, stage.table, stage.base_url),
        room=Room(view, stage.table),
        traced=stage.light_trace,
    )
    page.on("crash", actor.crash)
    return actor


def feeds_folder(media_dir: Path, run_id: str, part: str) -> Path:
    """Where a process of a run makes its feeds; raises :class:`FeedError`."""
    path = media_dir / "runs" / run_id / part
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FeedError(
            f"camera feeds cannot be made in {path}: {error.strerror or error}; make the folder "
            "writable, or point SYNTHETIC_MEDIA_DIR elsewhere"
        ) from error
    return path


def _launch(stage: Stage, role: str, feeds: Feeds) -> Browser:
    title = screen_title(role, stage.nonce)
    try:
        return stage.launch(
            args=switches(feeds, title, loopback=stage.loopback, headed=stage.headed),
            **stage.browser_options,
        )
    except PlaywrightError as error:
        raise BrowserDied(
            f"the browser of {role} did not start: {_reason(error)}; "
            "try it by hand, or name another with SYNTHETIC_BROWSER_PATH"
        ) from error


def _context(stage: Stage, browser: Browser, agent: str, recorder: Recorder) -> BrowserContext:
    options = {
        **CONTEXT,
        **stage.context_options,
        "user_agent": f"{agent} synthetic/{__version__}",
        "permissions": ["camera", "microphone"],
    }
    context = browser.new_context(**options)
    context.set_default_timeout(stage.limit_s * 1000)
    context.add_cookies([{"name": RUN_COOKIE, "value": stage.run_id, "url": stage.base_url}])
    context.add_init_script(page_script())
    recorder.on_did_create_browser_context(context)
    if stage.light_trace:
        context.tracing.start(screenshots=False, snapshots=False, sources=False)
    return context


def close_actor(actor: Actor, recorder: Recorder) -> None:
    """End the actor's browser; one that died already is let go."""
    try:
        recorder.on_will_close_browser_context(actor.context)
        actor.context.close()
        actor.browser.close()
    except PlaywrightError as error:
        _log.warning("the browser of %s did not end in order: %s", actor.role, _reason(error))


class _Making(threading.Thread):
    """Makes a camera feed beside the browser's start and keeps what went wrong."""

    def __init__(self, path: Path, role: str, stage: Stage) -> None:
        super().__init__(daemon=True)
        self._work = (path, role, stage.nonce, stage.media_dir)
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            camera.write_feed(*self._work)
        except Exception as error:
            self._error = error

    def finish(self) -> None:
        self.join()
        if self._error:
            raise self._error


def _reason(error: PlaywrightError) -> str:
    return error.message.splitlines()[0]
