"""Notes and parcels for tests: an outage as people hear of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from synthetic.store.values import Note, Parcel
from tests.runs import HOSTILE

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
INCIDENT = "20261126T092100Z-error-rate-ab12"
RUNBOOK = "https://runbook.test/errors?page=1&tab=2"
_TITLE = "CRITICAL: Error rate 12% for 9 min · kulti.test"
_STORY = "Error rate is 12%, alert line > 10%, since 09:21. Of real users 0 of 14 joined."


def note(event: str = "opened", **more: Any) -> Note:
    """What is said when the error rate rises, or of that incident later."""
    usual: dict[str, Any] = {
        "key": f"{INCIDENT}/{event}",
        "incident": INCIDENT,
        "event": event,
        "title": _TITLE,
        "story": _STORY,
        "target": "https://kulti.test/",
        "at": NOW,
        "severity": "critical",
        "facts": (("Error rate", "12%, alert line > 10%"), ("Since", "09:21 (9 min)")),
        "links": (("Runbook", RUNBOOK),),
    }
    return Note(**{**usual, **more})


def parcel(event: str = "opened", channel: str = "slack", **more: Any) -> Parcel:
    """A note on its way; what is no part of a parcel is part of its note."""
    own: dict[str, Any] = {
        name: more.pop(name) for name in ("id", "place", "begun_at", "tries") if name in more
    }
    some = note(event, **more)
    usual: dict[str, Any] = {"id": f"{some.key}@{channel}", "place": None}
    return Parcel(channel=channel, note=some, created_at=NOW, due_at=NOW, **{**usual, **own})


def hostile(event: str = "opened", **more: Any) -> Parcel:
    """A parcel in which every text tries to be more than text, and is far too long."""
    evil = HOSTILE * 400
    texts = {
        "title": evil,
        "story": f"{evil}\n{{quote}}*bold* [link|http://x.test] h1. @all\n" * 3,
        "target": f"https://x.test/<!here>{evil}",
        "facts": tuple((f"<@U{number}>{HOSTILE}", evil) for number in range(60)),
        "sections": tuple((f"<!channel> *{HOSTILE}", evil) for _ in range(60)),
        "links": (
            ("<!channel>", "https://x.test/a|b>c<d"),
            ("a|b>", "https://x.test/?q=<!here>"),
            (HOSTILE, "javascript:alert(1)"),
            ("ok <!here>", "https://x.test/?a=1&b=2|x"),
            *((HOSTILE, f"https://x.test/{'y' * 1900}") for _ in range(30)),
        ),
    }
    return parcel(event, **{**texts, **more})
