"""An actor's page, as gestures and the clock use it."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, FrameLocator, Page
from playwright.sync_api import Locator as Element
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from synthetic.browser.locator import Locator
from synthetic.errors import BrowserDied, StepTimeout, SyntheticError, TargetUnreachable

_OUTLINE = 8
GRACE_S = 5  # beyond Playwright's own limit
_PATIENCE_MS = 2000
_HINDERED = {
    "not enabled": "is there, but disabled",
    "not editable": "is there, but takes no text",
    "not stable": "is there, but never stops moving",
    "outside of the viewport": "is there, but out of the window",
    "inert": "is there, but inert, as what is behind a dialog",
}
"""What keeps a person from an element, by Playwright's words for it."""
_TRIED = re.compile(  # the end of each line of its log that says how a try went
    rf"- (?:(?:.+ from )?<(?P<cover>[^>]+)>.* intercepts pointer events"
    rf"|element is (?P<state>{'|'.join(_HINDERED)})"
    r"|element is not visible|element was detached.*|performing \w+ action.*)$",
    re.M,
)
_MARKS = re.compile(r'\s(?:id|class)="[^"]*"')  # what else a tag holds may be anybody's
_VISIBLE = """css => [...document.querySelectorAll(css)].some((one) => {
  const { width, height } = one.getBoundingClientRect();
  const shown = one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return shown && width >= 40 && height >= 20;
})"""


class View:
    """One page of ``who`` (a role such as ``host``); every wait is at most ``limit_s``."""

    def __init__(
        self, page: Page, who: str, limit_s: float, browser_pid: int | None = None
    ) -> None:
        self.page = page
        self.who = who
        self.limit_s = limit_s
        self._browser_pid = browser_pid
        self._stuck = threading.Event()
        self.inputs: list[tuple[str, float]] = []
        """Trusted input events, newest last: type and milliseconds since the epoch."""

    @property
    def hung(self) -> bool:
        """Whether the page hung, so that its browser had to be ended."""
        return self._stuck.is_set()

    def listen(self) -> None:
        """Hear of every trusted click and key; before the page is first used."""
        self.page.expose_binding(
            "__syntheticInput", lambda _, kind, at: self.inputs.append((str(kind), float(at)))
        )

    @contextmanager
    def not_for_ever(self, limit_s: float) -> Iterator[None]:
        """End the browser if what is inside does not end by itself; raises :class:`StepTimeout`."""
        try:
            with ended_when_stuck(self._browser_pid, limit_s + GRACE_S, self._stuck):
                yield
        except PlaywrightError as error:
            if not self.hung:
                raise
            raise StepTimeout(
                f"{self.who} waited on {self._path()} for a page that does not answer: its "
                "scripts hang, and its browser had to be ended"
            ) from error

    def open(self, url: str) -> None:
        """Navigate; raises :class:`TargetUnreachable` when nothing usable answers there."""
        try:
            self.page.goto(url, wait_until="commit", timeout=self.limit_s * 1000)
        except PlaywrightError as error:
            raise self.explain(error, f"could not open {url}") from error

    def click(self, locator: Locator) -> None:
        """Click as a person does: only what is visible, enabled and not covered."""
        self._gesture("click", locator)

    def fill(self, locator: Locator, text: str) -> None:
        """Replace the text of an input."""
        self._gesture("fill", locator, text)

    def reload(self) -> None:
        """Load the document again."""
        try:
            self.page.reload(wait_until="commit", timeout=self.limit_s * 1000)
        except PlaywrightError as error:
            raise self.explain(error, "could not reload the page") from error

    def text_of(self, locator: Locator) -> str:
        """The text that stands there."""
        return str(self._gesture("inner_text", locator))

    def link_of(self, locator: Locator) -> str:
        """The address that a link leads to, absolute."""
        href = self._gesture("get_attribute", locator, "href")
        return urljoin(self.page.url, str(href or ""))

    def _gesture(self, verb: str, locator: Locator, *texts: str) -> object:
        try:
            done: object = getattr(self.element(locator), verb)(*texts, timeout=self.limit_s * 1000)
        except PlaywrightTimeout as error:
            trouble = f"could not {verb} {locator.path}"
            raise StepTimeout(
                self._hindered(error, trouble) or self.missing(locator, trouble)
            ) from error
        except PlaywrightError as error:
            raise self.explain(error, f"could not {verb} {locator}") from error
        return done

    def element(self, locator: Locator) -> Element:
        """What Playwright acts upon: the first visible match."""
        root: Page | FrameLocator = (
            self.page.frame_locator(locator.frame) if locator.frame else self.page
        )
        return _resolve(root, locator).filter(visible=True).first

    def shows(self, locator: Locator) -> bool:
        """Whether an element of ``locator`` (by ``css``) can be seen; not on a page that hangs."""
        try:
            frame = self.frame(locator) or self.page.main_frame
            return bool(locator.css and ask(frame, _VISIBLE, locator.css))
        except PlaywrightError:
            return False

    def frame(self, locator: Locator | None, wait: bool = False) -> Frame | None:
        """The document that holds ``locator``; None while its iframe does not exist.

        With ``wait``, the iframe is awaited; raises :class:`StepTimeout` if it never comes.
        """
        if locator is None or locator.frame is None:
            return self.page.main_frame
        if not wait:
            holder = self.page.query_selector(locator.frame)
            return holder.content_frame() if holder else None
        try:
            handle = self.page.wait_for_selector(
                locator.frame, state="attached", timeout=self.limit_s * 1000
            )
        except PlaywrightTimeout as error:
            trouble = f"did not get the iframe {locator.frame}"
            raise StepTimeout(self.missing(locator, trouble)) from error
        return handle.content_frame() if handle else None

    def missing(self, locator: Locator, trouble: str) -> str:
        """What was looked for, where to override it, and what was there instead."""
        page, _, element = locator.path.partition(".")
        return (
            f"{self.who} {trouble} within {self.limit_s:g} s on {self._path()}; looked for "
            f"{locator}; there was {self.outline(locator)}. If the product calls it otherwise, "
            f"set {element} under [pages.{page}] in synthetic.toml"
        )

    def _hindered(self, error: PlaywrightTimeout, trouble: str) -> str:
        """Why nothing could be done with what is there; empty where nothing is."""
        tries = list(_TRIED.finditer(error.message))
        last = tries[-1].groupdict() if tries else {}
        if cover := last.get("cover"):
            tag = cover.split(maxsplit=1)[0] + "".join(_MARKS.findall(cover))
            why = f"lies under <{tag}>"
        elif state := last.get("state"):
            why = _HINDERED[state]
        else:
            return ""
        return f"{self.who} {trouble} within {self.limit_s:g} s on {self._path()}: it {why}"

    def outline(self, locator: Locator | None) -> str:
        """What a person could see on the page, in a few words."""
        try:
            frame = self.frame(locator) or self.page.main_frame
            seen: list[str] = ask(frame, "most => __synthetic.outline(most)", _OUTLINE)
        except PlaywrightError as error:
            return f"a page that does not answer ({_first_line(error)})"
        return ", ".join(seen) or "nothing to be seen"

    def explain(self, error: PlaywrightError, trouble: str) -> SyntheticError:
        """Playwright's error as one of ours, with a sentence."""
        reason = _first_line(error)
        if "net::" in reason or "ERR_" in reason:
            code = re.search(r"ERR_\w+", reason)
            return TargetUnreachable(
                f"{self.who} {trouble}: {code.group() if code else reason}; "
                "check SYNTHETIC_BASE_URL and whether the product is up"
            )
        if re.search(r"closed|crash|disconnected|Connection", reason, re.I):
            return BrowserDied(
                f"the browser of {self.who} ended by itself: {self.who} {trouble} ({reason}); "
                "look for an out-of-memory kill, and run again"
            )
        return StepTimeout(f"{self.who} {trouble}: {reason}")

    def _path(self) -> str:
        return urlsplit(self.page.url).path or self.page.url


