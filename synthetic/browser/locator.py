"""A locator as data: resolved by Playwright for gestures, by ``locate.js`` for what is awaited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

# Special in the regular expressions of Python and of JavaScript.
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}/]")
PATTERNS = ("name", "label", "text")


@dataclass(frozen=True)
class Locator:
    """One element of a page; ``path`` (``access.email``) is where it can be overridden."""

    path: str
    role: str | None = None
    name: str | None = None
    label: str | None = None
    text: str | None = None
    css: str | None = None
    test_id: str | None = None
    frame: str | None = None

    def __bool__(self) -> bool:
        """False for an entry that the product does not have: an empty table."""
        return any((self.role, self.label, self.text, self.css, self.test_id))

    def filled(self, **texts: str) -> Locator:
        """With each ``{placeholder}`` replaced by the text meant, taken literally."""
        return Locator(self.path, *(_fill(key, getattr(self, key), texts) for key in KEYS))

    def spec(self) -> dict[str, str]:
        """What ``locate.js`` needs to find it."""
        return {k: v for k, v in asdict(self).items() if v is not None and k not in _ELSEWHERE}

    def __str__(self) -> str:
        """For messages: ``role=button name~"^send$"``."""
        return " ".join(
            f'{key}~"{value}"' if key in PATTERNS else f"{key}={value}"
            for key, value in self.spec().items()
        )


_ELSEWHERE = ("path", "frame")
KEYS = tuple(field.name for field in fields(Locator) if field.name != "path")


def _fill(key: str, value: str | None, texts: Mapping[str, str]) -> str | None:
    if value is None:
        return None
    for placeholder, text in texts.items():
        literal = _SPECIAL.sub(r"\\\g<0>", text) if key in PATTERNS else text
        value = value.replace("{" + placeholder + "}", literal)
    return value
