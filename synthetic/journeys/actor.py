"""An actor: an account, a browser with its own camera and microphone, and the product's pages."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Frame,
    Page,
    StorageState,
    ViewportSize,
)
from playwright.sync_api import Error as PlaywrightError

from synthetic import __version__
from synthetic._settings_product import TargetPass, display_name
from synthetic.browser.launch import RUN_COOKIE
from synthetic.browser.locator import Locator
from synthetic.browser.page_log import Exchange, PageLog
from synthetic.browser.page_script import page_script
from synthetic.browser.tracing import carry
from synthetic.browser.view import View
from synthetic.errors import StepTimeout, UsageError
from synthetic.journeys.browsers import Browsers, RoleBrowser, first_line, screen_title
from synthetic.journeys.first_visit import NO_PASS, by_browser
from synthetic.media import screen
from synthetic.media.mark import ROLES
from synthetic.media.relay import BINDING, Network
from synthetic.pages.access import Access
from synthetic.pages.dashboard import Dashboard
from synthetic.pages.room import Room

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}
LONGEST_CLOSING_S = 30.0
FILM: ViewportSize = {"width": 640, "height": 360}
CONTEXT: dict[str, Any] = {
    "viewport": DESKTOP,
    # An unconstrained share has the size of the screen that the page believes in.
    "screen": {"width": screen.WIDTH, "height": screen.HEIGHT},
}
_log = logging.getLogger(__name__)
DEVICES = ("camera", "microphone")
Trace = Literal["none", "light", "full"]


@dataclass(frozen=True)
class Stage:
    """What all actors of a journey share."""

    run_id: str
    nonce: int
    base_url: str
    table: Mapping[str, Locator]
    browsers: Browsers
    context_options: Mapping[str, Any]
    limit_s: float
    trace: Trace
    films_to: Path | None = None
    """The folder under which each actor is filmed, for evidence."""
    network: Network | None = None
    """What carries the actors' traffic, where a journey is to break it."""
    traceparent: str | None = None
    """What scripts' requests to the target carry before the first step, if they carry any."""
    target_pass: TargetPass = NO_PASS


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

    def snapshot(self, since_ms: float, people: Sequence[Actor] = ()) -> dict[str, Any]:
        """What the page logged of its media since then, with its connections' statistics.

        Of each picture it says in the tile of which of ``people`` it is.
        """
        tile = self.stage.table["room.tile"]
        tiles = [[one.index, tile.filled(name=one.name).spec()] for one in people]
        # As text: Playwright carries each of the many numbers as a value of its own, for seconds.
        text = self._room_frame().evaluate(
            "async ([since, tiles]) => JSON.stringify(await __synthetic.snapshot(since, tiles))",
            [since_ms, tiles],
        )
        seen: dict[str, Any] = json.loads(text)
        return seen

    def look_closely(self, until_ms: float) -> None:
        """Read every frame until that moment (milliseconds since the epoch)."""
        self._room_frame().evaluate("until => void __synthetic.closely(until)", until_ms)

    def _room_frame(self) -> Frame:
        tile = self.stage.table["room.tile"]
        return self.view.frame(tile, wait=True) or self.page.main_frame

    def lose(self, kind: str) -> float:
        """Lose the camera (``video``) or microphone (``audio``) in use; the moment it went."""
        lost: float | None = self._room_frame().evaluate("kind => __synthetic.lose(kind)", kind)
        if lost is None:
            raise UsageError(f"{self.role} has no {kind} in use to lose; join a call first")
        return lost

    def refuse_screen(self) -> None:
        """Say no from now on when the browser asks which screen to share."""
        self._room_frame().evaluate("() => void __synthetic.refuseScreen()")

    def vitals(self) -> dict[str, float | None]:
        """How the page loaded, and how it answers a key: see ``vitals.js``."""
        self.page.keyboard.press("Tab")
        # What a key brought about is reported with the frame after the one that shows it.
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        vitals: dict[str, float | None] = self.page.evaluate("() => __synthetic.vitals()")
        return vitals

    def dwell(self, until_ms: float) -> None:
        """Stay in the room until that moment (milliseconds since the epoch)."""
        left_ms = max(0.0, until_ms - time.time() * 1000) + self.stage.limit_s * 1000
        self.page.wait_for_function("until => Date.now() >= until", arg=until_ms, timeout=left_ms)

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

    def close_screen(self) -> None:
        """Close the document that was shared, or was to be."""
        if self._screen:
            self._screen.context.close()

    def drawn_frames(self) -> dict[int, list[float]]:
        """When the shared document drew each frame (milliseconds since the epoch)."""
        drawn: dict[int, list[float]] = {}
        for frame, at in self._screen.evaluate("drawn") if self._screen else ():
            drawn.setdefault(frame, []).append(at)
        return drawn


