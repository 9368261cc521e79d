"""Finds known secrets in whatever encoding they travel: decode, look, and map back.

A text is looked at as it stands; with its escapes undone (URL-quoting, JSON and JavaScript
escapes, HTML entities, line breaks within base64), however often they were applied; and with its
runs of base64 and hexadecimal digits decoded, at every alignment, one within another.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

from synthetic.redaction.absence import has_digits, others
from synthetic.redaction.shapes import Span, shaped

Back = Callable[[int, int], Span]
"""Where a span of a decoded text stands in the text it was decoded from."""

_SHORTEST = 4  # shorter values would blank out ordinary text
_MOST_ESCAPES = 6  # so often may escapes be applied one over another
_DEEPEST = 3  # so deep may base64 and hexadecimal digits be packed into each other

_ESCAPE = re.compile(  # a class first, which is sought quickly
    rb"([%\\&](?:(?<=%)[0-9a-fA-F]{2}"
    rb"|(?<=\\)\\*(?:u[dD][89abAB][0-9a-fA-F]{2}\\+u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|[\"'/bfnrt]|)"
    rb"|(?<=&)(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});))"
)
_SHORTEST_LINE = 60
_BREAK = re.compile(  # of lines of base64
    rb"([\r\n](?:(?<=[A-Za-z0-9+/]{%d}[\r\n])(?=[\nA-Za-z0-9+/])"
    rb"|(?<=[A-Za-z0-9+/]{%d}\r\n)(?=[A-Za-z0-9+/])))" % (_SHORTEST_LINE, _SHORTEST_LINE)
)
_HEX_OF_ESCAPE = re.compile(rb"[0-9a-fA-F]+")
_PLAIN_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}

_SHORTEST_BASE64 = 20
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{%d,}" % _SHORTEST_BASE64)
_STANDARD = bytes.maketrans(b"-_", b"+/")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LONG = 15  # octets that always make 20 digits
_FOLDED = bytes.maketrans(b"+", b" ")


@dataclass
class Known:
    """Known secrets, in the forms in which they are looked for."""

    plain: dict[bytes, bool] = field(default_factory=dict)
    """As they are, and with what looks like an escape in them undone; and whether only digits
    count, since no other digit may adjoin them."""
    hexadecimal: set[bytes] = field(default_factory=set)
    base64: set[bytes] = field(default_factory=set)
    """What a short one looks like in the middle of base64, which is decoded only when long."""
    longest: int = 0
    unsought: bytes = b""
    """The octets that none of these forms holds, in small letters."""

    def add(self, secret: bytes) -> None:
        """Look for it from now on; a very short one would blank out ordinary text."""
        if len(secret) < _SHORTEST:
            return
        undone, _ = _unescaped(secret)
        for form in {_fold(secret), _fold(undone)}:
            if len(form) >= _SHORTEST:
                self.plain[form] = form.isdigit()
        self.hexadecimal.add(secret.hex().encode())
        if len(secret) < _LONG:
            self.base64.update(_in_base64(secret))
        self.longest = max(self.longest, len(secret))
        self.unsought = others((*self.plain, *self.hexadecimal, *map(_fold, self.base64)))

    def within(self, data: bytes) -> bool:
        """Whether one of them stands in ``data`` as it is, or as UTF-16."""
        return any(any(self.spans(octets)) for octets in (data, data.replace(b"\0", b"")))

    def spans(self, data: bytes, *, packed: bool = False) -> Iterator[Span]:
        """Where they stand in ``data``, as hexadecimal digits and in base64 too if ``packed``."""
        folded = _fold(data)
        thin = folded.translate(None, self.unsought)
        for form in (one for one in self.plain if one in thin):
            for first, last in _each(form, folded):
                if not self.plain[form] or not _within_number(folded, first, last):
                    yield first, last
        if packed:
            for form in (one for one in self.hexadecimal if one in thin):
                yield from _each(form, folded)
            for form in (one for one in self.base64 if _fold(one) in thin):
                yield from _each(form, data)


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """The digits that depend on ``secret`` alone, at each of three offsets, in both alphabets."""
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + secret)
        inner = whole[-(-offset * 4 // 3) : (offset + len(secret)) * 8 // 6]
        yield from {inner, inner.translate(_URL_SAFE)}


def _each(form: bytes, data: bytes) -> Iterator[Span]:
    at = data.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = data.find(form, at + 1)


def _fold(data: bytes) -> bytes:
    """In lower case, as addresses get written, and with + for a space, as forms send it."""
    return data.lower().translate(_FOLDED)


def _within_number(data: bytes, first: int, last: int) -> bool:
    before, after = data[max(0, first - 2) : first], data[last : last + 2]
    return (
        before[-1:].isdigit()
        or after[:1].isdigit()
        or (before[-1:] == b"." and before[:1].isdigit())
        or (after[:1] == b"." and after[1:].isdigit())
    )


def everywhere(data: bytes, known: Known, deep: int = _DEEPEST) -> list[Span]:
    """Where ``data`` holds a secret, known or by its looks, in any encoding; in no order."""
    view, back = _unescaped(data)
    whole = view is data
    found = [back(*span) for span in (*known.spans(view, packed=True), *shaped(view, whole=whole))]
    if not whole:
        found += [*known.spans(data), *shaped(data)]
    for decoded, back_to_view in _from_base64(view) if deep else ():
        found += [back(*back_to_view(*span)) for span in everywhere(decoded, known, deep - 1)]
    return found


def _unescaped(data: bytes) -> tuple[bytes, Back]:
    """``data`` with its escapes undone until none is left; itself when there is none."""
    steps: list[Back] = []
    for _ in range(_MOST_ESCAPES):
        before = data
        for pattern, possible in ((_ESCAPE, _may_hold_escapes), (_BREAK, _may_hold_breaks)):
            undone, back = _unescaped_once(data, pattern) if possible(data) else (data, _same)
            if undone is not data:
                data = undone
                steps.append(back)
        if data is before:
            break

    def all_back(first: int, last: int) -> Span:
        for step in reversed(steps):
            first, last = step(first, last)
        return first, last

    return data, all_back


def _may_hold_escapes(data: bytes) -> bool:
    return any(octet in data for octet in (b"%", b"\\", b"&"))


def _may_hold_breaks(data: bytes) -> bool:
    return (b"\n" in data or b"\r" in data) and has_digits(data, _SHORTEST_LINE)


def _same(first: int, last: int) -> Span:
    return first, last


def _unescaped_once(data: bytes, pattern: re.Pattern[bytes]) -> tuple[bytes, Back]:
    """``data`` with the escapes undone that ``pattern`` matches; itself when there is none."""
    parts = pattern.split(data)  # every other one is an escape
    meant = list(parts)
    meant[1::2] = map(_meaning, parts[1::2])
    undone = b"".join(meant)
    if len(undone) == len(data):
        return data, _same
    starts: list[int] = []
    sources: list[int] = []

    def back(first: int, last: int) -> Span:
        if not starts:
            starts.extend(accumulate(map(len, meant), initial=0))
            sources.extend(accumulate(map(len, parts), initial=0))
        left = bisect_right(starts, first) - 1
        right = bisect_right(starts, last - 1) - 1
        source = sources[left] if left % 2 else sources[left] + first - starts[left]
        end = sources[right + 1] if right % 2 else sources[right] + last - starts[right]
        return source, end

    return undone, back


@lru_cache(maxsize=65536)
def _meaning(escape: bytes) -> bytes:
    """What an escape stands for; itself when for nothing."""
    if escape[:1] == b"%":
        return bytes.fromhex(escape[1:].decode())
    if escape[:1] == b"&":
        return html.unescape(escape.decode()).encode("utf-8", "replace")
    if escape[:1] != b"\\":
        return b""  # a line break
    name = escape.lstrip(b"\\")
    if name[:1] not in (b"u", b"x"):
        return _PLAIN_ESCAPES.get(name, name or b"\\")
    points = [int(digits, 16) for digits in _HEX_OF_ESCAPE.findall(name)]
    if points == [0] or points[0] > 0x10FFFF:
        return b""
    if len(points) == 2:
        points = [0x10000 + ((points[0] & 0x3FF) << 10) + (points[1] & 0x3FF)]
    return chr(points[0]).encode("utf-8", "surrogatepass")


def _from_base64(data: bytes) -> Iterator[tuple[bytes, Back]]:
    """Its runs of base64 decoded, one after another, at each alignment."""
    if not has_digits(data, _SHORTEST_BASE64):
        return
    runs = [match.span() for match in _BASE64.finditer(data)]
    standard = data.translate(_STANDARD)
    for shift in range(4):
        parts = [standard[first + shift : last] for first, last in runs]
        padded = [part + b"AAA"[: -len(part) % 4] for part in parts]
        yield binascii.a2b_base64(b"AAAA".join(padded)), _back(runs, padded, shift)


def _back(runs: Sequence[Span], parts: Sequence[bytes], shift: int) -> Back:
    starts: list[int] = []

    def back(first: int, last: int) -> Span:
        if not starts:
            starts.extend(accumulate((len(part) // 4 * 3 + 3 for part in parts), initial=0))
        run = bisect_right(starts, first) - 1
        begin, end = runs[run]
        groups = (first - starts[run]) // 3, -(-(last - starts[run]) // 3)
        return begin + shift + groups[0] * 4, min(end, begin + shift + groups[1] * 4)

    return back
