"""A view never waits for ever, and says why nothing could be done."""

from __future__ import annotations

import re
import threading
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Browser, Error, Page, TimeoutError

from synthetic.browser.locator import Locator
from synthetic.browser.view import GRACE_S, View
from synthetic.errors import StepTimeout


@pytest.fixture
def view() -> View:
    return View(cast("Page", SimpleNamespace(url="http://x/room")), "guest", limit_s=1)


def wait_until_ended(view: View) -> None:
    """As Playwright does: it returns with an error once the browser is gone."""
    never = threading.Event()
    while not view.hung:
        never.wait(0.01)
    raise Error("Target closed")


def test_a_wait_that_never_ends_is_ended_and_told(view: View) -> None:
    with pytest.raises(StepTimeout, match="guest waited on /room"), view.not_for_ever(-GRACE_S):
        wait_until_ended(view)


def test_other_trouble_stays_what_it_is(view: View) -> None:
    with pytest.raises(Error, match="Target closed"), view.not_for_ever(10):
        raise Error("Target closed")
    assert not view.hung


JOIN = Locator(role="button", name="join", path="room.join")
VEIL = "<div class='veil' data-user='a@b.test' style='position:fixed;inset:0'>x</div>"
BEHIND = "</button><dialog>x</dialog><script>document.querySelector('dialog').showModal()</script>"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<button disabled>Join</button>", "within 2 s on blank: it is there, but disabled"),
        (f"<button>Join</button>{VEIL}", 'it lies under <div class="veil">'),
        ("<button style='position:fixed;left:-90px'>Join</button>", "but out of the window"),
        (f"<button>Join{BEHIND}", "it lies under <"),
        ("<button hidden>Join</button>", "looked for role=button"),
    ],
)
def test_what_keeps_a_person_from_a_button_is_told(chromium: Browser, body: str, why: str) -> None:
    page = chromium.new_page()
    page.set_content(body)
    with pytest.raises(StepTimeout, match=re.escape(why)):
        View(page, "guest", limit_s=2).click(JOIN)
    page.close()


@pytest.mark.parametrize(
    "last",
    [
        "element is not visible",
        "element was detached from the DOM, retrying",
        "performing click action",
    ],
)
def test_of_tries_that_went_differently_only_the_last_says_why(
    view: View, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    log = f"Timeout 1000ms exceeded.\nCall log:\n  - element is not enabled\n  - {last}\n"

    def click(timeout: float) -> None:
        raise TimeoutError(f"{log}  - waiting for scheduled navigations ({timeout:g})\n")

    monkeypatch.setattr(view, "element", lambda _: SimpleNamespace(click=click))
    monkeypatch.setattr(view, "outline", lambda _: "nothing")
    with pytest.raises(StepTimeout, match="looked for role=button"):
        view.click(JOIN)
