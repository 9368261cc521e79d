"""Which browser is started, and with which switches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from synthetic.errors import BrowserMissing

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREEN_TITLE = "synthetic-screen"
RUN_COOKIE = "synthetic_run"
"""Tells the target which run of ours it is: no secret."""

_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True)
class Feeds:
    """The files that stand for an actor's camera and microphone."""

    camera: Path
    microphone: Path


def browser_choice(
    asked: Path | None,
    own_build: Path,
    which: Callable[[str], str | None] = shutil.which,
) -> dict[str, Any]:
    """Launch options that name the browser: the path asked for, Playwright's own, the system's.

    Raises :class:`BrowserMissing` when there is none.
    """
    if asked is not None:
        if not asked.is_file():
            raise BrowserMissing(
                f"SYNTHETIC_BROWSER_PATH names {asked}, which is not a file; "
                "correct it, or unset it to let the browser be found"
            )
        return {"executable_path": str(asked)}
    if own_build.is_file():
        # The default headless shell has no real getUserMedia.
        return {"channel": "chromium"}
    for name in SYSTEM_BROWSERS:
        if path := which(name):
            return {"executable_path": path}
    raise BrowserMissing(
        "no browser was found: neither Playwright's own build nor any of "
        f"{', '.join(SYSTEM_BROWSERS)} on PATH; run `make setup`, or set SYNTHETIC_BROWSER_PATH"
    )


def can_film(own_build: Path) -> bool:
    """Whether Playwright has an ffmpeg beside the browsers that it looks for."""
    return any(own_build.parents[2].glob("ffmpeg-*/ffmpeg-*"))


def switches(feeds: Feeds, screen_title: str, *, loopback: bool, headed: bool) -> list[str]:
    """Chromium's command line for one actor.

    ``loopback`` lets WebRTC gather 127.0.0.1: for the local stand-in, never for a remote target.
    """
    chosen = [
        *_QUIET,
        "--use-fake-device-for-media-stream=fps=30",
        f"--use-file-for-fake-video-capture={feeds.camera.resolve()}",
        f"--use-file-for-fake-audio-capture={feeds.microphone.resolve()}",
        f"--auto-select-desktop-capture-source={screen_title}",
    ]
    if loopback:
        chosen.append("--allow-loopback-in-peer-connection")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        chosen.append("--no-sandbox")
    if headed:
        chosen.append("--window-size=1300,860")
    return chosen


def process_of(browser: Browser) -> tuple[int, str]:
    """The browser's process id, and the user agent by which it introduces itself."""
    session = browser.new_browser_cdp_session()
    agent = session.send("Browser.getVersion")["userAgent"]
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return next(one["id"] for one in processes if one["type"] == "browser"), str(agent)
