"""What a browser said and asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from playwright.sync_api import Browser
from websockets.sync.server import ServerConnection, serve

from synthetic.browser.page_log import Exchange, PageLog
from tests.unit.conftest import Answer, Web

Fetch = Callable[[str], list[Exchange]]


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/api/health", "/api/health"),
        ("/api/sessions/7f3a9c21/end", "/api/sessions/{id}/end"),
        ("/api/sessions/0d9c6a34-11aa-4bcd-9e00-aabbccddeeff", "/api/sessions/{id}"),
        ("/api/auth/verify-otp?code=123456", "/api/auth/verify-otp"),
        ("/api/sessions/12345", "/api/sessions/12345"),
    ],
)
def test_an_endpoint_is_the_path_with_ids_replaced(path: str, endpoint: str) -> None:
    url = f"https://product.test{path}"
    assert Exchange("GET", url, 200, 1.0, datetime.now(UTC)).endpoint == endpoint


def run(browser: Browser, url: str, script: str) -> tuple[PageLog, list[Exchange]]:
    """A page's log after a script ran in it."""
    heard: list[Exchange] = []
    context = browser.new_context()
    log = PageLog(context, url, heard.append)
    page = context.new_page()
    page.goto(url)
    page.evaluate(script)
    with page.expect_console_message(lambda message: message.text == "over"):
        page.evaluate("setTimeout(() => console.log('over'))")
    context.close()
    return log, heard


def test_what_is_open_may_be_another_host_of_the_products() -> None:
    heard: dict[str, Any] = {}
    log = PageLog(Mock(on=heard.__setitem__), "https://kulti.test", print)
    for url in ("https://kulti.test/a", "https://db.test:8000/b", "https://elsewhere.test/c"):
        heard["request"](Mock(method="POST", url=url, resource_type="fetch"))
    assert [one.endpoint for one in log.unanswered()] == ["/a"]
    assert [one.endpoint for one in log.unanswered("db.test:8000")] == ["/a", "/b"]


def test_requests_to_the_product_are_heard_with_status_and_duration(
    web: Web, chromium: Browser
) -> None:
    web.put("/api/health", "{}")
    web.put("/logo.png", "")
    script = "Promise.all(['/api/health', '/api/hms/token', '/logo.png'].map(u => fetch(u)"
    log, heard = run(chromium, web.page(""), script + ".then(r => r.text())))")
    assert {(one.endpoint, one.status) for one in heard} == {
        ("/api/health", 200),
        ("/api/hms/token", 404),
    }
    assert all(0 <= (one.duration_ms or 0) < 5000 for one in heard)
    assert any(one.url.endswith("/logo.png") for one in log.exchanges)


def test_429_is_heard_from_anywhere_at_the_product_and_nowhere_else(
    web: Web, chromium: Browser
) -> None:
    web.put("/api/auth/login", "{}", status=429)
    elsewhere = web.url.replace("127.0.0.1", "localhost")
    script = (
        f"Promise.all(['/api/auth/login', '/missing', '{elsewhere}/api/auth/login'].map("
        "url => fetch(url, {mode: 'no-cors'}).then(r => r.text())))"
    )
    heard = run(chromium, web.page(""), script)[1]
    assert [(one.url, one.status, one.listed) for one in heard] == [
        (f"{web.url}/api/auth/login", 429, False)
    ]


def test_a_request_that_the_page_gave_up_is_left_out(web: Web, chromium: Browser) -> None:
    script = (
        "(async () => { const giveUp = new AbortController();"
        "const asked = fetch('/api/health', {signal: giveUp.signal}).catch(() => {});"
        "giveUp.abort(); await asked })()"
    )
    over = threading.Event()
    web.answers["/api/health"] = Answer(b"", before=lambda: over.wait(10))  # never before the end
    try:
        assert run(chromium, web.page(""), script)[1] == []
    finally:
        over.set()


def test_a_request_that_nobody_answers_has_no_status(web: Web, chromium: Browser) -> None:
    script = "fetch('http://127.0.0.1:9/api/health', {mode: 'no-cors'}).catch(() => {})"
    (only,) = run(chromium, web.page(""), script)[1]
    assert (only.status, only.duration_ms) == (None, None)


def test_the_console_is_kept_capped(web: Web, chromium: Browser) -> None:
    log, _ = run(chromium, web.page(""), "console.warn('A'.repeat(1e5))")
    (warning,) = (line for line in log.console if line.startswith("warning: "))
    assert len(warning) < 600


