"""Evidence exists, whatever became of the browser, and holds no secret."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from synthetic.browser import view
from synthetic.browser.evidence import Piece, collect
from synthetic.browser.page_log import PageLog
from synthetic.browser.page_script import page_script
from synthetic.redaction import Redactor
from tests.unit.conftest import Web

SECRET = "sesame-4711-open"
COOKIE = "cookie-value-0815"
NAMES = [
    *("screenshot.png", "trace.zip", "console.txt", "network.json", "sockets.json"),
    *("webrtc.json", "answers.json"),
]


def visit(browser: Browser, web: Web) -> tuple[BrowserContext, Page, PageLog]:
    """A traced page that logs, asks and is given a cookie with secrets."""
    context = browser.new_context()
    context.add_init_script(page_script())
    context.tracing.start(screenshots=False, snapshots=True, sources=False)
    log = PageLog(context, web.url, lambda _: None)
    page = context.new_page()
    web.put("/api/health", "{}")
    script = f"console.log('{SECRET}')"
    page.goto(web.page("Hello", script, Set_Cookie=f"session={COOKIE}"))
    page.evaluate(f"fetch('/api/health?key={SECRET}').then(answer => answer.text())")
    return context, page, log


def gather(context: BrowserContext, page: Page, log: PageLog, folder: Path) -> list[Piece]:
    redactor = Redactor([SECRET])
    return collect("host", context, page, log, folder, redactor, traced=True)


def test_every_piece_is_there(chromium: Browser, web: Web, tmp_path: Path) -> None:
    context, page, log = visit(chromium, web)
    pieces = gather(context, page, log, tmp_path / "host")
    context.close()
    assert [piece.path.name for piece in pieces] == NAMES
    assert all(piece.path.stat().st_size for piece in pieces)
    assert json.loads((tmp_path / "host" / "webrtc.json").read_text())[-1]["pictures"] == []
    (answer,) = json.loads((tmp_path / "host" / "answers.json").read_text())
    assert (answer["said"], answer["url"].partition("?")[0]) == (
        "JSON {}",
        f"{web.url}/api/health",
    )
    assert zipfile.ZipFile(tmp_path / "host" / "trace.zip").testzip() is None


def test_no_piece_holds_a_secret(chromium: Browser, web: Web, tmp_path: Path) -> None:
    context, page, log = visit(chromium, web)
    pieces = gather(context, page, log, tmp_path)
    context.close()
    for piece in pieces:
        for text in texts(piece.path):
            assert SECRET not in text
            assert COOKIE not in text


def texts(path: Path) -> list[str]:
    if path.suffix != ".zip":
        return [path.read_bytes().decode("latin-1")]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name).decode("utf-8") for name in archive.namelist()]


def test_a_dead_browser_leaves_evidence_too(
    chromium_maker: Callable[[], Browser], web: Web, tmp_path: Path
) -> None:
    browser = chromium_maker()
    context, page, log = visit(browser, web)
    browser.close()
    pieces = gather(context, page, log, tmp_path)
    assert "[redacted]" in (tmp_path / "console.txt").read_text()
    assert "not to be had" in (tmp_path / "screenshot.txt").read_text()
    assert [piece.path.stem for piece in pieces] == [Path(name).stem for name in NAMES]


def test_a_hanging_page_leaves_evidence_too(chromium: Browser, web: Web, tmp_path: Path) -> None:
    context, page, log = visit(chromium, web)
    page.evaluate("setTimeout(() => { for (;;); }, 0)")
    pieces = gather(context, page, log, tmp_path)
    context.close()
    assert "not to be had" in (tmp_path / "screenshot.txt").read_text()
    assert len(pieces) == len(NAMES)


def test_a_page_that_hangs_once_its_statistics_were_read_is_asked_no_further(
    chromium: Browser, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_PATIENCE_MS", 300)
    context, page, log = visit(chromium, web)

    class Hanging(Redactor):
        def raw(self, text: str) -> str:
            if "pictures" in text:
                page.evaluate("setTimeout(() => { for (;;); }, 0)")
            return super().raw(text)

    collect("host", context, page, log, tmp_path, Hanging(), traced=True)
    context.close()
    assert (tmp_path / "webrtc.json").is_file()
    assert "its answers were not read" in (tmp_path / "answers.txt").read_text()


def test_a_page_without_our_script_tells_what_answers_held(
    chromium: Browser, web: Web, tmp_path: Path
) -> None:
    context = chromium.new_context()
    log = PageLog(context, web.url, lambda _: None)
    page = context.new_page()
    web.put("/api/health", "{}")
    page.goto(web.page("Hello"))
    page.evaluate("fetch('/api/health').then(answer => answer.text())")
    collect("host", context, page, log, tmp_path, Redactor(), traced=False)
    context.close()
    assert (tmp_path / "webrtc.txt").is_file()
    assert "JSON {}" in (tmp_path / "answers.json").read_text()
