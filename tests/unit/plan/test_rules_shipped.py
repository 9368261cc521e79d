"""The rules of the shipped plan are those of Part E, A and B, figure by figure."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from synthetic.plan.load import load
from synthetic.plan.model import Phase, Row, Severity

PLAN = load()
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

# Rule, metric, side, line, for, acknowledged within (seconds).
PART_E = """
e-critical-error-rate            error_rate                 > 10 0    120
e-all-services-down              all_services_up            < 1  0    120
e-database-unreachable           database_reachable         < 1  0    120
e-security-alert                 security_alerts            > 0  0    60
e-high-error-rate                error_rate                 > 5  300  900
e-high-p95                       response_p95               > 5  300  900
e-high-video-failures            video_connection_failures  > 20 600  900
e-high-database-cpu              database_cpu               > 90 300  900
e-medium-error-rate              error_rate                 > 2  900  3600
e-medium-p95                     response_p95               > 2  900  3600
e-medium-session-create-failures session_create_failures    > 5  600  3600
e-medium-recording-success       recording_success          < 95 0    86400
e-low-error-rate                 error_rate                 > 1  0    86400
e-low-cache-hit-rate             cache_hit_rate             < 70 0    604800
e-low-slow-queries               database_query_slowest     > 1  0    604800
e-low-minor-features             minor_feature_up           < 1  0    -
"""
# Rule, severity, metric, side, line, for.
LAUNCH = """
a-ladder-error-rate-page      critical error_rate   > 10 300
a-ladder-error-rate-commander high     error_rate   > 5  600
a-ladder-error-rate-team      medium   error_rate   > 2  1800
a-ladder-p95-investigate      high     response_p95 > 5  300
a-ladder-p95-team             medium   response_p95 > 3  900
a-ladder-p95-document         low      response_p95 > 2  1800
a-video-success               medium   video_connection_success < 90 0
a-recording-success           medium   recording_success < 90 0
"""
WEEK1 = """
b-critical-error-rate      critical error_rate               > 5  0
b-critical-p95             critical response_p95             > 3  0
b-critical-session-success critical session_success_rate     < 90 0
b-critical-video           critical video_connection_success < 85 0
b-high-error-rate          high     error_rate               > 2  0
b-high-p95                 high     response_p95             > 2  0
b-high-session-success     high     session_success_rate     < 95 0
b-high-video               high     video_connection_success < 95 0
b-medium-error-rate        medium   error_rate               > 1  0
b-medium-new-errors        medium   new_errors               > 0  0
b-medium-complaints        medium   complaints               > 0  0
"""
# What Part D says without a sign: reached is enough.
REACHED = """
d-dau              dau_change       <= -30 0
d-sessions-created sessions_change  <= -50 0
d-bandwidth        bandwidth_growth >= 2   0
"""


def table(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def of(row: Row) -> list[str]:
    assert isinstance(row.alert, float)
    return [str(row.metric), str(row.compare), f"{row.alert:g}", f"{row.for_:g}"]


def test_part_e_has_its_sixteen_rules() -> None:
    rules = [row for row in PLAN.rows if row.kind == "rule"]
    found = [
        [row.id, *of(row), f"{row.acknowledge_within:.0f}" if row.acknowledge_within else "-"]
        for row in rules
    ]
    assert found == table(PART_E)
    assert Counter(row.severity for row in rules) == dict.fromkeys(SEVERITIES, 4)


@pytest.mark.parametrize(("phase", "own"), [("launch", LAUNCH), ("week1", WEEK1)])
def test_a_phase_has_rules_of_its_own(phase: str, own: str) -> None:
    rules = [row for row in PLAN.rows if row.phase == phase and row.alerts]
    found = [[row.id, str(row.severity), *of(row)] for row in rules]
    assert found == table(own)


def test_a_drop_or_increase_of_exactly_what_the_plan_says_alerts() -> None:
    found = [[row.id, *of(row)] for row in PLAN.rows if row.compare in ("<=", ">=")]
    assert found == table(REACHED)


@pytest.mark.parametrize("phase", get_args(Phase))
def test_part_e_holds_in_every_phase(phase: Phase) -> None:
    held = {row.id for row in PLAN.rules(phase)}
    assert {line[0] for line in table(PART_E)} <= held


@pytest.mark.parametrize("rule", ["e-high-error-rate", "e-high-p95", "e-high-database-cpu"])
def test_a_high_rule_that_pages_has_a_route_that_does(rule: str) -> None:
    row = next(row for row in PLAN.rows if row.id == rule)
    assert row.severity
    assert row.type
    to = [
        to.channel
        for route in PLAN.routes
        if route.takes(row.severity, row.type)
        for to in route.to
    ]
    assert {"pagerduty", "slack", "sentry"} == set(to)
