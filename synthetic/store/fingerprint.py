"""What kind of error a message tells of: the message without what differs each time. Pure."""

from __future__ import annotations

import re

from synthetic.wording import harmless

_LONGEST_MESSAGE = 4000  # read of a message; what distinguishes errors stands at the beginning
_LONGEST = 200
_ENDINGS = (
    "ai|app|biz|cloud|club|co|com|dev|edu|eu|gov|info|internal|io|lan|live|local|me|net|org|test|tv"
    "|xyz|example|invalid"
)
# In this order: what is masked first is not looked into again, for no mask holds a digit.
_MASKS = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), mask)
    for pattern, mask in (
        (r'"[^"]{0,1000}"|“[^”]{0,1000}”|«[^»]{0,1000}»|`[^`]{0,1000}`', "<text>"),
        (r"(?<!\w)'[^']{0,1000}'(?!\w)|‘[^’]{0,1000}’(?!\w)", "<text>"),
        (r"[\w.+-]{1,64}@[\w.-]{1,255}\w", "<email>"),
        (r"\b([a-z][a-z+]{1,11})://[^\s/?#<>)]{1,255}", r"\1://<host>"),
        (r"\?[^\s<>?]{0,1000}=[^\s<>?]{0,1000}", ""),
        (rf"(?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:{_ENDINGS})\b(?::\d+)?(?!\.\w)", "<host>"),
        (r"(?<![\w.-])(?:localhost|[a-z][\w-]{0,62}(?=:\d{2,5}\b))(?::\d+)?", "<host>"),
        (r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])", "<host>"),
        (r"\[?(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\]?(?::\d+)?(?!\w)", "<host>"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
        (r"\b\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?\b", "<time>"),
        (r"\b0x[0-9a-f]+\b", "<id>"),
        (r"(?<![\w-])(?=[\w-]{0,40}\d[\w-]{0,40}[a-z]|[\w-]{0,40}[a-z][\w-]{0,40}\d)"
         r"[a-z0-9_-]{8,200}(?![\w-])", "<id>"),
        (r"[-+]?\d+(?:[.,]\d+)*", "<n>"),
    )
)  # fmt: skip


def fingerprint(message: str) -> str:
    """``message`` with numbers, ids, times, hosts, addresses and quoted text masked.

    At most 200 characters on one line; two messages of one kind give the same text.
    """
    text = harmless(message[:_LONGEST_MESSAGE])
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
