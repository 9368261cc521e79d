"""Nothing that people keep to themselves can be read in a picture, and nothing else changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, ViewportSize

from synthetic.browser.launch import can_film
from synthetic.browser.page_script import page_script
from tests.ocr import frames_of, words_in
from tests.unit.conftest import Web

STRICT = (
    "default-src 'none'; script-src 'nonce-1'; style-src 'nonce-1'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FIELDS = {
    "password": '<input type="text" id="user-password">',
    "email": '<input type="email">',
    "one-time code": '<input autocomplete="section-a one-time-code" inputmode="numeric">',
    "named code": '<input type="tel" name="code">',
    "token": '<textarea aria-label="Access token"></textarea>',
    "number": '<input type="number" name="otpCode">',
}
CONTROL = "<p>Readable words</p>"
OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens a page, with the suite's script unless ``bare``."""
    with ExitStack() as closing:

        def open_page(url: str, *, bare: bool = False, filmed: bool = False) -> Page:
            context = chromium.new_context(viewport={"width": 640, "height": 360})
            closing.callback(context.close)
            if not bare:
                context.add_init_script(page_script(filmed=filmed))
            page = context.new_page()
            page.goto(url)
            return page

        yield open_page


def serve(web: Web, body: str, script: str = "") -> str:
    # Without frames around fields, which hinder Tesseract.
    rules = "* { font: 24px sans-serif } input, textarea { border: 0; outline: 0; resize: none }"
    head = f"<!doctype html><meta charset=utf-8><style nonce=1>{rules}</style>"
    html = f"{head}<body>{body}<script nonce=1>{script}</script>"
    headers = {"Content_Type": "text/html", "Content_Security_Policy": STRICT}
    return web.put("/", html, 200, **headers)


def read(page: Page) -> str:
    return words_in(page.screenshot())


@pytest.mark.parametrize("name", FIELDS)
def test_what_is_entered_cannot_be_read(name: str, web: Web, open_page: OpenPage) -> None:
    url = serve(web, CONTROL + FIELDS[name])
    seen = []
    for bare in (True, False):
        page = open_page(url, bare=bare)
        page.locator("input, textarea").fill("471108")
        seen.append(read(page))
        assert page.locator("input, textarea").input_value() == "471108"
    assert "471108" in seen[0]
    assert "471108" not in seen[1]
    assert "Readable" in seen[1]


ROOT = """
const host = document.querySelector('div').attachShadow({ mode: 'open' });
const [label, field] = [document.createElement('p'), document.createElement('input')];
[label.textContent, field.type] = ['Readable words', 'email'];
host.append(label, field);
"""


def test_a_shadow_root_is_masked_as_something_is_entered(web: Web, open_page: OpenPage) -> None:
    page = open_page(serve(web, "<div></div>", ROOT))
    page.locator("input").fill("guest4711@x.test")
    seen = read(page)
    assert "Readable" in seen
    assert "4711" not in seen


def test_a_page_that_brings_its_own_sheets_is_masked_too(web: Web, open_page: OpenPage) -> None:
    replaced = "addEventListener('load', () => { document.adoptedStyleSheets = []; })"
    page = open_page(serve(web, '<input name="code">', replaced))
    page.locator("input").fill("471108")
    assert "471108" not in read(page)


TEXTS = {
    "address": "<p>Hello guest@synthetic.test</p>",
    "several": "<p>guest@synthetic.test, guest@synthetic.test</p>",
    "split": "<p><b>guest</b><i>@</i><span>synthetic.test</span></p>",
    "coloured": "<p class=own>guest@synthetic.test</p>"
    "<style nonce=1>.own { -webkit-text-fill-color: red !important }</style>",
    "code": "<p>Your code is guest 471108</p>",
}


@pytest.mark.parametrize("name", TEXTS)
def test_addresses_and_codes_in_a_text_cannot_be_read(
    name: str, web: Web, open_page: OpenPage
) -> None:
    page = open_page(serve(web, CONTROL + TEXTS[name]))
    before = read(page)
    assert "guest" in before
    assert page.evaluate("__synthetic.mask(['guest@synthetic.test', 'guest 471108'])")
    seen = read(page)
    assert "Readable" in seen
    assert [word for word in ("guest", "synthetic.test", "471108") if word in seen] == []


def test_a_film_is_masked_as_texts_appear(web: Web, open_page: OpenPage) -> None:
    page = open_page(serve(web, CONTROL + "<p id=late></p>"), filmed=True)
    page.evaluate("document.getElementById('late').textContent = 'guest@synthetic.test'")
    seen = read(page)
    assert "Readable" in seen
    assert "guest" not in seen


SHOWN = "guest4711@x.test, 471108"
ENTER = f"""async () => {{
  document.getElementById('late').textContent = '{SHOWN}';
  for (let frames = 0; frames < 20; frames++) await new Promise(requestAnimationFrame);
}}"""


def film(browser: Browser, url: str, folder: Path, *, masked: bool) -> str:
    """What can be read in the film of a page on which secrets are entered, and shown."""
    size: ViewportSize = {"width": 640, "height": 360}
    context = browser.new_context(viewport=size, record_video_dir=folder, record_video_size=size)
    if masked:
        context.add_init_script(page_script(filmed=True))
    page = context.new_page()
    page.goto(url)
    page.locator("[name=code]").fill("471108")
    page.locator("[type=email]").fill("guest4711@x.test")
    page.evaluate(ENTER)
    context.close()
    assert page.video
    frames = frames_of(Path(page.video.path()), folder, most=3 if masked else 1)
    return " ".join(map(words_in, frames))


def test_in_a_film_nothing_that_is_entered_or_shown_can_be_read(
    web: Web, chromium: Browser, driver: Playwright, tmp_path: Path
) -> None:
    if not (can_film(Path(driver.chromium.executable_path)) or os.environ.get("CI")):
        pytest.skip("Playwright has no ffmpeg to film with: make setup")
    fields = f"{FIELDS['named code']}<br>{FIELDS['email']}"
    url = serve(web, f"{CONTROL}{fields}<p id=late>nothing yet</p>")
    bare = film(chromium, url, tmp_path / "bare", masked=False)
    seen = film(chromium, url, tmp_path / "masked", masked=True)
    assert "471108" in bare
    assert "guest4711" in bare
    assert "Readable" in seen
    assert [word for word in ("guest", "4711", "x.test") if word in seen] == []


def boxes(page: Page) -> Any:
    """Where everything stands, and what it says."""
    return page.evaluate(
        "[...document.querySelectorAll('body *')].map(one => [one.tagName, one.innerText,"
        " one.attributes.length, ...Object.values(one.getBoundingClientRect().toJSON())])"
    )


def test_nothing_moves_and_nothing_else_changes(web: Web, open_page: OpenPage) -> None:
    url = serve(web, "".join([*TEXTS.values(), *FIELDS.values()]))
    seen = []
    for bare in (True, False):
        page = open_page(url, bare=bare)
        page.locator("input[type=email]").fill("guest@synthetic.test")
        if not bare:
            page.evaluate("__synthetic.mask()")
        seen.append(boxes(page))
    assert seen[0] == seen[1]


def test_a_large_page_is_masked_within_a_moment(web: Web, open_page: OpenPage) -> None:
    page = open_page(serve(web, f"<p>{'a@' * 100_000}</p>" + "<p>some text</p>" * 20_000))
    took = page.evaluate("() => { const begun = performance.now(); __synthetic.mask();"
                         " return performance.now() - begun; }")  # fmt: skip
    assert took < 1000
