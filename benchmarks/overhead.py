"""What measuring costs: the smoke journey against a bare script with the same gestures.

Both start two browsers with the same feeds and switches, make the same gestures and stay as long
in the call; the bare one waits with ``expect`` and measures nothing. Alternating pairs; goal: the
median ratio of their times ≤ 1.0, since waiting in the page is faster than polling.

    python -m benchmarks.overhead [--pairs 7]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import runpy
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, ViewportSize, expect, sync_playwright

from benchmarks.report import Figure, progress
from synthetic import results
from synthetic import settings as settings_module
from synthetic.browser.launch import Feeds, browser_choice, switches
from synthetic.inbox import open_mailbox, wait_for_code
from synthetic.journeys.actor import CONTEXT, Stage, close_actor, open_actor
from synthetic.journeys.browsers import Browsers, screen_title
from synthetic.journeys.cleanup import Ledger
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import settle
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.outline import outline
from synthetic.journeys.target import EmbeddedStandin
from synthetic.media import camera, microphone, screen
from synthetic.pages.table import locators
from synthetic.redaction import Redactor
from synthetic.results import Media, Request, Step
from synthetic.run import utc_now
from synthetic.settings import Settings

GOAL_RATIO = 1.0
WARMUP_S, WATCH_S = 1.0, 1.5
NONCE = 0x123
PLAYING = "() => [...document.querySelectorAll('video')].every((one) => one.videoWidth)"
GUEST = "guest@synthetic.test"
MEETING = runpy.run_path("tests/smoke/test_two_people_meet.py")["test_two_people_meet"]


@dataclass(frozen=True)
class Ground:
    """What both sides stand on."""

    playwright: Playwright
    settings: Settings
    folder: Path

    @property
    def url(self) -> str:
        """The stand-in's address."""
        return str(self.settings.base_url).rstrip("/")

    @property
    def browser(self) -> dict[str, Any]:
        """The browser both start."""
        return browser_choice(None, Path(self.playwright.chromium.executable_path))


class _Nobody:
    """Hears everything, keeps nothing."""

    def step_done(self, journey: str, attempt: int, step: Step) -> None:
        """A step."""

    def request_done(self, request: Request) -> None:
        """A request."""

    def media_seen(self, media: Media) -> None:
        """Media."""

    def page_seen(self, page: results.Page) -> None:
        """A page."""

    def found(self, finding: results.Finding) -> None:
        """A finding."""

    def measured(self, sample: results.Sample) -> None:
        """A figure of the target."""

    def on_did_create_browser_context(self, context: object) -> None:
        """A context."""

    def on_will_close_browser_context(self, context: object) -> None:
        """A context."""


def smoke(ground: Ground, run_id: str) -> None:
    """The smoke journey as pytest runs it, without pytest."""
    nobody = _Nobody()
    browsers = browsers_of(ground)
    stage = _stage(ground, run_id, browsers)
    journey = Journey(
        name="smoke",
        run_id=run_id,
        planned=outline(MEETING),
        witness=nobody,
        redactor=Redactor(),
        limit_s=stage.limit_s,
        warmup_s=WARMUP_S,
        watch_s=WATCH_S,
        ledger=Ledger(ground.folder / "ledger"),
        on_failure=lambda error, _: settle(error, str(error), ()),
    )
    codes = OneTimeCodes(open_mailbox(ground.settings.inbox), ground.settings.inbox)
    with ExitStack() as leaving:
        leaving.callback(browsers.close)
        actors = []
        for role, email in (("host", f"host+{run_id}@synthetic.test"), ("guest", GUEST)):
            actor = open_actor(stage, role, email, journey.heard, nobody)
            leaving.callback(close_actor, actor, nobody)
            actors.append(actor)
        MEETING(journey, *actors, codes)


def _stage(ground: Ground, run_id: str, browsers: Browsers) -> Stage:
    return Stage(
        run_id=run_id,
        nonce=NONCE,
        base_url=ground.url,
        table=locators({}),
        browsers=browsers,
        context_options={},
        limit_s=20,
        trace="light",
    )


def browsers_of(ground: Ground) -> Browsers:
    """The actors' browsers, as journeys start them."""
    return Browsers(
        launch=ground.playwright.chromium.launch,
        options=ground.browser,
        nonce=NONCE,
        loopback=True,
        headed=False,
        media_dir=ground.settings.media_dir,
        feeds_dir=ground.folder,
    )


