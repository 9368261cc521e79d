"""A view never waits for ever."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Error, Page

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
