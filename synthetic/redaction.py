"""The one border for text that comes from the target: capped, cleaned and redacted.

Secrets are replaced in the forms they travel in: plain, URL-quoted, JSON-escaped and base64.
"""

from __future__ import annotations

import base64
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HEADER = re.compile(
    r"(?i)((?:authorization|cookie|set-cookie|x-api-key)\\*[\"']?\s*[:=,]\s*"
    r"(?:\\*\"value\\*\":\s*)?\\*[\"']?)[^\"'\\\r\n]+"
)
_COOKIES = re.compile(r'("cookies"\s*:\s*)\[(?:[^]"]|"(?:[^"\\]|\\.)*")*\]')  # of a trace's HAR
_SHORTEST = 4  # shorter values would blank out ordinary text


class Redactor:
    """Knows the secrets of this process; more can be added as they appear (codes, cookies)."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Redact these from now on."""
        for secret in secrets:
            if len(secret) >= _SHORTEST:
                self._forms |= _forms(secret)

    def text(self, text: str, cap: int = 2000) -> str:
        """``text`` without secrets and control characters, at most ``cap`` characters."""
        clean = self.raw(_CONTROL.sub("", text))  # first, or they would split a secret
        return clean if len(clean) <= cap else f"{clean[: cap - 1]}…"

    def raw(self, text: str) -> str:
        """``text`` without secrets, otherwise whole."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, REDACTED)
        return _HEADER.sub(rf"\1{REDACTED}", _COOKIES.sub(r"\1[]", text))

    def archive(self, path: Path) -> None:
        """Rewrite a zip archive without the secrets in its text members."""
        redacted = path.with_suffix(".redacted")
        with (
            zipfile.ZipFile(path) as old,
            zipfile.ZipFile(redacted, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for member in old.infolist():
                content = old.read(member)
                try:
                    content = self.raw(content.decode("utf-8")).encode("utf-8")
                except UnicodeDecodeError:
                    continue  # binary bodies cannot be searched, so they are left out
                new.writestr(member.filename, content)
        redacted.replace(path)


def _forms(secret: str) -> set[str]:
    octets = secret.encode()
    # Where a secret stands inside a longer base64 text, its own middle depends on the offset.
    inner = {
        base64.b64encode(b"\0" * shift + octets).decode()[shift and shift + 2 : -4 or None]
        for shift in range(3)
    }
    forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return forms | {form for form in inner if len(form) >= 2 * _SHORTEST}
