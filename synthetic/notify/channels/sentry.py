"""Sentry: an event per note, grouped by incident, sent as an envelope without Sentry's SDK."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from synthetic._settings_channels import Sentry
from synthetic.asking import Answer, Vendor
from synthetic.errors import DeliveryError
from synthetic.notify.channels import wording
from synthetic.store.values import Note, Parcel, Severity

# Sentry's limits: message 8192 characters, value of a tag 200, the event 1 MB.
MESSAGE, TAG = 8192, 200
_FACTS, _FACT = 40, 2000
_CATEGORIES = {"error", "default", ""}  # of a rate limit: those that our events fall under
_UNSAID_RETRY_AFTER_S = 60.0  # what Sentry's SDKs assume of a 429 that says nothing
_LEVELS: dict[Severity | None, str] = {
    "critical": "fatal",
    "high": "error",
    "medium": "warning",
    "low": "info",
    None: "info",
}
_GOOD_NEWS = ("acknowledged", "resolved", "superseded", "report", "run")


@dataclass(frozen=True)
class Dsn:
    """Where a project's events go, and the public key that lets them in."""

    endpoint: str
    key: str


def parse_dsn(dsn: str) -> Dsn | None:
    """``https://<key>@<host>[/<path>]/<project>`` taken apart; none where it is no DSN."""
    try:
        parts = urlsplit(dsn)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    path, _, project = parts.path.rpartition("/")
    good = parts.scheme in ("http", "https") and parts.hostname and parts.username
    if not good or not project.isalnum():
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return Dsn(f"{parts.scheme}://{host}{port}{path}/api/{project}/envelope/", str(parts.username))


def event_id(parcel: Parcel) -> str:
    """The same for a parcel that is sent twice, so that Sentry drops the second."""
    return hashlib.sha256(f"synthetic {parcel.id}".encode()).hexdigest()[:32]


def event(parcel: Parcel) -> dict[str, Any]:
    """The event that a note is; those of one incident are one issue."""
    note = parcel.note
    return {
        "event_id": event_id(parcel),
        "timestamp": note.at.timestamp(),
        "platform": "other",
        "logger": "synthetic",
        "level": _level(note),
        "message": {"formatted": wording.cut(wording.headline(note), MESSAGE)},
        "fingerprint": ["synthetic", note.incident],
        "server_name": wording.line(note.target, TAG),
        "tags": {
            "event": note.event,
            "severity": note.severity or "none",
            "target": wording.line(note.target, TAG),
            "incident": wording.line(note.incident, TAG),
        },
        "extra": {
            "story": wording.story(note, 8000),
            **dict(wording.facts(note, most=_FACTS, longest=_FACT)),
            **{f"{label} ↗": address for label, address in wording.links(note, 10)},
        },
    }


def envelope(composed: dict[str, Any], sent_at: datetime) -> bytes:
    """One event as an envelope: a header, the item's header with its length, the item."""
    payload = json.dumps(composed, ensure_ascii=False).encode(errors="replace")
    header = {"event_id": composed["event_id"], "sent_at": sent_at.isoformat()}
    item = {"type": "event", "length": len(payload), "content_type": "application/json"}
    return b"\n".join((json.dumps(header).encode(), json.dumps(item).encode(), payload, b""))


def limited_for(answer: Answer) -> float | None:
    """How long Sentry wants no events of ours, as its headers say; none where it does not."""
    groups = answer.headers.get("x-sentry-rate-limits", "").split(",")
    waits = [
        float(parts[0])
        for parts in (group.strip().split(":") for group in groups)
        if len(parts) > 1 and _is_number(parts[0]) and _CATEGORIES & set(parts[1].split(";"))
    ]
    return max(waits, default=None)


@dataclass(frozen=True)
class SentryChannel:
    """Sending twice changes nothing: Sentry keeps the first event of an id."""

    settings: Sentry
    timeout_s: float
    now: Callable[[], datetime]
    name = "sentry"
    at_least_once = False

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """Post the event; its id."""
        vendor = Vendor("Sentry", "SYNTHETIC_SENTRY__DSN", self.timeout_s)
        secret = self.settings.dsn.get_secret_value() if self.settings.dsn else ""
        dsn = parse_dsn(secret)
        if dsn is None:
            raise DeliveryError(
                f"Sentry cannot be reached: {vendor.check} should be a DSN such as "
                "https://key@host/42"
            )
        auth = f"Sentry sentry_version=7, sentry_client=synthetic/1.0, sentry_key={dsn.key}"
        answer = vendor.ask(
            "POST",
            dsn.endpoint,
            content=envelope(event(parcel), self.now()),
            headers={"Content-Type": "application/x-sentry-envelope", "X-Sentry-Auth": auth},
        )
        if answer.status == 429:
            wait = limited_for(answer) or vendor.problem(answer).retry_after_s
            wait = _UNSAID_RETRY_AFTER_S if wait is None else wait
            raise DeliveryError(f"Sentry limits our rate and asks to wait {wait:g} s", wait)
        if answer.status in (400, 413):
            raise vendor.refusal(answer)
        if answer.status != 200:
            raise vendor.problem(answer)
        return event_id(parcel)

    def find(self, _: Parcel, __: str | None) -> str | None:
        """A DSN may only send, and need not ask: a second event of an id is dropped."""
        return None


def _level(note: Note) -> str:
    return "info" if note.event in _GOOD_NEWS else _LEVELS[note.severity]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdecimal()
