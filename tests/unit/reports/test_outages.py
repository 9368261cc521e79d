"""Incidents as they were at a moment, and what that says of the product."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from synthetic.evaluate.history import Ask
from synthetic.plan.load import load
from synthetic.reports import gathering, outages
from synthetic.reports.document import Figure
from synthetic.reports.period import Period
from synthetic.store.values import Incident, Severity, Transition
from tests.unit.reports.histories import INCIDENTS, MORNING

REQUESTS, SLOW = INCIDENTS
OPENED = REQUESTS.opened_at
SEVERITIES: dict[str, Severity] = {"e-high-error-rate": "high", "e-critical-error-rate": "critical"}


def firing(minutes: float, rule: str) -> Transition:
    return Transition(OPENED + timedelta(minutes=minutes), rule, "firing", 12.0, ())


def then(minutes: float, incident: Incident = REQUESTS) -> Incident:
    """The incident as it was so many minutes after it opened."""
    found = (firing(0, "e-high-error-rate"), firing(10, "e-critical-error-rate"))
    at = OPENED + timedelta(minutes=minutes)
    (one,) = outages.as_of([incident], at, found, SEVERITIES)
    return one


def test_what_happened_later_is_not_known_yet() -> None:
    assert outages.as_of(INCIDENTS, OPENED - timedelta(seconds=1)) == ()
    assert (then(1).closed_at, then(1).acknowledged_by) == (None, None)
    assert (then(6).closed_at, then(6).acknowledged_by) == (None, "Ada")
    assert then(60).closed_at == REQUESTS.closed_at


def test_an_incident_was_as_bad_as_what_had_fired() -> None:
    worst = replace(
        REQUESTS, severity="critical", members=(*REQUESTS.members, ("e-critical-error-rate", ()))
    )
    assert then(5, worst).severity == "high"
    assert then(15, worst).severity == "critical"


def test_what_too_few_locations_saw_was_never_as_bad_as_its_rule_says() -> None:
    assert then(11, replace(REQUESTS, severity="medium")).severity == "medium"


class History:
    """Signing up breaks, and a quarter of an hour later logging in does."""

    rules = (("f-signup", 0), ("f-login", 15))
    incident = replace(
        REQUESTS,
        cause="auth",
        title="Signing up or logging in fails (signing up, logging in)",
        members=tuple((rule, ()) for rule, _ in rules),
    )

    def ask(self, target: str) -> Ask:
        raise NotImplementedError

    def note(self, name: str) -> None:
        raise NotImplementedError

    def incidents(self, _target: str, /) -> tuple[Incident, ...]:
        return (self.incident,)

    def transitions(
        self, _target: str, start: datetime, end: datetime, /
    ) -> tuple[Transition, ...]:
        all_ = (firing(minutes, rule) for rule, minutes in self.rules)
        return tuple(one for one in all_ if start < one.at <= end)


@pytest.mark.parametrize(("minutes", "names"), [(10, "signing up"), (20, "signing up, logging in")])
def test_the_title_tells_of_nothing_that_broke_later(minutes: int, names: str) -> None:
    at = OPENED + timedelta(minutes=minutes)
    (one,) = gathering.incidents_at(History(), load(), "t", OPENED, at)
    assert one.title == f"Signing up or logging in fails ({names})"


def test_what_another_incident_took_in_is_told_with_that() -> None:
    part = replace(REQUESTS, part_of=SLOW.id)
    assert outages.as_of([part], MORNING) == ()
    assert outages.as_of([part], OPENED + timedelta(minutes=1))


def test_the_worst_open_incident_gives_the_colour() -> None:
    colours: dict[Severity, str] = {
        "critical": "Red",
        "high": "Red",
        "medium": "Yellow",
        "low": "Green",
    }
    for severity, colour in colours.items():
        one = replace(SLOW, severity=severity, closed_at=None)
        assert outages.health([one], MORNING, MORNING).colour == colour
    assert outages.health([], MORNING, MORNING).colour == "Green"


def test_without_a_recent_observation_nothing_is_green() -> None:
    assert outages.health([], None, MORNING).colour == "Unknown"
    low = replace(SLOW, severity="low", closed_at=None)
    assert outages.health([low], None, MORNING).colour == "Unknown"
    assert outages.health([replace(SLOW, closed_at=None)], None, MORNING).colour == "Yellow"


def test_recovery_counts_what_ended_in_the_period() -> None:
    day = Period(OPENED.replace(hour=0), OPENED.replace(hour=23))
    assert outages.recovery(INCIDENTS, day) == timedelta(minutes=40)
    assert outages.recovery(INCIDENTS, day.before) is None
    assert outages.in_period(INCIDENTS, day) == (REQUESTS,)


def test_a_resolved_incident_is_counted() -> None:
    assert outages.resolved([]) == Figure("Resolved", "nothing to resolve")
    assert outages.resolved([REQUESTS]).value == "1 of 1"
    both = outages.resolved([REQUESTS, replace(SLOW, closed_at=None)])
    assert (both.value, both.state) == ("1 of 2", "failed")
