"""A protected target is shown its pass once, and nobody else ever sees it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr, ValidationError

from synthetic._settings_product import TargetPass
from synthetic.errors import SettingsError
from synthetic.journeys.first_visit import by_browser, by_client, show
from tests.unit.conftest import Web, serving_web

URL = "https://preview.kulti.test/"
COOKIE = {"x-vercel-set-bypass-cookie": "true"}


def opening(sent_as: str = "header") -> TargetPass:
    name, value = "x-vercel-protection-bypass", SecretStr("hush & co")
    return TargetPass.model_validate(
        {"name": name, "value": value, "sent_as": sent_as, "also": COOKIE}
    )


class Target:
    """Answers as a script says, and notes what it was asked."""

    def __init__(self, *answers: tuple[int, str | None]) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, Mapping[str, str]]]()

    def get(self, address: str, headers: Mapping[str, str]) -> tuple[int, str | None]:
        self.asked.append((address, headers))
        return self.answers.pop(0)


def test_without_a_pass_nothing_is_asked() -> None:
    target = Target()
    show(TargetPass(), URL, target.get)
    show(opening("off"), URL, target.get)
    assert target.asked == []


def test_a_header_goes_with_the_visit_and_with_where_it_leads_at_the_same_origin() -> None:
    target = Target((307, "/home"), (200, None))
    show(opening(), URL, target.get)
    sent = {"x-vercel-protection-bypass": "hush & co", **COOKIE}
    assert target.asked == [(URL, sent), (f"{URL}home", sent)]


def test_a_query_goes_with_the_first_address_only() -> None:
    target = Target((307, "/home"), (200, None))
    show(opening("query"), URL, target.get)
    query = "x-vercel-protection-bypass=hush+%26+co&x-vercel-set-bypass-cookie=true"
    assert target.asked == [(f"{URL}?{query}", {}), (f"{URL}home", {})]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://login.test/sso",
        "//evil.test/",
        "http://preview.kulti.test/",
        "https://preview.kulti.test:8443/",
        "https://evil.test\\@preview.kulti.test/",
    ],
)
def test_nobody_else_is_asked_whatever_the_target_says(elsewhere: str) -> None:
    target = Target((302, elsewhere))
    with pytest.raises(SettingsError, match="in spite of its pass") as caught:
        show(opening(), URL, target.get)
    assert "hush" not in str(caught.value)
    assert [address for address, _ in target.asked] == [URL]


@pytest.mark.parametrize("nowhere", ["http://[", "https://preview.kulti.test:99999/", "//x:y/"])
def test_an_address_that_none_can_be_is_refused(nowhere: str) -> None:
    with pytest.raises(SettingsError, match="sends us to no address in spite of its pass"):
        show(opening(), URL, Target((302, nowhere)).get)


@pytest.mark.parametrize("status", [401, 403])
def test_a_pass_that_does_not_open_is_our_trouble_not_the_target_s(status: int) -> None:
    with pytest.raises(SettingsError, match=f"answers {status} in spite of its pass") as caught:
        show(opening(), URL, Target((status, None)).get)
    assert caught.value.origin == "runner"


def test_a_target_that_leads_in_circles_is_left() -> None:
    target = Target(*[(302, "/")] * 9)
    show(opening(), URL, target.get)
    assert len(target.asked) == 5


@pytest.mark.parametrize("wrong", [{"name": "a b"}, {"name": "x\r\ny"}, {"value": "a\r\nb"}])
def test_a_pass_cannot_smuggle_headers(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TargetPass.model_validate(wrong)


def test_a_client_keeps_the_cookie_and_sends_the_pass_no_more(web: Web) -> None:
    url = web.page("hi", Set_Cookie="bypass=1; Path=/")
    with httpx.Client() as client:
        by_client(opening(), url, client)
        client.get(url)
    first, second = web.heard
    assert first.headers["x-vercel-protection-bypass"] == "hush & co"
    assert "x-vercel-protection-bypass" not in second.headers
    assert second.headers["cookie"] == "bypass=1"


def test_a_client_does_not_wait_for_a_page(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    url = web.page("hi", Content_Length="1000")
    with httpx.Client(timeout=0.3) as client:
        by_client(opening(), url, client)
    assert caplog.text == ""


def test_a_client_leaves_an_address_that_is_too_long(web: Web) -> None:
    url = web.put("/", b"", 302, Location="/" + "x" * 65_530)
    with httpx.Client() as client:
        by_client(opening(), url, client)


def test_a_client_goes_on_where_nothing_answers() -> None:
    with httpx.Client() as client:
        by_client(opening(), "http://127.0.0.1:9/", client)


def test_a_page_has_the_cookie_and_neither_it_nor_a_third_party_the_pass(
    chromium: Browser, web: Web
) -> None:
    with serving_web() as other:
        other.put("/pixel", b"", 200)
        url = web.page(f'<img src="{other.url}/pixel">', Set_Cookie="bypass=1; Path=/")
        context = chromium.new_context()
        by_browser(opening(), url, context)
        context.new_page().goto(url, wait_until="networkidle")
        context.close()
        visits = [heard for heard in web.heard if heard.path == "/"]
        assert [one.headers.get("x-vercel-protection-bypass") for one in visits] == [
            "hush & co",
            None,
        ]
        assert visits[1].headers["cookie"] == "bypass=1"
        assert "hush" not in str([*web.heard[1:], *other.heard])
        assert [one.path for one in other.heard] == ["/pixel"]
