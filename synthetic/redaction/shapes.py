r"""Finds secrets that nobody told us of: by their shape, or by the name they go under.

Shapes are those of JSON Web Tokens, webhooks, keys and the like. Names are looked for by how they
end (``accessToken``, ``x-csrf-token``), in JSON at any depth of escaping, in headers, query
strings, forms and prose. What is named ``code`` counts only where it looks like a one-time code,
since statuses and errors have codes too; names of ids (``session_id``) and keys of a keyboard are
not secret here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from synthetic.redaction.absence import has_digits, others

_LONGEST_VALUE = 65_536

Span = tuple[int, int]
"""First octet, and the one after the last."""

_COMPRESSED = (b"H4sI", b"UEsDB", b"eNo", b"eAE", b"eJw", b"eJx", b"eJy", b"eJz")
_SHAPES = tuple(
    (marker, re.compile(marker + pattern))
    for marker, pattern in (
        (b"eyJ", rb"(?<![\w-]eyJ)[\w-]{6,4096}(?:\.[\w-]*){2,4}"),  # JSON Web Token
        (b"xox", rb"(?<!\wxox)[a-z]-[\w-]{8,}"),  # Slack
        (b"hooks.slack", rb"(?:-gov)?\.com/(?P<value>[\w/-]+)"),
        (b"/webhooks/", rb"(?P<value>\d+/[\w-]+)"),  # Discord
        (b"webhook.office.com/", rb"(?P<value>[\w/@.-]+)"),
        (b"PRIVATE KEY-----", rb"(?P<value>[^-\"']{1,16384})"),
        (b"://", rb"[^/\s:@\"'\\<>]{0,200}:(?P<value>[^/\s@\"'\\<>]{1,200})@"),
    )
)
_SHORTEST_COMPRESSED = 28
"""Digits after the beginning."""
_COMPRESSED_SHAPES = tuple(  # within base64: it cannot be searched
    (begin, re.compile(rb"%b(?<![\w+/-]%b)[\w+/-]{%d,}" % (begin, begin, _SHORTEST_COMPRESSED)))
    for begin in _COMPRESSED
)
_MAILED = re.compile(rb"(?<!\w)(\d{6,8}) is your ")
_COOKIES = re.compile(rb'"cookies"\s{0,4}:\s{0,4}\[')  # of a trace's HAR
_TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]]', re.DOTALL)

_HEADERS = (b"authorization", b"cookie", b"api-key", b"auth-token")
_NAMES = (
    *_HEADERS,
    *(b"password", b"passwd", b"passphrase", b"passcode", b"pwd", b"otp", b"one_time_code"),
    *(b"one-time-code", b"secret", b"token", b"jwt", b"credential", b"csrf", b"xsrf", b"sessionid"),
    *(b"apikey", b"api_key", b"access_key", b"accesskey", b"private_key", b"privatekey"),
    *(b"routing_key", b"webhook_url", b"amz-signature", b"goog-signature"),
)
_QUOTED = re.compile(
    rb"(\\{0,64}[\"'])\s{0,4}"
    rb"(?:[:=]|,\s{0,4}\1value\1\s{0,4}:|\s(?:value|content)=)\s{0,4}(\\{0,64}[\"'])"
)
_LISTED = re.compile(  # ["cookie", "a=b"]
    rb"(\\{0,64}[\"'])\s{0,4},\s{0,4}(\1)(?![\w-]{1,40}\1\s{0,4}:)"
)
_QUOTE = re.compile(rb"(?<!\\)(\\*)([\"'])|\n")
_NUMBER = re.compile(rb"\\{0,64}[\"']\s{0,4}:\s{0,4}(?P<value>\d{4,})")
_HEADER_LINE = re.compile(rb"\s{0,4}:\s{0,4}(?P<value>(?:[^\"'\\\r\n]|\\+[\"'/])+)")
_PARAMETER = re.compile(
    rb"=(?:(?:bearer|basic)(?:\s|\+|%20))?(?P<value>[^&\s\"'<>\\;,]+)", re.IGNORECASE
)
_PROSE = re.compile(rb":\s{0,2}(?P<value>(?=[^\s\d]{0,200}\d)[^\s\"'<>\\,;&]{8,})")
_CREDENTIALS = re.compile(
    rb"(?:\s|\+|%20){1,2}(?=[^\s\d]{0,200}[\d=])(?P<value>[\w.~+/-]{8,}={0,2})"
)
_CODE_QUOTED = re.compile(rb"(\\{0,64}[\"'])\s{0,4}:\s{0,4}\1(?P<value>\d{4,10})\1")
_CODE_NUMBER = re.compile(rb"\\{0,64}[\"']\s{0,4}:\s{0,4}(?P<value>\d{6,10})(?![\d.])")
_CODE_PROSE = re.compile(rb"(?: is|:)?\s{1,3}\#?(?P<value>\d{6,8})(?!\w)")
_CODE_PARAMETER = re.compile(rb"=(?P<value>[^&\s\"'<>\\;,]+)")


def shaped(data: bytes, *, whole: bool = True) -> Iterator[Span]:
    """Where ``data`` holds what looks like a secret, or is named like one.

    ``whole`` says that its quotes still tell where a text ends: no escape was undone.
    """
    lower = data.lower()
    thin = lower.translate(None, _UNSOUGHT)
    compressed = _COMPRESSED_SHAPES if has_digits(data, _SHORTEST_COMPRESSED) else ()
    for marker, pattern in (*_SHAPES, *compressed):
        if marker.lower() in thin:
            yield from _after_each(marker, data, data, partial(_shape_at, pattern, len(marker)))
    if b" is your " in data:
        yield from (match.span(1) for match in _MAILED.finditer(data))
    if whole:
        yield from _cookies(data)
    for name, find in _FINDERS:
        if name in thin:
            yield from _after_each(name, lower, data, find)


def _after_each(
    name: bytes, lower: bytes, data: bytes, find: Callable[[bytes, int], Span]
) -> Iterator[Span]:
    """What ``find`` finds after each ``name``; it goes on after that, so that it stays linear."""
    at = lower.find(name)
    while at >= 0:
        end = at + len(name)
        first, last = find(data, end)
        if last > first:
            yield first, last
        at = lower.find(name, max(end, last))


def _shape_at(pattern: re.Pattern[bytes], marked: int, data: bytes, at: int) -> Span:
    match = pattern.match(data, at - marked)
    return match.span("value" if "value" in pattern.groupindex else 0) if match else (at, at)


def _credentials_after(data: bytes, at: int) -> Span:
    return _first(data, at, _CREDENTIALS)


def _value_after(data: bytes, at: int) -> Span:
    """The value of a name that ends at ``at``; an empty span for none."""
    if opening := _QUOTED.match(data, at):
        return opening.end(), _end_of_text(data, opening.end(), opening.group(2))
    return _first(data, at, _NUMBER, _PARAMETER, _PROSE)


def _header_after(data: bytes, at: int) -> Span:
    if not _QUOTED.match(data, at) and (opening := _LISTED.match(data, at)):
        return opening.end(), _end_of_text(data, opening.end(), opening.group(2))
    line = _HEADER_LINE.match(data, at)
    return line.span("value") if line else _value_after(data, at)


def _code_after(data: bytes, at: int) -> Span:
    asked = data[at - 5 : at - 4] in (b"?", b"&", b"#", b";")
    parameter = (_CODE_PARAMETER,) if asked else ()
    return _first(data, at, _CODE_QUOTED, _CODE_NUMBER, _CODE_PROSE, *parameter)


def _first(data: bytes, at: int, *patterns: re.Pattern[bytes]) -> Span:
    matches = (pattern.match(data, at) for pattern in patterns)
    return next((match.span("value") for match in matches if match), (at, at))


def _end_of_text(data: bytes, start: int, opened: bytes) -> int:
    """Where a quoted text ends: at a quote that is escaped as often as the one it began with.

    A text that was cut off ends with the line, or with the text around it, which is escaped less.
    """
    depth, own = len(opened) - 1, opened[-1:]
    limit = min(len(data), start + _LONGEST_VALUE)
    for match in _QUOTE.finditer(data, start, limit):
        escapes, quote = match.groups()
        if quote is None:
            return match.start()
        if quote == b"'" != own:
            continue
        here = len(escapes)
        if quote == own and (here % 2 == 0 if depth == 0 else here == depth):
            return match.start() if depth else match.end() - 1
        if here < depth or (quote != own and here == depth):
            return match.start()
    return limit


def _cookies(data: bytes) -> Iterator[Span]:
    """What the lists of cookies hold."""
    opening = _COOKIES.search(data)
    while opening:
        depth, start = 1, opening.end()
        last = start
        for match in _TEXT_OR_BRACKET.finditer(data, start, start + _LONGEST_VALUE):
            last = match.start()
            depth += {b"[": 1, b"]": -1}.get(match.group(), 0)
            if depth == 0:
                break
        if last > start:
            yield start, last
        opening = _COOKIES.search(data, max(last, start))


_FINDERS: tuple[tuple[bytes, Callable[[bytes, int], Span]], ...] = (
    *((name, _header_after if name in _HEADERS else _value_after) for name in _NAMES),
    *((scheme, _credentials_after) for scheme in (b"bearer", b"basic")),
    (b"code", _code_after),
)
_UNSOUGHT = others(
    (*(one.lower() for one, _ in (*_SHAPES, *_COMPRESSED_SHAPES)), *(one for one, _ in _FINDERS))
)
