"""Web vitals of a real page, against what the page is known to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from synthetic.browser.view import View
from tests.unit.conftest import Answer, Web

OpenView = Callable[..., View]


def vitals(view: View) -> dict[str, Any]:
    """What the page's script tells."""
    seen: dict[str, Any] = view.page.evaluate("() => __synthetic.vitals()")
    return seen


def test_a_late_answer_is_a_late_first_byte(web: Web, open_view: OpenView) -> None:
    late = threading.Event()
    page = Answer(b"<h1>Late</h1>", 200, {"Content-Type": "text/html"}, lambda: late.wait(0.3))
    web.answers["/"] = page
    view = open_view(web.url)
    view.page.wait_for_function("() => __synthetic.vitals().lcp_ms !== null")
    seen = vitals(view)
    assert 300 <= seen["ttfb_ms"] <= 700
    assert seen["ttfb_ms"] <= seen["fcp_ms"] <= seen["lcp_ms"]


def test_the_largest_thing_counts_however_late(web: Web, open_view: OpenView) -> None:
    large = "document.body.insertAdjacentHTML('beforeend', '<h1 style=font-size:150px>Large</h1>')"
    view = open_view(web.page("<p>small</p>", f"setTimeout(() => {{ {large} }}, 400)"))
    view.page.wait_for_function("() => __synthetic.vitals().lcp_ms >= 400")


def test_what_jumps_is_a_shift(web: Web, open_view: OpenView) -> None:
    jump = "document.body.style.paddingTop = '300px'; window.jumped = true"
    view = open_view(
        web.page("<h1 style='height: 300px'>Here</h1>", f"setTimeout(() => {{ {jump} }}, 300)")
    )
    view.page.wait_for_function("() => window.jumped && __synthetic.vitals().cls > 0.05")


def test_a_still_page_has_no_shift(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page("<h1>Here</h1>"))
    view.page.wait_for_function("() => __synthetic.vitals().fcp_ms !== null")
    assert vitals(view)["cls"] == 0


@pytest.mark.parametrize("busy_ms", [200])
def test_a_slow_answer_to_a_key_is_told(web: Web, open_view: OpenView, busy_ms: int) -> None:
    script = (
        "addEventListener('keydown', () => {"
        f"const until = performance.now() + {busy_ms}; while (performance.now() < until); }})"
    )
    view = open_view(web.page("<input>", script))
    assert vitals(view)["inp_ms"] is None
    view.page.keyboard.press("Tab")
    view.page.wait_for_function(f"() => __synthetic.vitals().inp_ms >= {busy_ms}")