@contextmanager
def ended_when_stuck(
    pid: int | None, limit_s: float, stuck: threading.Event | None = None
) -> Iterator[None]:
    """End a browser's process if what is inside does not end by itself; ``stuck`` is set then.

    Playwright's own limits wait for the page to confirm that a wait was called off, which a page
    that hangs never does, and some of its calls have no limit at all.
    """

    def end() -> None:
        if stuck:
            stuck.set()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(limit_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def ask(frame: Frame, function: str, argument: object) -> Any:
    """What a function returns in the page; a page that hangs is a ``TimeoutError`` soon."""
    # Playwright's evaluate has no limit of its own, its wait_for_function has one.
    # As text, since Playwright carries large structures slowly.
    wrapped = f"async argument => JSON.stringify({{ answer: await ({function})(argument) }})"
    handle = frame.wait_for_function(wrapped, arg=argument, timeout=_PATIENCE_MS)
    return json.loads(handle.json_value()).get("answer")


def _first_line(error: PlaywrightError) -> str:
    return error.message.splitlines()[0].removeprefix("Error: ")


def _resolve(root: Page | FrameLocator, locator: Locator) -> Element:
    name = re.compile(locator.name, re.IGNORECASE) if locator.name else None
    text = re.compile(locator.text, re.IGNORECASE) if locator.text else None
    if locator.css:
        found = root.locator(locator.css)
    elif locator.test_id:
        found = root.get_by_test_id(locator.test_id)
    elif locator.label:
        found = root.get_by_label(re.compile(locator.label, re.IGNORECASE))
    elif locator.role:
        # The stubs list the roles one by one; ours come from a table.
        found = root.get_by_role(locator.role, name=name)  # type: ignore[arg-type]
    else:
        return root.get_by_text(text or re.compile(""))
    return found.filter(has_text=text) if text else found
