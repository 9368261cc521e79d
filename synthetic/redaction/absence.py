"""Cheap proofs that something stands nowhere in a text, so that nobody need look for it there."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGIT = re.compile(rb"[\w+/-]")
_AS_DIGITS = bytes(ord("1") if _DIGIT.match(bytes([octet])) else 0 for octet in range(256))


def has_digits(data: bytes, many: int) -> bool:
    """Whether so many digits of base64, of either alphabet, stand side by side."""
    return b"1" * many in data.translate(_AS_DIGITS)


def others(sought: Iterable[bytes]) -> bytes:
    """The octets that none of these holds.

    What one of them stands in holds it without those octets, too, and is often much shorter then.
    """
    return bytes(frozenset(range(256)).difference(*sought))
