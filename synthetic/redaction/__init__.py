"""The one border for what comes from the target: capped, cleaned and redacted.

Replaced are the secrets that this process knows, in whatever encoding they travel
(:mod:`~synthetic.redaction.encodings`), and what gives itself away as a secret by its shape or by
its name (:mod:`~synthetic.redaction.shapes`). Archives and other files are rewritten
(:mod:`~synthetic.redaction.packed`). All of it takes time in proportion to the size of the text.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthetic.redaction import packed
from synthetic.redaction.encodings import Known, everywhere
from synthetic.redaction.shapes import Span

__all__ = ["REDACTED", "Redactor", "redacted_logs"]

REDACTED = "[redacted]"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARGIN = 4096
"""Characters read past a cap, so that a secret that stands across it is still recognised."""
_BARE_VALUE = re.compile(rb"[\"'\]}\d]\s*[:,]\s*$|\[\s*$")
_LEADING_ESCAPE = re.compile(rb"\\+(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?$")


class Redactor:
    """Knows the secrets of this process; more can be added as they appear (codes, cookies)."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = Known()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Redact these from now on."""
        for secret in secrets:
            self._known.add(secret.encode("utf-8", "surrogatepass"))

    def text(self, text: str, cap: int = 2000) -> str:
        """``text`` without secrets and control characters, at most ``cap`` characters."""
        reach = cap + max(_MARGIN, 16 * self._known.longest)
        head = text[: 2 * reach]
        clean = _CONTROL.sub("", head)  # first, or they would split a secret
        window = clean[:reach]
        # What follows the window may be the rest of a secret, whose beginning must not be shown.
        whole = len(text) <= len(head) and len(clean) <= len(window)
        shown = len(window) if whole else min(cap, max(0, len(window) - reach + cap))
        octets = _octets(window)
        seen = self._redacted(octets, len(_octets(window[:shown])))
        told = seen.decode("utf-8", "replace")
        if whole and len(told) <= cap:
            return told
        return f"{told[: cap - 1]}…"

    def raw(self, text: str) -> str:
        """``text`` without secrets, otherwise whole."""
        return self._redacted(_octets(text)).decode("utf-8", "surrogatepass")

    def content(self, content: bytes) -> bytes | None:
        """A file's content without secrets; None for what cannot be searched, such as a video.

        Archives and compressed files are rewritten; pictures and fonts are kept as they are.
        """
        return packed.redacted(content, self._redacted, self._known.within)

    def archive(self, path: Path, into: Path | None = None) -> None:
        """Rewrite a zip archive without the secrets in its members, at ``into`` when given.

        What is no archive is removed, and raises :class:`OSError`.
        """
        packed.rewrite(path, into or path, self.content)

    def _redacted(self, data: bytes, shown: int | None = None) -> bytes:
        """``data`` up to ``shown``, redacted with a look at all of it."""
        end = len(data) if shown is None else shown
        pieces, at = [], 0
        for first, last in _merged(everywhere(data, self._known), data):
            if first >= end:
                break
            pieces += [data[at:first], _instead(data, first, last)]
            at = last
        pieces.append(data[at : max(at, end)])
        return b"".join(pieces)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _merged(spans: Iterable[Span], data: bytes) -> Iterator[Span]:
    """Spans in order, those that touch as one; none begins within an escape sequence."""
    first = last = -1
    for start, end in sorted(spans):
        leading = _LEADING_ESCAPE.search(data, max(0, start - 64), start)
        start = leading.start() if leading else start
        if start <= last:
            last = max(last, end)
            continue
        if last > 0:
            yield first, last
        first, last = start, end
    if last > 0:
        yield first, last


def _instead(data: bytes, first: int, last: int) -> bytes:
    """What stands for a secret: JSON stays JSON, also where one was a number or a whole list."""
    secret, before = data[first:last], data[max(0, first - 64) : first]
    if secret.startswith(b"{") and before.endswith(b"["):
        return b""
    bare = secret.isdigit() and data[last : last + 1] in b",}]\r\n"
    return b"null" if bare and _BARE_VALUE.search(before) else REDACTED.encode()


@contextmanager
def redacted_logs(redactor: Redactor) -> Iterator[None]:
    """Redact every record of :mod:`logging` that is made meanwhile, tracebacks included."""
    before = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.msg, record.args = redactor.text(record.getMessage(), 20_000), None
        if record.exc_info and record.exc_info[1]:
            lines = traceback.format_exception(record.exc_info[1])
            record.exc_text = redactor.text("".join(lines).rstrip(), 50_000)
            record.exc_info = None
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)
