"""The clock of a step, in real pages."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from synthetic.browser.locator import Locator
from synthetic.browser.stopwatch import Condition, Lap, await_since, measure
from synthetic.browser.view import View
from synthetic.errors import BrowserDied, Refused, StepTimeout, UsageError, WrongPicture
from tests.unit.conftest import Answer, Web

OpenView = Callable[..., View]

GO = Locator("bench.go", role="button", name="^go$")
DONE = Locator("bench.done", role="heading", name="^done$")
ALERT = Locator("bench.refusal", role="alert", text="\\S")
BUTTON = "<button>Go</button>"
HEADING = "document.body.insertAdjacentHTML('beforeend', '<h1>Done</h1>')"


def on_click(script: str) -> str:
    return f"document.querySelector('button').onclick = () => {{ {script} }}"


def done(view: View) -> Condition:
    return Condition(view, "the heading", DONE)


def refusal(view: View) -> Condition:
    return Condition(view, "a refusal", ALERT, anew=True)


def time_click(
    view: View, *until: Condition, refusal: Condition | None = None, limit_s: float = 5
) -> Lap:
    awaited = until or [done(view)]
    return measure(view, lambda: view.click(GO), awaited, refusal=refusal, limit_s=limit_s)


def test_a_known_delay_is_measured(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page(BUTTON, on_click(f"setTimeout(() => {{ {HEADING} }}, 300)")))
    assert 299 <= time_click(view).latency_ms <= 350


def test_a_condition_that_holds_before_the_gesture_could_not_fail(
    web: Web, open_view: OpenView
) -> None:
    view = open_view(web.page(BUTTON + "<h1>Done</h1>"))
    with pytest.raises(UsageError, match="host saw the heading already before the gesture"):
        time_click(view)


def test_a_gesture_must_be_a_real_one(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page(BUTTON, on_click(HEADING)))
    with pytest.raises(UsageError, match="made no click"):
        measure(
            view,
            lambda: view.page.evaluate("document.querySelector('button').click()"),
            [done(view)],
            limit_s=5,
        )


def test_a_refusal_ends_the_wait_with_its_text(web: Web, open_view: OpenView) -> None:
    html = BUTTON + "<p role=alert></p>"
    view = open_view(
        web.page(html, on_click("document.querySelector('p').textContent = 'Session is full'"))
    )
    with pytest.raises(Refused, match="host was told: 'Session is full'"):
        time_click(view, refusal=refusal(view))


def test_an_alert_that_stood_before_is_not_a_refusal(web: Web, open_view: OpenView) -> None:
    html = BUTTON + "<p role=alert>Cookies!</p>"
    view = open_view(web.page(html, on_click(f"setTimeout(() => {{ {HEADING} }}, 100)")))
    assert time_click(view, refusal=refusal(view)).latency_ms >= 99


@pytest.mark.parametrize("second", ["Wrong code", "No such code"])
def test_an_alert_that_comes_anew_is_a_refusal(web: Web, open_view: OpenView, second: str) -> None:
    script = (
        "const p = document.querySelector('p'); p.textContent = '';"
        f"setTimeout(() => p.textContent = '{second}', 100)"
    )
    view = open_view(web.page(BUTTON + "<p role=alert>Wrong code</p>", on_click(script)))
    with pytest.raises(Refused, match=second):
        time_click(view, refusal=refusal(view))


def test_a_refusal_explains_why_others_wait_in_vain(web: Web, open_view: OpenView) -> None:
    html = BUTTON + "<p role=alert></p>"
    url = web.page(html, on_click("document.querySelector('p').textContent = 'Muted'"))
    acting, other = open_view(url), open_view(url, "guest")
    with pytest.raises(Refused, match="host was told: 'Muted'"):
        time_click(acting, done(other), refusal=refusal(acting), limit_s=1)


def test_the_wait_goes_on_across_a_navigation(web: Web, open_view: OpenView) -> None:
    web.put("/next", f"<script>setTimeout(() => {{ {HEADING} }}, 200)</script><body>")
    view = open_view(web.page(BUTTON, on_click("location.href = '/next'")))
    assert 199 <= time_click(view).latency_ms <= 1000


def test_a_navigation_by_address_starts_at_the_new_document(web: Web, open_view: OpenView) -> None:
    web.put("/next", f"<body><script>setTimeout(() => {{ {HEADING} }}, 200)</script>")
    view = open_view(web.page(""))
    lap = measure(
        view, lambda: view.open(web.url + "/next"), [done(view)], navigates=True, limit_s=5
    )
    assert 199 <= lap.latency_ms <= 1000


def test_the_effect_may_be_in_another_actors_page(web: Web, open_view: OpenView) -> None:
    url = web.page(
        BUTTON,
        "document.querySelector('button').onclick = () =>"
        "fetch('/tell'); const ask = async () => { const r = await fetch('/ask');"
        f"if (r.ok) {{ {HEADING} }} else setTimeout(ask, 20) }}; if (location.hash) ask()",
    )
    web.answers["/tell"] = Answer(b"", before=lambda: web.put("/ask", ""))
    acting, observing = open_view(url), open_view(url + "#observe", "guest")
    lap = time_click(acting, done(observing))
    assert lap.held[0].condition.view is observing
    assert 0 < lap.latency_ms < 2000


def test_the_latest_of_several_conditions_ends_the_wait(web: Web, open_view: OpenView) -> None:
    later = "setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<ul><li>x</ul>'), 200)"
    view = open_view(web.page(BUTTON, on_click(f"{HEADING}; {later}")))
    item = Condition(view, "the item", Locator("bench.item", role="listitem"))
    lap = time_click(view, done(view), item)
    assert lap.held[0].at_ms < lap.held[1].at_ms == lap.ended_ms


def test_an_iframe_may_come_later(web: Web, open_view: OpenView) -> None:
    web.put("/inner", f"<body><script>setTimeout(() => {{ {HEADING} }}, 100)</script>")
    frame = "document.body.insertAdjacentHTML('beforeend', '<iframe src=/inner></iframe>')"
    view = open_view(web.page(BUTTON, on_click(f"setTimeout(() => {{ {frame} }}, 100)")))
    inside = replace(DONE, frame="iframe")
    lap = time_click(view, Condition(view, "the heading", inside))
    assert 199 <= lap.latency_ms <= 1500


def test_an_iframe_that_never_comes_is_named(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page(BUTTON), limit_s=0.5)
    inside = replace(DONE, frame="iframe")
    with pytest.raises(StepTimeout, match="did not get the iframe"):
        time_click(view, Condition(view, "the heading", inside), limit_s=0.5)


def test_open_shadow_roots_are_looked_into(web: Web, open_view: OpenView) -> None:
    script = (
        "const root = document.querySelector('div').attachShadow({mode: 'open'});"
        "root.innerHTML = '<button>Go</button>';"
        "root.querySelector('button').onclick = () => setTimeout(() => {"
        "root.append(Object.assign(document.createElement('h1'), {textContent: 'Done'})) }, 100)"
    )
    view = open_view(web.page("<div></div>", script))
    assert 99 <= time_click(view).latency_ms <= 400


@pytest.mark.parametrize("how", ["h.remove()", "h.hidden = true", "h.style.visibility = 'hidden'"])
def test_something_may_be_awaited_to_go(web: Web, open_view: OpenView, how: str) -> None:
    hide = f"const h = document.querySelector('h1'); setTimeout(() => {how}, 100)"
    view = open_view(web.page(BUTTON + "<h1>Done</h1>", on_click(hide)))
    gone = Condition(view, "the heading gone", DONE, state="hidden")
    assert 99 <= time_click(view, gone).latency_ms <= 400


def test_a_timeout_says_what_was_sought_where_to_override_it_and_what_was_there(
    web: Web, open_view: OpenView
) -> None:
    view = open_view(web.page(BUTTON + "<h1>Almost</h1>"))
    with pytest.raises(StepTimeout) as caught:
        time_click(view, limit_s=0.3)
    for part in ('role=heading name~"^done$"', 'heading "Almost"', "set done under [pages.bench]"):
        assert part in str(caught.value)


def test_hostile_text_in_the_page_does_not_swell_the_message(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page(BUTTON + f"<h1>{'A' * 100_000}</h1>" * 20))
    with pytest.raises(StepTimeout) as caught:
        time_click(view, limit_s=0.3)
    assert len(str(caught.value)) < 1000


def test_a_refusals_text_is_capped(web: Web, open_view: OpenView) -> None:
    html = BUTTON + "<p role=alert></p>"
    script = on_click("document.querySelector('p').textContent = 'A'.repeat(1e5)")
    view = open_view(web.page(html, script))
    with pytest.raises(Refused) as caught:
        time_click(view, refusal=refusal(view))
    assert len(str(caught.value)) < 1000


def test_a_strict_page_is_measured_too(web: Web, open_view: OpenView) -> None:
    web.put(
        "/app.js",
        on_click(
            "document.body.append(document.createElement('h1'));"
            "document.querySelector('h1').textContent = 'Done'"
        ),
        Content_Type="text/javascript",
    )
    policy = "default-src 'self'; script-src 'self'; require-trusted-types-for 'script'"
    html = f"{BUTTON}<script src=/app.js></script>"
    view = open_view(web.page(html, Content_Security_Policy=policy))
    assert time_click(view).latency_ms < 300


def test_a_page_that_hangs_is_a_timeout(
    web: Web, open_view: OpenView, chromium_maker: Callable[[], Browser]
) -> None:
    page = web.page(BUTTON, on_click("setTimeout(() => { for (;;); }, 50)"))
    view = open_view(page, browser=chromium_maker())
    with pytest.raises(StepTimeout, match="a page that does not answer"):
        time_click(view, limit_s=1)


def test_a_browser_killed_while_waiting_died(
    web: Web, open_view: OpenView, chromium_maker: Callable[[], Browser]
) -> None:
    browser = chromium_maker()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    (pid,) = (process["id"] for process in processes if process["type"] == "browser")
    web.answers["/kill"] = Answer(b"", before=lambda: os.kill(pid, signal.SIGKILL))
    view = open_view(web.page(BUTTON, on_click("fetch('/kill')")), browser=browser)
    with pytest.raises(BrowserDied, match="the browser of host ended by itself"):
        time_click(view)


def test_media_that_never_come_are_described(web: Web, open_view: OpenView) -> None:
    view = open_view(web.page(""))
    picture = Condition(view, "the picture", picture={"role": 0, "screen": False, "nonce": 1})
    with pytest.raises(WrongPicture, match="the page plays no video at all"):
        await_since(0, [picture], limit_s=0.3)
