"""What actors stand on: their browsers, what they share, and a network that may be broken."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from synthetic.browser.launch import browser_choice, can_film
from synthetic.errors import UsageError
from synthetic.journeys.actor import Actor, Stage, Trace
from synthetic.journeys.browsers import Browsers, feeds_folder
from synthetic.journeys.evidence import evidence_folder
from synthetic.journeys.journey import Journey
from synthetic.journeys.target import on_loopback
from synthetic.journeys.tracing import before_steps
from synthetic.journeys.work import Work
from synthetic.media.relay import Network
from synthetic.pages.table import locators

_log = logging.getLogger(__name__)


@pytest.fixture(scope="session")
def browsers(
    request: pytest.FixtureRequest,
    work: Work,
    playwright: Playwright,
    browser_name: str,
    launch_browser: Callable[..., Browser],
) -> Iterator[Browsers]:
    """The actors' browsers; they end with the process."""
    option = request.config.getoption
    browsers = Browsers(
        launch=launch_browser,
        options=_browser(work, playwright, browser_name, option("--browser-channel")),
        nonce=work.nonce,
        loopback=on_loopback(work.base_url),
        headed=option("--headed"),
        media_dir=work.settings.media_dir,
        feeds_dir=feeds_folder(work.settings.media_dir, work.run_id, work.part),
    )
    yield browsers
    for trouble in browsers.close():
        _log.warning(trouble)


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    work: Work,
    journey: Journey,
    browser_context_args: dict[str, Any],
) -> Stage:
    """What all actors of this journey share."""
    with journey.beginning():
        browsers: Browsers = request.getfixturevalue("browsers")
        if journey.attempt > 1:
            for trouble in browsers.close():
                _log.warning(trouble)
        return Stage(
            run_id=work.run_id,
            nonce=work.nonce,
            base_url=work.base_url,
            table=locators(work.settings.pages),
            browsers=browsers,
            context_options=browser_context_args,
            limit_s=work.settings.step_timeout_s,
            trace=_trace(journey, request.config.getoption("--tracing")),
            films_to=_films_to(work, journey, request.getfixturevalue("playwright")),
            network=request.getfixturevalue("network") if breaks_network(request) else None,
            traceparent=before_steps(journey) if work.settings.exports.traceparent else None,
            target_pass=work.settings.target_pass,
        )


def _films_to(work: Work, journey: Journey, playwright: Playwright) -> Path | None:
    """Where an attempt that confirms a failure is filmed, where Playwright can."""
    able = can_film(Path(playwright.chromium.executable_path))
    return evidence_folder(work, journey) if able and journey.attempt > 1 else None


def _trace(journey: Journey, asked: str) -> Trace:
    if asked != "off":
        return "none"  # pytest-playwright's own
    return "light" if journey.attempt == 1 else "full"


def breaks_network(request: pytest.FixtureRequest) -> bool:
    """Whether the journey breaks its actors' network on purpose."""
    return "network" in request.fixturenames


@pytest.fixture
def network(work: Work, actors: list[Actor]) -> Iterator[Network]:
    """The network of the actors of this journey, which it may cut, thin out and slow down."""

    def wait(seconds: float) -> None:
        # In a page, so that Playwright goes on serving them.
        actors[0].dwell((time.time() + seconds) * 1000)

    with Network(random.Random(work.nonce).random, wait=wait) as network:
        yield network


def _browser(
    work: Work, playwright: Playwright, name: str, channel: str | None
) -> Mapping[str, Any]:
    if name != "chromium":
        raise UsageError(f"only Chromium has cameras fed from files, so not {name}")
    own_build = Path(playwright.chromium.executable_path)
    return {} if channel else browser_choice(work.settings.browser_path, own_build)
