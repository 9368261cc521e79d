"""A local server that takes and refuses what PagerDuty's Events API v2 would."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
LONGEST_EVENT, LONGEST_SUMMARY, LONGEST_KEY = 512 * 1024, 1024, 255
SEVERITIES = ("critical", "error", "warning", "info")
ACTIONS = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
Event = dict[str, Any]


@dataclass
class PagedIncident:
    """An incident as PagerDuty has it: ``log`` is what happened to it, in order."""

    service: str
    key: str
    status: str
    severity: str
    summary: str
    log: list[str] = field(default_factory=list)


@dataclass
class PagerDutyServer(Vendor):
    """What was taken: every event, and the incidents that came of them; ``keys`` are the routing
    keys of its services."""

    keys: set[str] = field(default_factory=lambda: {ROUTING_KEY})
    events: list[Event] = field(default_factory=list)
    incidents: list[PagedIncident] = field(default_factory=list)

    @property
    def by_key(self) -> Counter[str]:
        """How many incidents were opened under each dedup key: one each, if nobody is called
        twice."""
        return Counter(one.key for one in self.incidents)

    def status(self, key: str) -> str | None:
        """How the last incident of a dedup key stands."""
        return next((one.status for one in reversed(self.incidents) if one.key == key), None)

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/v2/enqueue"):
            return Answer(404, "Not Found")
        if len(request.body) > LONGEST_EVENT:
            return Answer(413, "Request Entity Too Large")
        try:
            event = json.loads(request.body)
        except ValueError:
            return _invalid("JSON is malformed")
        if errors := objections(event, self.keys):
            return _invalid(*errors)
        self._take(event)
        taken = {
            "status": "success",
            "message": "Event processed",
            "dedup_key": event["dedup_key"],
        }
        return Answer(202, json.dumps(taken))

    def _take(self, event: Event) -> None:
        self.events.append(event)
        key, action = event["dedup_key"], event["event_action"]
        mine = (event["routing_key"], key)
        open_ones = [
            one
            for one in self.incidents
            if (one.service, one.key) == mine and one.status != "resolved"
        ]
        if open_ones:
            incident = open_ones[0]
            incident.log.append(action)
            if action != "trigger":  # a trigger leaves an acknowledged incident acknowledged
                incident.status = ACTIONS[action]
        elif action == "trigger":
            payload = event["payload"]
            new = PagedIncident(*mine, "triggered", payload["severity"], payload["summary"])
            new.log.append(action)
            self.incidents.append(new)


def _invalid(*errors: str) -> Answer:
    said = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    return Answer(400, json.dumps(said))


def objections(event: Event, keys: Collection[str] = (ROUTING_KEY,)) -> list[str]:
    """What PagerDuty would say against an event; nothing when it would take it."""
    errors = []
    key = event.get("routing_key")
    if not isinstance(key, str) or len(key) != len(ROUTING_KEY):
        errors.append("Length of 'routing_key' is incorrect (should be 32 characters)")
    elif key not in keys:
        errors.append("Invalid routing key")
    if event.get("event_action") not in ACTIONS:
        errors.append("'event_action' is missing or invalid")
    if not 0 < len(event.get("dedup_key") or "") <= LONGEST_KEY:
        errors.append("'dedup_key' is missing or too long")
    if event.get("event_action") == "trigger":
        errors += _objections_to_payload(event.get("payload"))
    if any(set(link) > {"href", "text"} or "href" not in link for link in event.get("links", [])):
        errors.append("'links' is invalid")
    return errors


def _objections_to_payload(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    missing = [name for name in ("summary", "source", "severity") if not payload.get(name)]
    errors = [f"'payload.{name}' is missing or blank" for name in missing]
    if len(payload.get("summary", "")) > LONGEST_SUMMARY:
        errors.append("'payload.summary' is too long")
    if payload.get("severity") not in SEVERITIES:
        errors.append("'payload.severity' is invalid (must be one of the following: ...)")
    return errors


@contextmanager
def serving() -> Iterator[PagerDutyServer]:
    """The server on a free port of loopback."""
    with vendor.serving(PagerDutyServer()) as server:
        yield server