def test_page_errors_are_kept(web: Web, chromium: Browser) -> None:
    log, _ = run(chromium, web.page(""), "setTimeout(() => { throw new Error('broken') })")
    assert any("page error" in line and "broken" in line for line in log.console)


def test_only_the_latest_lines_are_kept(web: Web, chromium: Browser) -> None:
    log, _ = run(chromium, web.page(""), "for (let i = 0; i < 500; i++) console.log(i)")
    assert len(log.console) == 300


def test_what_the_product_has_not_answered_yet_is_known(web: Web, chromium: Browser) -> None:
    over = threading.Event()
    web.answers["/api/health"] = Answer(b"{}", before=lambda: over.wait(10))
    context = chromium.new_context()
    log = PageLog(context, web.url, lambda _: None)
    page = context.new_page()
    page.goto(web.page(""))
    with page.expect_request("**/api/health"):
        page.evaluate("void fetch('/api/health').then(answer => answer.text())")
    (only,) = log.unanswered()
    assert (only.method, only.endpoint, only.status) == ("GET", "/api/health", None)
    with page.expect_event("requestfinished"):
        over.set()
    assert log.unanswered() == []
    context.close()


def hang_up(line: ServerConnection) -> None:
    """Once something was said."""
    line.recv()


def test_a_socket_is_known_from_when_it_opened_to_when_it_ended(
    web: Web, chromium: Browser
) -> None:
    with serve(hang_up, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        context = chromium.new_context()
        log = PageLog(context, web.url, lambda _: None)
        page = context.new_page()
        page.goto(web.page(""))
        with page.expect_websocket() as opening:
            page.evaluate("url => { socket = new WebSocket(url) }", url)
        (socket,) = log.sockets
        assert (socket.url, socket.closed_at, socket.error) == (url, None, None)
        with opening.value.expect_event("close"):
            page.evaluate("() => { socket.onopen = () => socket.send('x'); "
                          "if (socket.readyState === 1) socket.send('x') }")  # fmt: skip
        assert socket.closed_at
        assert socket.closed_at >= socket.opened_at
        server.shutdown()
        thread.join()
    with page.expect_console_message(lambda message: message.text == "over"):
        page.evaluate("url => { new WebSocket(url).onclose = () => "
                      "setTimeout(() => console.log('over')) }", url)  # fmt: skip
    assert log.sockets[-1].closed_at
    assert "ERR_CONNECTION_REFUSED" in (log.sockets[-1].error or "")
    assert log.cut_off() == []
    context.close()


@pytest.mark.parametrize("reason", ["ERR_NETWORK_CHANGED", "ERR_INTERNET_DISCONNECTED"])
def test_only_our_own_network_cuts_off(reason: str) -> None:
    heard: dict[str, Any] = {}
    log = PageLog(Mock(on=heard.__setitem__), "https://kulti.test", print)
    timing = {"startTime": 0}
    for said in ("net::ERR_CONNECTION_RESET", "net::ERR_ABORTED", f"net::{reason}"):
        request = Mock(failure=said, url="https://kulti.test/a", timing=timing)
        heard["requestfailed"](request)
    assert len(log.cut_off()) == 1
    lines: dict[str, Any] = {}
    page, line = Mock(on=lines.__setitem__), Mock(on=lines.__setitem__, url="wss://kulti.test/")
    heard["page"](page)
    lines["websocket"](line)
    lines["socketerror"](f"Error in connection establishment: net::{reason}")
    assert len(log.cut_off()) == 2


def test_what_went_to_others_and_was_cut_off_says_nothing_of_the_product() -> None:
    heard: dict[str, Any] = {}
    log = PageLog(Mock(on=heard.__setitem__), "https://kulti.test", print)
    for url in ("https://ads.test/a", "https://db.test:8000/b", "data:,c"):
        failed = Mock(failure="net::ERR_NETWORK_CHANGED", url=url, timing={"startTime": 0})
        heard["requestfailed"](failed)
    lines: dict[str, Any] = {}
    heard["page"](Mock(on=lines.__setitem__))
    lines["websocket"](Mock(on=lines.__setitem__, url="wss://chat.test/"))
    lines["socketerror"]("net::ERR_NETWORK_CHANGED")
    assert log.cut_off() == []
    assert len(log.cut_off("db.test:8000")) == 1
