"""What one round of probes leaves to the next, and what a member's answers say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from synthetic.errors import SyntheticError
from synthetic.probes.fetching import Answer
from synthetic.probes.member import Member

_NOT_SIGNED_IN = (401, 403)
_IDENT = re.compile(r"[\w-]{1,100}")


@dataclass
class Known:
    """What one round leaves to the next: whose turn it is not, and a session to ask about."""

    member: Member
    session: str | None = None
    paused_until: dict[str, float] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    """Endpoints that once answered with 200: so we ask them for what they have."""


@dataclass(frozen=True)
class Failure:
    """A request that nothing came of; ``up`` is the figure that says whether anything answers."""

    endpoint: str
    error: SyntheticError
    up: str | None
    at: datetime


def turned_away(answer: Answer) -> bool:
    """Whether somebody who is signed in is answered so: sent elsewhere, such as to a log-in."""
    if answer.status // 100 != 3:
        return answer.status in _NOT_SIGNED_IN
    here = httpx.URL(answer.url)
    there = here.join(answer.headers.get("location", ""))
    return there.path.rstrip("/") != here.path.rstrip("/")


def first_session(body: bytes) -> str | None:
    """The id of the first session of a list, as it stands in an address."""
    try:
        sessions = json.loads(body)["sessions"]
        ident = str(sessions[0]["id"])
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return ident if _IDENT.fullmatch(ident) else None
