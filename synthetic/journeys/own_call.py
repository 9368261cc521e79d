"""A call of our own: the browsers of a failed journey call each other on a blank page."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources

from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.page_script import page_script
from synthetic.browser.stopwatch import Condition, await_since
from synthetic.browser.view import View, ask, ended_when_stuck
from synthetic.errors import SyntheticError
from synthetic.journeys.browsers import RoleBrowser, first_line
from synthetic.media.mark import ROLES
from synthetic.media.proof import Wanted, picture
from synthetic.results import Control

LIMIT_S = 8.0
LONGEST_S = 20.0
SLOW_S = 4.0  # it takes about one; a machine that needs this long judges nobody
STILL_MS = 700.0
WATCH_S = 1.0
_PLACE = "https://own-call.invalid/"  # never resolved: the page is answered from here
_BLANK = "<!doctype html><title>A call of our own</title><style>body { margin: 0 }</style>"


def own_call(browsers: Mapping[str, RoleBrowser], nonce: int) -> Control:
    """Whether two of ``browsers`` (by role; one calls itself) see and hear each other."""
    roles = list(browsers)[:2]
    one, other = roles[0], roles[-1]
    try:
        with (
            ended_when_stuck(browsers[one].pid, LONGEST_S),
            ended_when_stuck(browsers[other].pid, LONGEST_S),
            _on_blank(browsers[one].browser) as here,
            _on_blank(browsers[other].browser) as there,
        ):
            views = [View(here, one, LIMIT_S), View(there, other, LIMIT_S)]
            took_s = _meet(views, nonce)
            gap_ms = _longest_gap_ms(views, nonce)
    except (SyntheticError, PlaywrightError) as error:
        why = first_line(error) if isinstance(error, PlaywrightError) else str(error)
        said = f"on a blank page of ours, too, the same browsers had no call ({why})"
        return Control(name="call", ok=False, said=said)
    if took_s > SLOW_S:
        said = f"a call of our own took {took_s:.1f} s to begin: this machine is too slow now"
        return Control(name="call", ok=False, said=said)
    if gap_ms > STILL_MS:
        said = f"a call of our own froze for {gap_ms / 1000:.1f} s: this machine is too slow now"
        return Control(name="call", ok=False, said=said)
    said = f"the same browsers saw and heard each other on a blank page after {took_s:.1f} s"
    return Control(name="call", ok=True, said=said)


@contextmanager
def _on_blank(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(permissions=["camera", "microphone"])
    try:
        context.set_default_timeout(LIMIT_S * 1000)
        context.add_init_script(page_script())
        context.route("**/*", _answer)
        page = context.new_page()
        page.goto(_PLACE)
        yield page
    finally:
        context.close()


def _answer(route: Route) -> None:
    route.fulfill(body=_BLANK, content_type="text/html")


@cache
def _script() -> str:
    return resources.files("synthetic.media").joinpath("call.js").read_text("utf-8")


def _meet(views: Sequence[View], nonce: int) -> float:
    """Let both call each other; seconds until both saw and heard the other."""
    began_ms = time.time() * 1000
    for view in views:
        view.page.evaluate(_script())
    caller, called = views
    offer = caller.page.evaluate("call.offer()")
    answer = called.page.evaluate("offer => call.answer(offer)", offer)
    caller.page.evaluate("answer => call.accept(answer)", answer)
    awaited = [
        condition
        for view, other in (views, reversed(views))
        for condition in _of(view, other.who, nonce)
    ]
    return await_since(began_ms, awaited, limit_s=LIMIT_S).latency_ms / 1000


def _of(view: View, role: str, nonce: int) -> list[Condition]:
    index = ROLES.index(role)
    wanted = {"role": index, "screen": False, "nonce": nonce}
    return [
        Condition(view, f"the picture of {role}", picture=wanted),
        Condition(view, f"the voice of {role}", voice={"role": index}),
    ]


def _longest_gap_ms(views: Sequence[View], nonce: int) -> float:
    since_ms = time.time() * 1000
    until_ms = since_ms + WATCH_S * 1000
    for view in views:
        view.page.evaluate("until => void __synthetic.closely(until)", until_ms)
    views[0].page.wait_for_function("until => Date.now() >= until", arg=until_ms)
    gaps = []
    for view, other in (views, reversed(views)):
        seen = ask(view.page.main_frame, "since => __synthetic.snapshot(since)", since_ms)
        wanted = Wanted(ROLES.index(other.who), False, nonce)
        gap_ms = picture(seen, wanted, {}, since_ms).longest_gap_ms
        gaps.append(gap_ms if gap_ms is not None else WATCH_S * 1000)
    return max(gaps)
