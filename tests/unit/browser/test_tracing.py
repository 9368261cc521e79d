"""What scripts ask of the target carries the trace; what they ask of others does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from synthetic.browser.page_script import page_script
from synthetic.browser.tracing import carry
from tests.unit.conftest import Heard, Web, serving_web

NOW = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NEXT = NOW.replace("b7ad", "c8be")
OWN = NOW.replace("0af7", "1111")
ANY: dict[str, Any] = {"Access_Control_Allow_Origin": "*"}
Opened = tuple[BrowserContext, Page]


@pytest.fixture
def other() -> Iterator[Web]:
    """A third party, which lets anybody read, and nobody send headers of their own."""
    with serving_web() as other:
        other.put("/api", "theirs", **ANY)
        yield other


@pytest.fixture
def opened(web: Web, chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens the page of the target, traced."""
    context = chromium.new_context()
    web.put("/api", "ours")

    def opened(*, traced: bool = True, trace: str = NOW) -> Opened:
        context.add_init_script(page_script(traced=web.url if traced else None))
        if trace:
            carry(context, web.url, trace)
        page = context.new_page()
        page.goto(web.page("<h1>Ours</h1>"))
        return context, page

    yield opened
    context.close()


def asked(web: Web, path: str = "/api") -> Heard:
    """The last request for a path."""
    return [one for one in web.heard if one.path == path][-1]


def in_page(page: Page, script: str, url: str) -> Any:
    return page.evaluate(f"async url => {{ {script} }}", url)


XHR = """
  const asked = new XMLHttpRequest();
  asked.open('POST', url);
  %s
  const over = new Promise(done => asked.onloadend = done);
  asked.send('body');
  await over;
  return asked.responseText;
"""
WAYS = {
    "fetch of a text": "return (await fetch(url)).text()",
    "fetch of an address": "return (await fetch(new URL(url))).text()",
    "fetch of a request": (
        "return (await fetch(new Request(url, {method: 'POST', body: 'body'}))).text()"
    ),
    "fetch with options": (
        "return (await fetch(url, {method: 'POST', body: 'body', headers: {'x-own': '1'}})).text()"
    ),
    "XMLHttpRequest": XHR % "",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_asked_of_the_target_carries_the_trace(
    web: Web, opened: Callable[..., Opened], way: str
) -> None:
    _, page = opened()
    assert in_page(page, WAYS[way], f"{web.url}/api") == "ours"
    request = asked(web)
    assert request.headers["traceparent"] == NOW
    assert request.body == (b"body" if "body" in WAYS[way] else b"")
    assert ("x-own" in request.headers) == ("x-own" in WAYS[way])


@pytest.mark.parametrize("way", [one for one in WAYS if one != "fetch with options"])
def test_what_is_asked_of_others_does_not_and_needs_no_preflight(
    other: Web, opened: Callable[..., Opened], way: str
) -> None:
    _, page = opened()
    assert in_page(page, WAYS[way], f"{other.url}/api") == "theirs"
    assert not [one for one in other.heard if "traceparent" in one.headers]
    assert {one.method for one in other.heard} <= {"GET", "POST"}


def test_what_others_ask_of_the_target_does_not(
    web: Web, other: Web, opened: Callable[..., Opened]
) -> None:
    _, page = opened()
    web.put("/api", "ours", **ANY)
    other.page("theirs")
    page.evaluate(
        """url => new Promise(done => {
          const frame = document.createElement('iframe');
          Object.assign(frame, {src: url, onload: done});
          document.body.append(frame);
        })""",
        other.url,
    )
    (frame,) = page.main_frame.child_frames
    frame.evaluate("url => fetch(url).then(answer => answer.text())", f"{web.url}/api")
    assert "traceparent" not in asked(web).headers


@pytest.mark.parametrize(
    "script",
    [
        f"return (await fetch(url, {{headers: {{TraceParent: '{OWN}'}}}})).text()",
        f"return (await fetch(new Request(url, {{headers: {{traceparent: '{OWN}'}}}}))).text()",
        XHR % f"asked.setRequestHeader('TraceParent', '{OWN}')",
    ],
)
def test_a_trace_of_the_products_own_stays(
    web: Web, opened: Callable[..., Opened], script: str
) -> None:
    _, page = opened()
    in_page(page, script, f"{web.url}/api")
    assert asked(web).headers["traceparent"] == OWN


def test_the_next_step_is_carried_at_once_and_by_the_next_document(
    web: Web, opened: Callable[..., Opened]
) -> None:
    context, page = opened()
    carry(context, web.url, NEXT)
    page.evaluate("() => fetch('/api').then(answer => answer.text())")
    assert asked(web).headers["traceparent"] == NEXT
    page.reload()
    page.evaluate("() => fetch('api').then(answer => answer.text())")
    assert asked(web).headers["traceparent"] == NEXT


@pytest.mark.parametrize("how", [{"traced": False}, {"trace": ""}])
def test_nothing_is_carried_unless_it_is_asked_for(
    web: Web, opened: Callable[..., Opened], how: dict[str, Any]
) -> None:
    _, page = opened(**how)
    for way in WAYS.values():
        in_page(page, way, f"{web.url}/api")
    assert not [one for one in web.heard if "traceparent" in one.headers]


@pytest.mark.parametrize("way", ["fetch of a text", "XMLHttpRequest"])
def test_a_frame_that_may_read_no_cookies_asks_as_ever(
    web: Web, opened: Callable[..., Opened], way: str
) -> None:
    _, page = opened()
    web.put("/api", "ours", **ANY)
    web.put("/boxed", "<h1>Boxed</h1>", Content_Type="text/html")
    page.evaluate(
        """() => new Promise(done => {
          const frame = document.createElement('iframe');
          Object.assign(frame, {sandbox: 'allow-scripts', src: '/boxed', onload: done});
          document.body.append(frame);
        })"""
    )
    (frame,) = page.main_frame.child_frames
    answer = frame.evaluate(f"async url => {{ {WAYS[way]} }}", f"{web.url}/api")
    assert answer == "ours"
    assert "traceparent" not in asked(web).headers


def test_what_no_trace_can_be_read_for_is_asked_as_ever(
    web: Web, opened: Callable[..., Opened]
) -> None:
    _, page = opened()
    refuse = "Object.defineProperty(document, 'cookie', {get() { throw new Error('no'); }});"
    assert in_page(page, refuse + WAYS["XMLHttpRequest"], f"{web.url}/api") == "ours"


def test_wrong_calls_are_refused_as_ever(opened: Callable[..., Opened]) -> None:
    _, page = opened()
    refused = page.evaluate(
        """async () => {
          const name = async (ask) => { try { await ask(); } catch (error) { return error.name; } };
          const used = new Request('/api', {method: 'POST', body: 'x'});
          await used.text();
          const gone = AbortSignal.abort();
          return Promise.all([
            name(() => fetch()),
            name(() => fetch('http://')),
            name(() => fetch('/api', {method: 'CONNECT'})),
            name(() => fetch(used)),
            name(() => fetch('/api', {signal: gone})),
            name(async () => new XMLHttpRequest().send()),
            fetch.name, fetch.length, String(fetch).includes('[native code]'),
          ]);
        }"""
    )
    types = ["TypeError"] * 4
    assert refused == [*types, "AbortError", "InvalidStateError", "fetch", 1, True]
