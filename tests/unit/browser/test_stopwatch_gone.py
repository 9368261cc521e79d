"""The clock of what goes away: a picture or a voice that is there no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from synthetic.browser.locator import Locator
from synthetic.browser.stopwatch import Condition, Lap, measure
from synthetic.browser.view import View
from synthetic.errors import Leak, UsageError
from tests.unit.conftest import Web

OpenView = Callable[..., View]

GO = Locator("bench.go", role="button", name="^go$")
WANTED = {"role": 1, "screen": False, "nonce": 5}
# A picture is there until `wentAt`; the decoder is tested elsewhere.
SEEN = """() => {
  __synthetic.lastPicture = ({ since }) => Math.max(since, window.wentAt ?? Date.now());
  __synthetic.lastVoice = __synthetic.lastPicture;
}"""


def page(web: Web, open_view: OpenView, on_click: str) -> View:
    """A page with a button, and with somebody in the picture."""
    view = open_view(
        web.page("<button>Go</button>", f"document.querySelector('button').onclick = {on_click}")
    )
    view.page.evaluate(SEEN)
    return view


def time_click(view: View, limit_s: float = 5, **kind: object) -> Lap:
    """Click, and time it until nobody is to be seen."""
    kind = kind or {"picture": WANTED}
    gone = Condition(view, "the picture gone", state="hidden", **kind)  # type: ignore[arg-type]  # as given
    return measure(view, lambda: view.click(GO), [gone], limit_s=limit_s)


def test_it_is_gone_from_when_it_was_last_there(web: Web, open_view: OpenView) -> None:
    view = page(web, open_view, "() => setTimeout(() => { window.wentAt = Date.now() }, 300)")
    assert 299 <= time_click(view).latency_ms <= 350


def test_a_voice_that_paused_as_it_was_muted_is_gone_at_once(web: Web, open_view: OpenView) -> None:
    view = page(web, open_view, "() => { window.wentAt = Date.now() - 100 }")
    assert time_click(view, voice={"role": 1}).latency_ms <= 50


def test_what_went_before_the_gesture_could_not_fail(web: Web, open_view: OpenView) -> None:
    view = page(web, open_view, "() => {}")
    view.page.evaluate("() => { window.wentAt = Date.now() - 3000 }")
    with pytest.raises(UsageError, match="host saw the picture gone already before the gesture"):
        time_click(view)


def test_what_stays_is_told(web: Web, open_view: OpenView) -> None:
    view = page(web, open_view, "() => {}")
    with pytest.raises(Leak, match="host did not see the picture gone within 2 s"):
        time_click(view, limit_s=2)
