"""The actors' browsers of this process: one a role, kept from journey to journey.

Cameras and microphones belong to a browser, so every actor has one of its own; what a journey
leaves in it goes with the journey's context.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.launch import SCREEN_TITLE, Feeds, process_of, switches
from synthetic.errors import BrowserDied, FeedError
from synthetic.media import camera, microphone


@dataclass(frozen=True)
class RoleBrowser:
    """A browser with a role's camera and microphone."""

    browser: Browser
    pid: int
    user_agent: str


@dataclass
class Browsers:
    """Starts a role's browser when it is first asked for, and again once it has ended."""

    launch: Callable[..., Browser]
    options: Mapping[str, Any]
    nonce: int
    loopback: bool
    headed: bool
    media_dir: Path
    feeds_dir: Path
    _running: dict[str, RoleBrowser] = field(default_factory=dict)

    def of(self, role: str) -> RoleBrowser:
        """The browser of ``role``; raises :class:`BrowserDied` and :class:`FeedError`."""
        known = self._running.get(role)
        if known and known.browser.is_connected():
            return known
        path = self.feeds_dir / f"{role}.mjpeg"
        feeds = Feeds(path, microphone.cached_feed(role, self.media_dir))
        making = _Making(lambda: camera.write_feed(path, role, self.nonce, self.media_dir))
        making.start()
        browser = self._started(role, feeds)
        self._running[role] = RoleBrowser(browser, *process_of(browser))
        making.finish()
        return self._running[role]

    def _started(self, role: str, feeds: Feeds) -> Browser:
        title = screen_title(role, self.nonce)
        arguments = switches(feeds, title, loopback=self.loopback, headed=self.headed)
        try:
            return self.launch(args=arguments, **self.options)
        except PlaywrightError as error:
            raise BrowserDied(
                f"the browser of {role} did not start: {first_line(error)}; "
                "try it by hand, or name another with SYNTHETIC_BROWSER_PATH"
            ) from error

    def close(self) -> list[str]:
        """End all of them; returns what went wrong."""
        troubles = []
        for role, running in self._running.items():
            try:
                running.browser.close()
            except PlaywrightError as error:
                troubles.append(f"the browser of {role} did not end in order: {first_line(error)}")
        self._running.clear()
        return troubles


def screen_title(role: str, nonce: int) -> str:
    """The title of the tab that is shared, by which the browser selects it."""
    return f"{SCREEN_TITLE}-{role}-{nonce:03x}"


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


def first_line(error: PlaywrightError) -> str:
    """The error without Playwright's call log."""
    return error.message.splitlines()[0]


class _Making(threading.Thread):
    """Makes a feed beside the browser's start and keeps what went wrong."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self._error = error

    def finish(self) -> None:
        self.join()
        if self._error:
            raise self._error
