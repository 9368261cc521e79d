"""What is kept of a failure, for every actor: picture, trace, console, network, statistics.

Taken after the clock stopped. It must exist also when a browser died, so each piece that cannot
be had is replaced by a line that says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.answers import told
from synthetic.browser.launch import RUN_COOKIE
from synthetic.browser.page_log import PageLog
from synthetic.browser.tracing import TRACE_COOKIE
from synthetic.browser.view import ask
from synthetic.redaction import Redactor

_PATIENCE_MS = 4000
_OURS = (RUN_COOKIE, TRACE_COOKIE)
_SHORTEST_TOKEN = 16  # a cookie may also hold a language or a theme
_EVERYTHING = """async () => JSON.stringify(
  [...__synthetic.history(), await __synthetic.snapshot(0)], null, 1)"""


@dataclass(frozen=True)
class Piece:
    """One file of evidence about ``who``."""

    who: str
    title: str
    path: Path


def collect(
    who: str,
    context: BrowserContext,
    page: Page,
    log: PageLog,
    folder: Path,
    redactor: Redactor,
    *,
    traced: bool,
    private: Sequence[str] = (),
) -> list[Piece]:
    """Write the evidence about one actor into ``folder``; its cookies are secret from then on."""
    folder.mkdir(parents=True, exist_ok=True)
    _keep_secret(context, redactor)

    def console(path: Path) -> None:
        path.write_text(redactor.text("\n".join(log.console) or "(silent)", 200_000), "utf-8")

    def webrtc(path: Path) -> None:
        handle = page.wait_for_function(_EVERYTHING, timeout=_PATIENCE_MS)
        path.write_text(redactor.raw(handle.json_value()), "utf-8")

    pieces: list[tuple[str, Callable[[Path], None]]] = [
        ("screenshot.png", partial(screenshot, page, private=private)),
        # While a page is traced, one that hangs takes each question's limit and 6 s more.
        *([("trace.zip", partial(_trace, context, redactor))] if traced else []),
        ("console.txt", console),
        ("network.json", partial(_rows, redactor, [*log.exchanges, *log.unanswered()])),
        ("sockets.json", partial(_rows, redactor, log.sockets)),
        ("webrtc.json", webrtc),
        ("answers.json", partial(_answers, page, redactor, log)),
    ]
    return [_piece(who, folder / name, write, redactor) for name, write in pieces]


def _rows(redactor: Redactor, things: Iterable[Any], path: Path) -> None:
    rows = [asdict(one) for one in things]
    path.write_text(redactor.raw(json.dumps(rows, indent=1, default=str)), "utf-8")


def _answers(page: Page, redactor: Redactor, log: PageLog, path: Path) -> None:
    # Bodies are asked of the page's own process, without a limit.
    try:
        ask(page.main_frame, "() => true", None)
    except PlaywrightError as error:
        raise PlaywrightError("the page hangs or is gone: its answers were not read") from error
    path.write_text(json.dumps(told(log.answers, redactor), indent=1), "utf-8")


def _keep_secret(context: BrowserContext, redactor: Redactor) -> None:
    with suppress(PlaywrightError):  # a browser that died tells no cookies
        values = [one["value"] for one in context.cookies() if one["name"] not in _OURS]
        redactor.add(*(value for value in values if len(value) >= _SHORTEST_TOKEN))


def _trace(context: BrowserContext, redactor: Redactor, path: Path) -> None:
    with TemporaryDirectory() as aside:  # unredacted, it never lies among the reports
        raw = Path(aside) / path.name
        context.tracing.stop(path=raw)
        redactor.archive(raw, path)


def screenshot(page: Page, path: Path, private: Sequence[str] = ()) -> None:
    """A picture of the page without what people keep to themselves; no mask, no picture.

    ``private`` is what the page knows of them; frames of other sites are not told.
    """
    site = urlsplit(page.url).netloc
    for frame in page.frames:
        known = list(private) if urlsplit(frame.url).netloc == site else []
        ask(frame, "texts => void __synthetic.mask(texts)", known)
    page.screenshot(path=path, timeout=_PATIENCE_MS)


def _piece(who: str, path: Path, write: Callable[[Path], None], redactor: Redactor) -> Piece:
    try:
        write(path)
    except Exception as error:  # whatever one piece lacks, the others and the verdict stand
        first_line = next(iter(str(error).splitlines()), type(error).__name__)
        path = path.with_suffix(".txt")
        path.write_text(f"not to be had: {redactor.text(first_line, 500)}\n", "utf-8")
    return Piece(who, f"{who}: {path.name}", path)
