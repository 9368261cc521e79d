"""What is passed over since it cannot be there makes no difference to what is found."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Sequence
from urllib.parse import quote

import pytest

from synthetic.redaction import encodings, shapes
from synthetic.redaction.absence import has_digits, others
from synthetic.redaction.encodings import Known, everywhere

SECRETS = ["471108", "guest@synthetic.test", 'pa55 "wörd"/+=', "xY_-9", "line one\nline two"]
PIECES = [
    *SECRETS,
    *("token", "pass", "Password", "auth-", "code", "csrf", "otp", "bearer ", "eyJhbGci", "H4sI"),
    *(
        "eNoabcdefghijklmnopqrstuvwxyz012345",
        "xoxb-",
        "://",
        "hooks.slack",
        '"cookies": [',
        "A" * 61,
    ),
    *("=", ":", '"', "'", "\\", "\\n", "%20", "%", "&amp;", "&", "\r\n", "\n", ".", "-", "+", " "),
    *("ab1", "7", "982451", " is your ", "\u00e9", "\u0000", "Zq8unknown7"),
]
WAYS: Sequence[Callable[[bytes], bytes]] = (
    bytes,
    bytes,
    lambda text: quote(text).encode(),
    lambda text: json.dumps(text.decode("latin-1")).encode(),
    base64.b64encode,
    base64.urlsafe_b64encode,
    base64.encodebytes,
    lambda text: text.hex().encode(),
)


def known() -> Known:
    secrets = Known()
    for one in SECRETS:
        secrets.add(one.encode())
    return secrets


def text(lot: random.Random, deep: int = 3) -> bytes:
    """What looks as if it held secrets, one within another; much of it in other octets."""
    parts = [lot.choice(PIECES).encode() for _ in range(lot.randrange(1, 8))]
    if deep and lot.random() < 0.7:
        parts.append(lot.choice(WAYS)(text(lot, deep - 1)))
    if lot.random() < 0.3:
        parts.append(lot.randbytes(lot.randrange(60)))
    lot.shuffle(parts)
    return b"".join(parts)


def test_nothing_that_could_be_found_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = random.Random(4711)
    texts = [text(lot) for _ in range(500)]
    secrets = known()
    quickly = [sorted(everywhere(one, secrets)) for one in texts]
    for module in (encodings, shapes):
        monkeypatch.setattr(module, "has_digits", lambda *_: True)
    for possible in ("_may_hold_escapes", "_may_hold_breaks"):
        monkeypatch.setattr(encodings, possible, lambda _: True)
    monkeypatch.setattr(shapes, "_UNSOUGHT", b"")
    secrets.unsought = b""
    assert quickly == [sorted(everywhere(one, secrets)) for one in texts]
    assert sum(map(bool, quickly)) > len(texts) / 2


def test_digits_count_only_side_by_side() -> None:
    assert has_digits(b".aZ09+/_-.", 8)
    assert not has_digits(b"aZ09.+/_-", 8)


def test_what_one_is_made_of_stays() -> None:
    assert b"a token!".translate(None, others([b"token"])) == b"token"
