"""PagerDuty's Events API v2: a page per call and person, acknowledged and resolved from here."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from synthetic._settings_channels import PagerDuty
from synthetic.asking import Answer, Vendor
from synthetic.errors import DeliveryError
from synthetic.notify.channels import wording
from synthetic.store.values import Event, Note, Parcel, Severity

# PagerDuty's limits: an event 512 KB, its summary 1024 characters, a dedup key 255.
SUMMARY, KEY = 1024, 255
_FACTS, _FACT, _STORY, _LINKS = 30, 1000, 8000, 20
Action = Literal["trigger", "acknowledge", "resolve"]
_ACTIONS: dict[Event, Action] = {
    "opened": "trigger",
    "raised": "trigger",
    "joined": "trigger",
    "reminder": "trigger",
    "escalated": "trigger",
    "acknowledged": "acknowledge",
    "resolved": "resolve",
    "superseded": "resolve",
}
_SEVERITIES: dict[Severity | None, str] = {
    "critical": "critical",
    "high": "error",
    "medium": "warning",
    "low": "info",
    None: "warning",
}
_ROUTING = re.compile(r"routing[ _]key|invalid key", re.IGNORECASE)


def event(note: Note, routing_key: str, place: str = "") -> dict[str, Any] | None:
    """The event that a note is at a place; none for what does not change a page (runs, reports)."""
    action = _ACTIONS.get(note.event)
    if action is None:
        return None
    named = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(note, place),
    }
    if action != "trigger":
        return named
    details = {"Acknowledge": f"synthetic ack {note.incident}"} if note.incident else {}
    details |= {
        label: text for label, text in wording.facts(note, most=_FACTS, longest=_FACT) if text
    }
    payload = {
        "summary": wording.cut(wording.headline(note), SUMMARY),
        "source": wording.line(note.target, KEY) or "unknown",
        "severity": _SEVERITIES[note.severity],
        "timestamp": note.at.isoformat(),
        "component": "synthetic",
        "class": note.event,
        "custom_details": {**details, "story": wording.story(note, _STORY)},
    }
    links = [{"href": href, "text": text} for text, href in wording.links(note, _LINKS)]
    return {**named, "client": "synthetic", "payload": payload, "links": links}


def dedup_key(note: Note, place: str = "") -> str:
    """The incident's own id, with which of its calls and whom it calls; a digest if too long.

    A page that somebody acknowledged calls nobody again, and one that is open calls nobody else.
    """
    key = "/".join(part for part in (note.incident, note.call, place) if part)
    return key if 0 < len(key) <= KEY else hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True)
class PagerDutyChannel:
    """Sending twice changes nothing: events of one dedup key are one incident while it is open.

    A place is a person whom an escalation calls, by an incident of their own, with a routing key
    of their own where there is one.
    """

    settings: PagerDuty
    timeout_s: float
    name = "pagerduty"
    at_least_once = False

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """The dedup key; None for a note that changes no page."""
        place = wording.slug(parcel.place or "")
        key = self.settings.routing_keys.get(place) or self.settings.routing_key
        composed = event(parcel.note, key.get_secret_value() if key else "", place)
        if composed is None:
            return None
        vendor = Vendor(
            "PagerDuty", "SYNTHETIC_PAGERDUTY__ROUTING_KEY and __API_URL", self.timeout_s
        )
        answer = vendor.ask(
            "POST",
            f"{str(self.settings.api_url).rstrip('/')}/v2/enqueue",
            content=json.dumps(composed, ensure_ascii=False).encode(errors="replace"),
            headers={"Content-Type": "application/json"},
        )
        if answer.status != 202:
            raise _problem(vendor, answer)
        return str(composed["dedup_key"])

    def find(self, _: Parcel, __: str | None) -> str | None:
        """Events cannot be asked for, and need not be: a second one changes nothing."""
        return None


def _problem(vendor: Vendor, answer: Answer) -> DeliveryError:
    errors = answer.data.get("errors") if isinstance(answer.data, dict) else None
    said = wording.line("; ".join(map(str, errors)), 300) if errors else ""
    at_fault = answer.status in (400, 413) and not _ROUTING.search(said or answer.quote)
    return vendor.refusal(answer, said) if at_fault else vendor.problem(answer, said)
