"""The script that runs first, and the one that arms it: in either order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from synthetic.browser.page_script import arming_script, page_script
from tests.unit.conftest import Web

WATCH: dict[str, object] = {"id": "0", "spec": {"css": "h1"}, "state": "visible"}


@pytest.mark.parametrize("first", [0, 1])
def test_a_new_document_is_armed_in_either_order(web: Web, chromium: Browser, first: int) -> None:
    scripts = [page_script(), arming_script([{**WATCH, "anew": False}])]
    context = chromium.new_context()
    for script in (scripts[first], scripts[1 - first]):
        context.add_init_script(script)
    page = context.new_page()
    page.goto(web.page("<h1>Done</h1>"))
    held = page.evaluate("__synthetic.held(['0'])")
    context.close()
    assert held is not None
    assert held["text"] == "Done"
