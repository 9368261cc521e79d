"""One thing that happened to somebody, as a failed journey's page tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from synthetic.results import Step

State = Literal["ok", "odd", "failed", "unknown"]
Kind = Literal[
    "step", "request", "socket", "console", "finding", "mail", "media", "connection", "picture"
]


@dataclass(frozen=True)
class Event:
    """Something that happened to ``actor``; ``at`` is None where nobody noted when.

    ``said`` is foreign text, such as what an answer held.
    """

    at: datetime | None
    actor: str
    kind: Kind
    state: State
    text: str
    detail: str = ""
    said: str = ""
    step: Step | None = None
    folded: tuple[Event, ...] = ()
