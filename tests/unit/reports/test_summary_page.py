"""The page in a real browser: it fits, shows what failed, and runs nothing of the target's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from synthetic.redaction import Redactor
from synthetic.reports.summary import write_summary
from tests.unit.reports.summaries import (
    EVIL,
    JOURNEY,
    browser_died,
    code_missing,
    hostile,
    video_black,
)

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("build", [video_black, code_missing, browser_died, hostile])
def test_the_page_fits_shows_what_failed_and_runs_nothing(
    chromium: Browser, tmp_path: Path, build: Callable[[Path], Path], width: int
) -> None:
    path = write_summary(build(tmp_path), JOURNEY, Redactor())
    page = chromium.new_page(viewport={"width": width, "height": 844})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.on("request", lambda request: asked.append(request.url))
    asked: list[str] = []
    page.goto(path.as_uri())
    page.get_by_role("link", name="See the moment it failed").click()
    failed = page.locator("#failed strong")
    box = failed.bounding_box()
    assert failed.inner_text().startswith("✗ Failed here: ")
    assert box
    assert 0 <= box["y"] < 844
    assert page.evaluate(OVERFLOW) == 0
    assert said == []
    assert page.title() != "got you"
    assert [one for one in asked if not one.startswith((path.as_uri(), "data:image/jpeg"))] == []
    page.close()


def test_the_hostile_text_would_run_were_it_not_escaped(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(EVIL)
    assert page.title() == "got you"
    page.close()
