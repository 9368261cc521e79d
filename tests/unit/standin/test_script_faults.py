"""Forms, buttons and scripts that misbehave, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout


def test_forms_swallow_and_buttons_do_nothing(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving(
        *("email-swallowed", "title-swallowed", "message-swallowed"),
        *("create-button-covered", "join-button-inert", "send-button-disabled"),
    )
    person, visitor = standin.person(), window(0)
    page = visitor.page

    def keeps(label: str) -> bool:
        field = page.get_by_label(label, exact=True)
        field.fill("person@synthetic.test")
        return bool(field.input_value())

    page.goto(f"{standin.url}/signup")
    expect(page.get_by_role("button", name="Request OTP")).to_be_enabled()
    assert not keeps("E-mail")
    session = person.post("/api/sessions/create", json={"title": "Forms"}).json()["session"]
    visitor.enter(standin, person, session["id"])
    expect(visitor.participants).to_have_count(1)
    assert not keeps("Message")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.goto(f"{standin.url}/dashboard")
    expect(page.get_by_role("link", name="Forms")).to_be_visible()
    assert not keeps("Session title")
    with pytest.raises(PlaywrightTimeout, match="intercepts pointer events"):
        page.get_by_role("button", name="Create session").click(timeout=500)
    assert keeps("Session code or link")
    with pytest.raises(PlaywrightTimeout), page.expect_request("**/join", timeout=500):
        visitor.press("Join session")


def test_a_captcha_stands_in_the_way(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    page = window(0).page
    page.goto(f"{misbehaving('captcha').url}/signup")
    page.get_by_label("E-mail").fill("person@synthetic.test")
    page.get_by_role("button", name="Request OTP").click()
    expect(page.get_by_role("dialog", name="Captcha")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("not a robot")
    expect(page.get_by_label("Code")).to_be_hidden()


def test_a_script_can_be_old_or_break(
    browsers: list[Browser], window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving("signup-page-script-old", "dashboard-script-error")
    visitor = window(0)
    visitor.page.goto(f"{standin.url}/signup")
    visitor.page.get_by_label("E-mail").fill("person@synthetic.test")
    visitor.press("Request OTP")
    expect(visitor.page.get_by_role("alert")).to_contain_text("nothing at this address")
    (cookie,) = standin.person().cookies.jar
    with browsers[0].new_context() as context:
        context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": standin.url}])
        page = context.new_page()
        with page.expect_event("pageerror"):
            page.goto(f"{standin.url}/dashboard")
        expect(page.get_by_role("button", name="Log out")).to_be_disabled()
        expect(page.locator("#sessions")).to_have_attribute("aria-busy", "true")


def test_the_dashboard_needs_the_profile(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving("profile-500")
    visitor = window(0)
    visitor.enter(standin, standin.person(), "none")
    visitor.page.goto(f"{standin.url}/dashboard")
    expect(visitor.page.get_by_role("alert")).to_contain_text("went wrong")
