"""A webhook of one's own: the note as JSON, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from synthetic._settings_channels import Webhook
from synthetic.asking import Vendor
from synthetic.notify.channels import wording
from synthetic.store.values import Parcel

_AT_FAULT = (400, 413, 415, 422)


def body(parcel: Parcel) -> dict[str, Any]:
    """What is posted; ``key`` is the same when a parcel comes twice."""
    note = parcel.note
    return {
        "schema": 1,
        "key": parcel.id,
        "incident": note.incident,
        "event": note.event,
        "severity": note.severity,
        "target": wording.line(note.target, 300),
        "at": note.at.isoformat(),
        "headline": wording.cut(wording.headline(note), 500),
        "title": wording.line(note.title, 500),
        "story": wording.story(note, 20_000),
        "sections": [list(pair) for pair in wording.sections(note, 5000)[:30]],
        "facts": [list(pair) for pair in wording.facts(note, most=50, longest=2000)],
        "links": [list(pair) for pair in wording.links(note, 20)],
    }


def signature(content: bytes, secret: str, timestamp: int) -> str:
    """HMAC-SHA256 in hex over ``<timestamp>.<content>``, by which a receiver knows us."""
    signed = str(timestamp).encode() + b"." + content
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class WebhookChannel:
    """At least once: the receiver knows a double by its ``key``."""

    settings: Webhook
    timeout_s: float
    now: Callable[[], datetime]
    name = "webhook"
    at_least_once = True

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """Post; any 2xx is taken for a yes."""
        content = json.dumps(body(parcel), ensure_ascii=False).encode(errors="replace")
        headers = {"Content-Type": "application/json", "Idempotency-Key": _header(parcel.id)}
        if self.settings.secret:
            timestamp = int(self.now().timestamp())
            secret = self.settings.secret.get_secret_value()
            headers["X-Synthetic-Timestamp"] = str(timestamp)
            headers["X-Synthetic-Signature"] = signature(content, secret, timestamp)
        vendor = Vendor("the webhook", "SYNTHETIC_WEBHOOK__URL and __SECRET", self.timeout_s)
        url = self.settings.url.get_secret_value() if self.settings.url else ""
        answer = vendor.ask("POST", url, content=content, headers=headers)
        if answer.status in _AT_FAULT:
            raise vendor.refusal(answer)
        if not 200 <= answer.status < 300:
            raise vendor.problem(answer)
        return None

    def find(self, _: Parcel, __: str | None) -> str | None:
        """A webhook cannot be asked."""
        return None


def _header(text: str) -> str:
    return "".join(one if " " < one <= "~" else "-" for one in text[:200])
