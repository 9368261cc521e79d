"""Pages that are not served as they should be, as plain HTTP shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synthetic.standin.faults import CATALOGUE

PAGES = ("landing", "signup-page", "dashboard", "room")
BUTTONS = {fault.effect: fault.name for fault in CATALOGUE if fault.name.endswith("button-inert")}


def pages(standin: Any) -> dict[str, httpx.Response]:
    """Every page, as somebody sees it who is signed in and created a session."""
    person = standin.person()
    answer = person.post("/api/sessions/create", json={"title": "Pages"})
    paths = ("/", "/signup", "/dashboard", f"/session/{answer.json()['session']['id']}")
    return {page: person.get(path) for page, path in zip(PAGES, paths, strict=True)}


def shown(page: httpx.Response) -> tuple[int, bool, str | None]:
    return page.status_code, bool(page.text), page.headers.get("location")


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("blank", (200, False, None)), ("500", (500, True, None)), ("redirect-loop", None)],
)
def test_a_page_can_be_spoiled_alone(
    misbehaving: Callable[..., Any], kind: str, seen: tuple[object, ...] | None
) -> None:
    for spoiled in PAGES:
        standin = misbehaving(f"{spoiled}-{kind}")
        for page, answer in pages(standin).items():
            expected = (seen or (302, False, "?again")) if page == spoiled else (200, True, None)
            assert shown(answer) == expected


def test_a_redirect_loop_never_ends(misbehaving: Callable[..., Any]) -> None:
    url = misbehaving("landing-redirect-loop").url
    with pytest.raises(httpx.TooManyRedirects):
        httpx.get(url, follow_redirects=True)


def test_a_page_can_ask_for_a_script_that_is_gone(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving(*(f"{page}-script-gone" for page in PAGES[1:]))
    for page, answer in pages(standin).items():
        for source in re.findall(r'script type="module" src="([^"]+)"', answer.text):
            assert httpx.get(standin.url + source).status_code == 404, page


def test_scripts_are_there_unasked(standin: Any) -> None:
    found = [re.findall(r'module" src="([^"]+)"', page.text) for page in pages(standin).values()]
    sources = [source for one in found for source in one]
    assert len(sources) == 3
    assert {httpx.get(standin.url + source).status_code for source in sources} == {200}


def button(standin: Any, label: str) -> str:
    """What stands on the pages from that button's tag on, with what is around it."""
    text = "".join(page.text for page in pages(standin).values())
    found = re.search(rf'(?:<span class="under">)?<button[^>]*>{label}</button>', text)
    return found.group() if found else ""


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("missing", r"^$"),
        ("covered", r'^<span class="under">'),
        ("disabled", r"<button[^>]* disabled>"),
        ("inert", r'<button (?![^>]*id=)[^>]*type="button"[^>]*>'),
    ],
)
def test_every_button_can_be_spoiled(
    misbehaving: Callable[..., Any], standin: Any, kind: str, sign: str
) -> None:
    names = {label: name.replace("inert", kind) for label, name in BUTTONS.items()}
    spoiled = misbehaving(*names.values())
    for label in BUTTONS:
        assert re.search(sign, button(spoiled, label)), label
        assert not re.search(sign, button(standin, label)), label
