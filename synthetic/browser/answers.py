"""What answers of the product held, in a few words each; read only once something failed.

A refusal is quoted. Of any other answer only the shape is told, since its values are people's own:
the names in JSON, and how long it is where it is none. Only a page is quoted that came in its
place: it begins with ``<``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Response

from synthetic.browser.page_log import Exchange
from synthetic.redaction import REDACTED, Redactor

LONGEST = 300
_MOST = 8
_READ = 20_000  # characters looked through for secrets, far more than are shown
_MOST_NAMES = 8
_LONGEST_NAME = 40
_BODILESS = (204, 205, 301, 302, 303, 304, 307, 308)
_GONE = "what it held is not known: the browser had let go of it"


def told(
    answers: Sequence[tuple[Exchange, Response]], redactor: Redactor
) -> list[dict[str, object]]:
    """Rows of ``answers.json``: the newest refusals, and answers of the listed endpoints.

    ``odd`` says that JSON was due, and that this was none. May raise Playwright's errors, as when
    the browser died.
    """
    rows: list[dict[str, object]] = []
    for exchange, response in _newest(answers):
        if exchange.status in _BODILESS:
            continue
        body, kind = _body(response), response.headers.get("content-type", "")
        said, odd = (_GONE, False) if body is None else _said(exchange, body, kind, redactor)
        rows.append(
            {
                "method": exchange.method,
                "url": redactor.text(exchange.url),
                "status": exchange.status,
                "at": exchange.at.isoformat(),
                "said": said,
                "odd": odd,
            }
        )
    return rows


def _newest(
    answers: Sequence[tuple[Exchange, Response]],
) -> Iterator[tuple[Exchange, Response]]:
    """The newest of each kind, in order of time."""
    found: dict[tuple[str, str, int | None], tuple[Exchange, Response]] = {}
    for exchange, response in reversed(answers):
        if (exchange.listed or not exchange.good) and exchange.method != "HEAD":
            kind = (exchange.method, exchange.endpoint, exchange.status)
            found.setdefault(kind, (exchange, response))
        if len(found) == _MOST:
            break
    yield from reversed(found.values())


def _body(response: Response) -> bytes | None:
    """None where the browser has let go of it, as it does with its document."""
    try:
        return response.body()
    except PlaywrightError as error:
        if "closed" in error.message or "crash" in error.message:
            raise
        return None


def _said(exchange: Exchange, body: bytes, kind: str, redactor: Redactor) -> tuple[str, bool]:
    kind = kind.partition(";")[0].strip() or "of no kind"
    text = body.decode("utf-8", "replace").strip()
    due = exchange.good and kind.endswith("json")
    if not text:
        said, odd = f"{kind}, empty", due
    elif not exchange.good or text.startswith("<"):
        said, odd = f"{kind}: {text[:_READ]}", exchange.good
    else:
        try:
            said, odd = f"JSON {_shape(json.loads(text), redactor)}", False
        except (ValueError, RecursionError):
            said, odd = f"{kind}, no JSON, {len(body)} bytes", due
    return " ".join(redactor.text(said, LONGEST).split()), odd


def _shape(value: Any, redactor: Redactor, deep: int = 2) -> str:
    """The names in a value, and how many there are of what; ``…`` for what lies deeper."""
    if isinstance(value, list):
        return f"[{len(value)} × {_shape(value[0], redactor, deep)}]" if value else "[0]"
    if not isinstance(value, dict):
        return type(value).__name__ if value is not None else "null"
    if not deep:
        return "{…}"
    names = [
        _name(name, redactor)
        + (f": {_shape(held, redactor, deep - 1)}" if isinstance(held, dict | list) else "")
        for name, held in list(value.items())[:_MOST_NAMES]
    ]
    more = ["…"] if len(value) > _MOST_NAMES else []
    return f"{{{', '.join([*names, *more])}}}"


def _name(name: str, redactor: Redactor) -> str:
    """Addresses of people may be names, too."""
    return REDACTED if "@" in name else redactor.text(name, _LONGEST_NAME)
