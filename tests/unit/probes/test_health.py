"""What a health report says, check by check, and when it is not believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from synthetic.plan.load import load
from synthetic.plan.observations import OBSERVATIONS
from synthetic.probes.health import Health, judge

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "database": {
        "status": "ok",
        "canConnect": True,
        "canQuery": True,
        "replicationLagS": 0.5,
        "pool": {"used": 12, "size": 100},
    },
    "hms": {"status": "ok", "canAuthenticate": True, "canListRooms": True, "latencyMs": 80},
    "external": {
        "twilio": {"status": "operational"},
        "anthropic": {"status": "ok"},
        "redis": {"status": "ok"},
        "email": {"status": "ok"},
    },
    "performance": {
        "responseTime": 120,
        "errorRate": 0.02,
        "databaseQueryTime": 9,
        "cacheHitRate": 0.85,
    },
}


def judged(checks: Any, status: str = "ok", code: int = 200, at: datetime = NOW) -> Health:
    report = {"status": status, "timestamp": at.isoformat(), "checks": checks}
    return judge(code, json.dumps(report).encode(), NOW)


def test_each_check_of_the_plan_is_a_figure() -> None:
    assert judged(WHOLE).figures == {
        "health_database": 1,
        "health_database_query": 1,
        "replication_lag": 0.5,
        "health_connections": 12,
        "health_hms": 1,
        "health_hms_rooms": 1,
        "health_hms_latency": 80,
        "health_hms_status": 1,
        "health_external": 1,
        "health_twilio": 1,
        "health_anthropic": 1,
        "health_upstash": 1,
        "health_email": 1,
        "health_response": 120,
        "health_error_rate": 2,
        "health_query_time": 9,
        "health_cache_hit_rate": 85,
    }


def test_each_figure_is_an_observation_and_a_metric() -> None:
    figures = {"health_up": 1, "health_ms": 1, **judged(WHOLE).figures}
    assert figures.keys() <= OBSERVATIONS.keys()
    assert figures.keys() - {"health_ms"} <= load().metrics.keys()


def test_a_report_of_nothing_wrong_is_up() -> None:
    health = judged(WHOLE)
    assert (health.up, health.findings) == (True, ())


def test_the_plan_s_own_words_are_understood() -> None:
    """As Part F writes them: Yes/No, "X seconds", "X/100 used", "Xms", "Operational", "X%"."""
    checks = {
        "database": {
            "canConnect": "Yes",
            "canQuery": "No",
            "replicationLagS": "3 seconds",
            "pool": "12/100 used",
        },
        "hms": {"canAuthenticate": "Yes", "latencyMs": "80ms", "status": "Operational"},
        "performance": {"errorRate": "2%"},
    }
    figures = judged(checks, status="error", code=503).figures
    assert figures["health_database"] == 1
    assert figures["health_database_query"] == 0
    assert figures["replication_lag"] == 3
    assert figures["health_connections"] == 12
    assert (figures["health_hms_latency"], figures["health_hms_status"]) == (80, 1)
    assert figures["health_error_rate"] == 2


def test_what_is_not_configured_is_unknown() -> None:
    none = {"status": "not_configured"}
    figures = judged({"external": {"twilio": none, "email": {"status": "ok"}}}).figures
    assert figures == {"health_external": 1, "health_email": 1}
    assert judged({"external": {"twilio": none}}).figures == {}


def test_one_failing_service_is_one_too_many() -> None:
    external = {"twilio": {"status": "down"}, "email": {"status": "ok"}}
    health = judged({"external": external}, status="error", code=503)
    assert health.figures == {"health_external": 0, "health_twilio": 0, "health_email": 1}
    assert health.findings == ("says 'error' while these checks fail: external.twilio.status",)


@pytest.mark.parametrize("said", [False, {"status": "error"}, {"canConnect": False}])
def test_ok_over_a_failing_check_is_not_up(said: object) -> None:
    health = judged({"database": said})
    assert not health.up
    assert health.figures["health_database"] == 0
    assert "says 'ok' while these checks fail: database" in health.findings[0]


@pytest.mark.parametrize(("status", "code"), [("error", 503), ("ok", 503), ("degraded", 200)])
def test_anything_but_ok_is_not_up(status: str, code: int) -> None:
    health = judged(WHOLE, status, code)
    assert not health.up
    assert health.findings == (f"answered {code} with status '{status}'",)


@pytest.mark.parametrize(
    ("age", "said"),
    [(timedelta(minutes=5), "300 s old"), (-timedelta(minutes=5), "300 s ahead of its own clock")],
)
def test_a_report_of_another_time_is_stale(age: timedelta, said: str) -> None:
    health = judged(WHOLE, at=NOW - age)
    assert not health.up
    assert health.findings == (f"is stale: its timestamp is {said}",)


@pytest.mark.parametrize(
    "when", ["", "yesterday", "9" * 500, None, 12, "0001-01-01T00:00:00+23:59"]
)
def test_a_timestamp_that_is_none_is_found(when: object) -> None:
    health = judge(200, json.dumps({"status": "ok", "timestamp": when}).encode(), NOW)
    assert not health.up
    assert "timestamp" in health.findings[0]


def test_keys_that_come_twice_are_found() -> None:
    stamp = f'"timestamp": "{NOW.isoformat()}"'
    text = f'{{"status": "error", "status": "ok", {stamp}, "checks": {{"a": false, "a": true}}}}'
    health = judge(200, text.encode(), NOW)
    assert not health.up
    assert health.findings == ("says more than one thing about a, status: its keys are not unique",)


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", "null", '"ok"', "{}", '{"status": "ok", "checks": 1}', "[" * 100_000,
     '{"status": "ok", "checks": {"performance": {"responseTime": NaN}}}',
     '{"a":' * 900 + "1" + "}" * 900, '{"status": ' + "9" * 5000 + "}", "\xff"],
)  # fmt: skip
def test_another_shape_is_no_report(body: str) -> None:
    health = judge(200, body.encode("latin-1"), NOW)
    assert not health.is_report
    assert not health.up
    assert "something other than a health report" in health.findings[0]


@pytest.mark.parametrize("wild", [1e999, "x" * 100, [], True, None, {"deep": {"deeper": []}}])
def test_values_of_another_kind_give_no_figure(wild: object) -> None:
    text = json.dumps({"performance": {"responseTime": wild}}).replace("Infinity", "1e999")
    body = f'{{"status": "ok", "timestamp": "{NOW.isoformat()}", "checks": {text}}}'
    assert judge(200, body.encode(), NOW).figures == {}


@pytest.mark.parametrize(
    "said",
    [
        "disconnected", "offline", "not ok", "timed_out", {"status": "fail"}, {"status": "timeout"},
        {"error": "connection refused"}, {"ok": False}, {"healthy": "no"},
        [{"name": "primary", "status": "down"}], {"replica": {"status": "down"}},
    ],
)  # fmt: skip
def test_failures_in_other_words_and_shapes_are_failures(said: object) -> None:
    health = judged({"database": said})
    assert not health.up
    assert health.figures["health_database"] == 0
    assert "says 'ok' while these checks fail: database" in health.findings[0]


def test_services_in_a_list_are_known_by_their_names() -> None:
    services = [{"name": "twilio", "status": "down"}, {"name": "email", "status": "ok"}]
    health = judged({"external": services})
    assert health.figures == {"health_external": 0, "health_twilio": 0, "health_email": 1}
    assert health.findings == ("says 'ok' while these checks fail: external.twilio.status",)


@pytest.mark.parametrize("said", ["wobbly", {"status": "wobbly"}, {"canConnect": "perhaps"}])
def test_a_word_that_is_not_understood_is_told_and_gives_no_figure(said: object) -> None:
    health = judged({"database": said})
    assert "health_database" not in health.figures
    assert health.up  # nothing says that it is not
    (finding,) = health.findings
    assert finding.endswith(", which we do not understand")


def test_one_service_that_is_not_understood_leaves_the_whole_unknown() -> None:
    health = judged({"external": {"twilio": "wobbly", "email": "ok"}})
    assert health.figures == {"health_email": 1}


@pytest.mark.parametrize("said", [{}, None, [], {"primary": False}, {"version": "fifteen"}])
def test_a_check_that_says_nothing_is_found(said: object) -> None:
    health = judged({"database": said})
    assert health.findings == ("says nothing of database that we understand",)
    assert health.figures == {}


@pytest.mark.parametrize("more", [{}, {"checks": {}}, {"checks": []}])
def test_a_report_without_checks_is_found(more: dict[str, object]) -> None:
    report = {"status": "ok", "timestamp": NOW.isoformat(), **more}
    (finding,) = judge(200, json.dumps(report).encode(), NOW).findings
    assert "names no checks" in finding


@pytest.mark.parametrize(
    "detail",
    [{"readOnly": False}, {"ssl": "no"}, {"error": None}, {"maintenance": {"planned": False}}],
)
def test_a_detail_that_is_false_is_nobody_s_outage(detail: dict[str, object]) -> None:
    health = judged({"database": {"status": "ok", "canConnect": True, **detail}})
    assert (health.up, health.findings) == (True, ())
    assert health.figures["health_database"] == 1


@pytest.mark.parametrize(
    ("said", "milliseconds"),
    [("1.5s", 1500), ("80ms", 80), ("80", 80), (80, 80), ("250 us", 0.25), ("2 weeks", None),
     ("80ms or so", None), ("fast", None)],
)  # fmt: skip
def test_units_of_time_are_heeded(said: object, milliseconds: float | None) -> None:
    figures = judged({"performance": {"responseTime": said, "errorRate": 0}}).figures
    assert figures.get("health_response") == milliseconds


@pytest.mark.parametrize(("said", "lag_s"), [("200ms", 0.2), ("3 seconds", 3), (0.5, 0.5)])
def test_a_lag_is_in_seconds_whatever_it_is_told_in(said: object, lag_s: float) -> None:
    figures = judged({"database": {"status": "ok", "replicationLagS": said}}).figures
    assert figures["replication_lag"] == lag_s


@pytest.mark.parametrize(
    ("said", "per_cent"), [("0.02", 2), (0.02, 2), ("2%", 2), ("200%", None), (85, None)]
)
def test_a_share_is_the_same_as_text(said: object, per_cent: float | None) -> None:
    figures = judged({"performance": {"errorRate": said}}).figures
    assert figures.get("health_error_rate") == per_cent


def test_hostile_names_are_capped_and_harmless() -> None:
    checks = {f"\x1b[31m{n}" * 1000: False for n in range(100)}
    (finding,) = judged(checks).findings
    assert len(finding) < 400
    assert "\x1b" not in finding
