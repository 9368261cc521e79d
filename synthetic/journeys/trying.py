"""The browsers of a look that is no run: do they start, and do their cameras reach each other?"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from synthetic.browser.launch import browser_choice
from synthetic.errors import FeedError
from synthetic.journeys.browsers import Browsers
from synthetic.journeys.own_call import own_call
from synthetic.settings import Settings

_NONCES = 4096
STARTED_WITHIN_MS = 20_000


@contextmanager
def own_browsers(settings: Settings, *, loopback: bool) -> Iterator[Browsers]:
    """Browsers with cameras as a run has them; they end with the block.

    Raises :class:`~synthetic.errors.BrowserMissing`; ``loopback`` as in ``switches``.
    """
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as feeds:
        own_build = Path(playwright.chromium.executable_path)
        options = browser_choice(settings.browser_path, own_build)
        browsers = Browsers(
            launch=playwright.chromium.launch,
            options={**options, "timeout": STARTED_WITHIN_MS},
            nonce=secrets.randbelow(_NONCES),
            loopback=loopback,
            headed=False,
            media_dir=settings.media_dir,
            feeds_dir=Path(feeds),
        )
        try:
            yield browsers
        finally:
            browsers.close()


def browser_starts(settings: Settings) -> str:
    """Which one starts; raises what keeps it from doing so."""
    with own_browsers(settings, loopback=True) as browsers:
        version = browsers.of("host").browser.version
    return f"Chromium {version} starts, with a camera and a microphone"


def call_works(settings: Settings) -> str:
    """Two of our browsers see and hear each other; raises :class:`FeedError` if they do not."""
    with own_browsers(settings, loopback=True) as browsers:
        roles = {role: browsers.of(role) for role in ("host", "guest")}
        control = own_call(roles, browsers.nonce)
    if not control.ok:
        raise FeedError(f"{control.said}; close what else runs on this machine, and try again")
    return control.said
