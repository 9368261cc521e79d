"""A view never waits for ever, and says why nothing could be done."""

from __future__ import annotations

import re
import threading
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Browser, Error, Page

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


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "<button disabled>Join</button>",
            "could not click room.join within 0.8 s on blank: it is there, but disabled",
        ),
        (
            "<button>Join</button><div class='veil' style='position:fixed;inset:0'>x</div>",
            'it lies under <div class="veil">',
        ),
        ("<button style='position:fixed;left:-90px'>Join</button>", "out of the window"),
        ("<button hidden>Join</button>", "looked for role=button"),
    ],
)
def test_what_keeps_a_person_from_a_button_is_told(chromium: Browser, body: str, why: str) -> None:
    page = chromium.new_page()
    page.set_content(body)
    join = Locator(role="button", name="join", path="room.join")
    with pytest.raises(StepTimeout, match=re.escape(why)):
        View(page, "guest", limit_s=0.8).click(join)
    page.close()
