"""A note as an event of PagerDuty's: the right action on the one incident, within its limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from synthetic.notify.channels.pagerduty import dedup_key, event
from tests.notes import INCIDENT, RUNBOOK, hostile, note
from tests.services.pagerduty_server import LONGEST_EVENT, ROUTING_KEY, objections


@pytest.mark.parametrize(
    ("what", "action"),
    [
        ("opened", "trigger"),
        ("raised", "trigger"),
        ("escalated", "trigger"),
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
        ("superseded", "resolve"),
    ],
)
def test_each_change_is_an_action_on_the_incident(what: str, action: str) -> None:
    composed = event(note(what), ROUTING_KEY)
    assert composed
    assert (composed["event_action"], composed["dedup_key"]) == (action, INCIDENT)
    assert not objections(composed)


@pytest.mark.parametrize("what", ["run", "report"])
def test_what_changes_no_page_is_no_event(what: str) -> None:
    assert event(note(what), ROUTING_KEY) is None


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [("critical", "critical"), ("high", "error"), ("medium", "warning"), ("low", "info")],
)
def test_severities_are_pagerdutys(severity: str, theirs: str) -> None:
    composed = event(note(severity=severity), ROUTING_KEY)
    assert composed
    assert composed["payload"]["severity"] == theirs


def test_a_page_says_what_a_tired_person_needs() -> None:
    composed = event(note(), ROUTING_KEY)
    assert composed
    payload = composed["payload"]
    assert payload["summary"] == "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test"
    assert payload["custom_details"]["Error rate"] == "12%, alert line > 10%"
    assert "0 of 14 joined" in payload["custom_details"]["story"]
    assert composed["links"] == [{"href": RUNBOOK, "text": "Runbook"}]


def test_each_call_and_each_person_has_a_page_of_their_own() -> None:
    calls = (note(), replace(note(), call="20261201T120500Z"))
    keys = {dedup_key(call, place) for call in calls for place in ("", "engineering_lead")}
    assert len(keys) == 4
    assert dedup_key(calls[0]) == INCIDENT


def test_a_page_first_says_how_it_is_acknowledged() -> None:
    composed = event(note(), ROUTING_KEY)
    assert composed
    details = composed["payload"]["custom_details"]
    assert next(iter(details.items())) == ("Acknowledge", f"synthetic ack {INCIDENT}")


def test_what_is_hostile_and_endless_fits() -> None:
    composed = event(hostile().note, ROUTING_KEY)
    assert composed
    assert not objections(composed)
    assert len(json.dumps(composed, ensure_ascii=False).encode()) < LONGEST_EVENT


def test_an_incident_of_endless_name_has_a_key_of_its_own() -> None:
    names = ("x" * 300, "x" * 301, "")
    keys = {dedup_key(replace(note(), incident=name)) for name in names}
    assert len(keys) == 3
    assert all(0 < len(key) <= 255 for key in keys)