def open_actor(
    stage: Stage,
    role: str,
    email: str,
    on_exchange: Callable[[str, Exchange], None],
    recorder: Recorder,
    *,
    card: StorageState | None = None,
    devices: Sequence[str] = DEVICES,
    size: ViewportSize = DESKTOP,
) -> Actor:
    """Open a page in the role's browser, with the sign-in that ``card`` keeps, if any.

    ``devices`` are those that the person lets the product use, ``size`` is the window's. Raises
    :class:`BrowserDied` and :class:`FeedError`.
    """
    running = stage.browsers.of(role)
    given = {"permissions": list(devices), "storage_state": card, "viewport": size}
    context = _context(stage, role, running, recorder, given)
    log = PageLog(context, stage.base_url, partial(on_exchange, role))
    page = context.new_page()
    view = View(page, role, stage.limit_s, running.pid)
    view.listen()
    actor = Actor(
        role=role,
        email=email,
        stage=stage,
        browser=running.browser,
        context=context,
        page=page,
        log=log,
        view=view,
        access=Access(view, stage.table, stage.base_url),
        dashboard=Dashboard(view, stage.table, stage.base_url),
        room=Room(view, stage.table),
        traced=stage.trace != "none",
    )
    page.on("crash", actor.crash)
    return actor


def _context(
    stage: Stage, role: str, running: RoleBrowser, recorder: Recorder, given: Mapping[str, Any]
) -> BrowserContext:
    options = {
        **CONTEXT,
        **given,
        **stage.context_options,
        "user_agent": f"{running.user_agent} synthetic/{__version__}",
    }
    if stage.films_to:
        options |= {"record_video_dir": stage.films_to / role, "record_video_size": FILM}
    network = stage.network
    if network:
        options["proxy"] = {"server": network.proxy_of(role)}
    context = running.browser.new_context(**options)
    if network:
        context.expose_binding(BINDING, lambda _, *asked: network.answer(role, *asked))
    context.set_default_timeout(stage.limit_s * 1000)
    context.add_cookies([{"name": RUN_COOKIE, "value": stage.run_id, "url": stage.base_url}])
    by_browser(stage.target_pass, stage.base_url, context)
    if stage.traceparent:
        carry(context, stage.base_url, stage.traceparent)
    filmed = stage.trace == "full"
    traced = stage.base_url if stage.traceparent else None
    context.add_init_script(page_script(relayed=network is not None, filmed=filmed, traced=traced))
    recorder.on_did_create_browser_context(context)
    if stage.trace != "none":
        full = stage.trace == "full"
        context.tracing.start(screenshots=full, snapshots=full, sources=False)
    return context


def close_actor(actor: Actor, recorder: Recorder) -> None:
    """Close what the actor opened; a browser that died already is let go."""
    try:
        with actor.view.not_for_ever(LONGEST_CLOSING_S):
            recorder.on_will_close_browser_context(actor.context)
            actor.context.close()
            if actor.stage.films_to and actor.page.video:
                made = Path(actor.page.video.path())
                made.replace(made.with_name("video.webm"))
            actor.close_screen()
    except (PlaywrightError, StepTimeout, OSError) as error:
        said = first_line(error) if isinstance(error, PlaywrightError) else str(error)
        _log.warning("the page of %s did not end in order: %s", actor.role, said)