def bare(ground: Ground, run_id: str) -> None:
    """The same gestures as anybody would script them."""

    def opened(role: str) -> Page:
        feeds = Feeds(
            ground.folder / f"{role}.mjpeg",
            microphone.cached_feed(role, ground.settings.media_dir),
        )
        camera.write_feed(feeds.camera, role, NONCE, ground.settings.media_dir)
        arguments = switches(feeds, screen_title(role, NONCE), loopback=True, headed=False)
        browser = ground.playwright.chromium.launch(args=arguments, **ground.browser)
        leaving.callback(browser.close)
        return browser.new_context(permissions=["camera", "microphone"], **CONTEXT).new_page()

    with ExitStack() as leaving:
        host, guest = opened("host"), opened("guest")
        get_in(ground, host, "Sign Up", f"host+{run_id}@synthetic.test")
        get_in(ground, guest, "Log In", GUEST)
        host.goto(f"{ground.url}/dashboard")
        expect(host.get_by_role("button", name="Create session")).to_be_visible()
        _bare_call(host, guest)


def get_in(ground: Ground, page: Page, link: str, email: str) -> None:
    """Sign up or log in, by the ``link`` that leads there and a mailed code."""
    mailbox = open_mailbox(ground.settings.inbox)
    page.goto(ground.url)
    page.get_by_role("link", name=link).click()
    page.get_by_role("textbox", name="E-mail").fill(email)
    seen_before, since = mailbox.ids_to(email), utc_now()
    page.get_by_role("button", name="Request OTP").click()
    expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    code = wait_for_code(mailbox, email, since=since, seen_before=seen_before, timeout_s=20)
    page.get_by_role("textbox", name="Code").fill(code.value)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def create_and_join(host: Page, guest: Page, title: str) -> None:
    """From the dashboards into a session of the host's."""
    host.get_by_role("textbox", name="Session title").fill(title)
    host.get_by_role("button", name="Create session").click()
    expect(host.get_by_role("heading", name=title)).to_be_visible()
    guest.get_by_role("textbox", name="Session code or link").fill(host.url)
    guest.get_by_role("button", name="Join session").click()


def _bare_call(host: Page, guest: Page) -> None:
    create_and_join(host, guest, "bare")
    for page, other in ((guest, "host"), (host, "guest")):
        expect(
            page.get_by_role("listitem").filter(has_text=re.compile(f"^{other}$"))
        ).to_be_visible()
        expect(page.get_by_role("group", name=other, exact=True).locator("video")).to_be_visible()
        page.wait_for_function(PLAYING)
    met = time.monotonic()
    for sender, receiver, text in ((host, guest, "hello"), (guest, host, "answer")):
        sender.get_by_role("textbox", name="Message").fill(text)
        sender.get_by_role("button", name="Send").click()
        expect(receiver.get_by_role("log").get_by_text(text)).to_be_visible()
    _stay(host, met)
    html, script = screen.document()
    size: ViewportSize = {"width": screen.WIDTH, "height": screen.HEIGHT}
    document = host.context.browser.new_page(viewport=size) if host.context.browser else host
    document.set_content(html)
    document.evaluate(script, screen.drawing(0, NONCE, screen_title("host", NONCE)))
    host.bring_to_front()
    host.get_by_role("button", name="Share screen").click()
    expect(guest.get_by_role("group", name="host's screen").locator("video")).to_be_visible()
    guest.wait_for_function(PLAYING)
    _stay(host, time.monotonic())
    guest.get_by_role("button", name="Leave").click()
    expect(host.get_by_role("listitem").filter(has_text=re.compile("^guest$"))).to_be_hidden()


def _stay(page: Page, since: float) -> None:
    left = since + WARMUP_S + WATCH_S - time.monotonic()
    page.wait_for_function("until => Date.now() >= until", arg=(time.time() + left) * 1000)


@contextmanager
def standing() -> Iterator[Ground]:
    """A stand-in, Playwright, and a folder for feeds."""
    standin = EmbeddedStandin.start()
    try:
        settings = settings_module.load(environ={**os.environ, **standin.ready()})
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            yield Ground(playwright, settings, Path(folder))
    finally:
        standin.stop()


def run(pairs: int) -> list[Figure]:
    """The ratio of the two, pair by pair."""
    with standing() as ground:
        return _figures([_pair(ground, number) for number in progress("overhead", pairs + 1)][1:])


def _pair(ground: Ground, number: int) -> tuple[float, float]:
    sides: list[Callable[[Ground, str], None]] = [smoke, bare]
    took = {}
    for side in sides if number % 2 else reversed(sides):
        started = time.monotonic()
        side(ground, f"{number}-{side.__name__}-{random.randrange(10**6)}")
        took[side] = time.monotonic() - started
    return took[smoke], took[bare]


def _figures(pairs: list[tuple[float, float]]) -> list[Figure]:
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    count = len(pairs)
    return [
        Figure(
            "smoke journey / bare script, median", statistics.median(ratios), "×", GOAL_RATIO, count
        ),
        Figure("smoke journey / bare script, least", ratios[0], "×", None, count),
        Figure("smoke journey / bare script, most", ratios[-1], "×", None, count),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    for figure in run(parser.parse_args().pairs):
        print(figure)
