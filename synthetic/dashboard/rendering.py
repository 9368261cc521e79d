"""Templates and static files: values in, HTML out. Everything that is put in is escaped."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from synthetic.dashboard.figures import place, scale_top
from synthetic.dashboard.watched import STANDIN
from synthetic.reports.told import STANDIN_FIRST
from synthetic.reports.words import day, figure, instant, limit, of, percent, span

HERE = Path(__file__).parent
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_SMALL = 500  # bytes; less is not worth compressing
_COMPRESSION = 6


@dataclass(frozen=True)
class Answer:
    """A body as it is sent, plain or compressed, and the tag by which a viewer knows it again."""

    body: bytes
    packed: bytes | None
    tag: str

    @classmethod
    def of(cls, body: bytes) -> Answer:
        """The same body always gives the same answer."""
        packed = gzip.compress(body, _COMPRESSION, mtime=0) if len(body) > _SMALL else None
        return cls(body, packed, hashlib.sha256(body).hexdigest()[:20])


@cache
def static_files() -> Mapping[str, Answer]:
    """Every static file by its name: what is not here cannot be had."""
    files = sorted((HERE / "static").iterdir())
    return {one.name: Answer.of(one.read_bytes()) for one in files if one.suffix in TYPES}


def static_address(name: str) -> str:
    """Where a static file is; another content is another address."""
    return f"/static/{name}?v={static_files()[name].tag}"


@cache
def environment() -> Environment:
    """Where templates live, with what they may call."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "figure": figure, "percent": percent, "limit": limit, "span": span, "day": day,
        "instant": instant, "exact": exact, "iso": iso,
    }  # fmt: skip
    made.globals |= {
        "static": static_address, "of": of, "ago": ago, "place": place, "scale_top": scale_top,
    }  # fmt: skip
    return made


def rendered(template: str, **values: Any) -> str:
    """A template with its values."""
    return environment().get_template(template).render(values)


def common(target: str) -> dict[str, Any]:
    """What every page says of its target."""
    standin = target == STANDIN
    return {"target": target, "standin_first": STANDIN_FIRST if standin else ""}


def exact(moment: datetime) -> str:
    """A moment to the second: ``26 Nov 2026, 09:05:10 UTC``."""
    return f"{day(moment)}, {moment:%H:%M:%S} UTC"


def iso(moment: datetime) -> str:
    """A moment for programs."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, as ``static/live.js`` says it too: ``just now``, ``3 min ago``, ``in 2 h``."""
    length = now - moment
    if abs(length) < timedelta(minutes=1):
        return "just now"
    return f"{span(length)} ago" if length > timedelta() else f"in {span(-length)}"
