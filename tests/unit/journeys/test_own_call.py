"""A call of our own on a blank page: seen to succeed, and to fail where cameras are not ours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from synthetic.browser.launch import process_of
from synthetic.journeys import own_call as module
from synthetic.journeys.browsers import Browsers, RoleBrowser
from synthetic.journeys.own_call import own_call
from synthetic.media.mark import new_nonce
from tests.unit.conftest import found_browser

NONCE = new_nonce(random.Random(5))


@pytest.fixture(scope="module")
def people(
    driver: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, RoleBrowser]]:
    """The browsers of host and guest, with their cameras and microphones."""
    browsers = Browsers(
        launch=driver.chromium.launch,
        options=found_browser(driver),
        nonce=NONCE,
        loopback=True,
        headed=False,
        media_dir=Path("fixtures/media"),
        feeds_dir=tmp_path_factory.mktemp("feeds"),
    )
    yield {role: browsers.of(role) for role in ("host", "guest")}
    assert browsers.close() == []


def test_the_same_browsers_see_each_other(people: dict[str, RoleBrowser]) -> None:
    found = own_call(people, NONCE)
    assert (found.ok, "saw and heard each other" in found.said) == (True, True), found.said


def test_one_browser_calls_itself(people: dict[str, RoleBrowser]) -> None:
    found = own_call({"guest": people["guest"]}, NONCE)
    assert found.ok is True, found.said


def test_nothing_is_left_open(people: dict[str, RoleBrowser]) -> None:
    own_call(people, NONCE)
    assert [one.browser.contexts for one in people.values()] == [[], []]


def test_another_runs_cameras_are_not_ours(
    people: dict[str, RoleBrowser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 2.0)
    found = own_call(people, NONCE ^ 1)
    assert (found.ok, "had no call" in found.said) == (False, True)


def test_a_browser_without_our_feeds(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 2.0)
    stranger = RoleBrowser(chromium, *process_of(chromium))
    assert own_call({"host": stranger}, NONCE).ok is False


def test_a_machine_that_is_too_slow_judges_nobody(
    people: dict[str, RoleBrowser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW_S", 0.01)
    found = own_call(people, NONCE)
    assert (found.ok, "this machine is too slow now" in found.said) == (False, True)


def test_a_call_that_freezes_judges_nobody(
    people: dict[str, RoleBrowser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STILL_MS", 1)
    assert "froze" in own_call(people, NONCE).said
