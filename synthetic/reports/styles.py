"""The style of our pages: what all of them share, then a page's own."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def styles(own: str) -> dict[str, Markup | str]:
    """``style`` for the page, and ``style_hash`` by which its own policy allows it alone."""
    style = "".join((TEMPLATES / name).read_text("utf-8") for name in ("base.css", own))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {"style": Markup(style), "style_hash": digest}  # our own
