"""What real people live through, where a source tells of their requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.evaluate.history import Ask, Question
from synthetic.reports.words import span
from synthetic.wording import fit

LOOKED_AT = timedelta(minutes=10)
_MOST, _LONGEST = 3, 60
# What somebody has done whose request to the endpoint succeeded.
_DONE = {
    "/api/auth/signup": "signed up",
    "/api/auth/verify-otp": "had their code taken",
    "/api/sessions/create": "created a session",
    "/api/sessions/join": "joined",
    "/api/hms/token": "were let into a call",
    "/api/messages/send": "sent a chat line",
    "/api/recordings/start": "started a recording",
}


@dataclass(frozen=True)
class Impact:
    """Requests of real users to one endpoint: how many, and how many of them failed."""

    endpoint: str
    count: int
    failed: int


def impact(ask: Ask, now: datetime) -> tuple[Impact, ...]:
    """Real users' requests of the last ten minutes by endpoint; nothing where no source tells."""
    found: dict[str, tuple[int, int]] = {}
    for labels, digest in ask(Question("request_failed", now - LOOKED_AT, now)).items():
        named = dict(labels)
        if named.get("source") == "traffic":
            endpoint = named.get("endpoint", "the product")
            count, failed = found.get(endpoint, (0, 0))
            found[endpoint] = (count + digest.count, failed + round(digest.total))
    return tuple(Impact(endpoint, *counts) for endpoint, counts in sorted(found.items()))


def in_words(impacts: Iterable[Impact]) -> str | None:
    """``0 of 14 joined in the last 10 min``, the worst first; nothing where nothing is known."""
    known = [one for one in impacts if one.count]
    if not known:
        return None
    when = f"in the last {span(LOOKED_AT)}"
    hit = sorted(
        (one for one in known if one.failed),
        key=lambda one: (one.failed / one.count, one.failed),
        reverse=True,
    )
    if not hit:
        return f"none of {sum(one.count for one in known):,} requests failed {when}"
    return f"{', '.join(map(_in_words, hit[:_MOST]))} {when}"


def _in_words(one: Impact) -> str:
    done = _DONE.get(one.endpoint) or f"got an answer from {fit(one.endpoint, _LONGEST)}"
    return f"{one.count - one.failed:,} of {one.count:,} {done}"
