"""The health endpoint: its shape, and that it never calls a failing check ok."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synthetic.standin.mail import Postman


def health(standin: Any) -> tuple[int, dict[str, Any]]:
    answer = httpx.get(f"{standin.url}/api/health")
    return answer.status_code, answer.json()


def test_all_is_well_and_what_is_not_there_says_so(standin: Any) -> None:
    status, body = health(standin)
    assert (status, body["status"]) == (200, "ok")
    external = {name: check["status"] for name, check in body["checks"]["external"].items()}
    assert external == {
        "twilio": "not_configured",
        "anthropic": "not_configured",
        "redis": "not_configured",
        "email": "ok",
    }
    assert body["checks"]["database"]["canQuery"]
    assert body["checks"]["hms"]["canAuthenticate"]


def test_performance_is_that_of_the_requests_answered(standin: Any) -> None:
    before = health(standin)[1]["checks"]["performance"]["requests"]
    performance = health(standin)[1]["checks"]["performance"]
    assert performance["requests"] == before + 1
    assert performance["responseTime"] > 0
    assert performance["errorRate"] == 0


def test_failed_requests_show_in_the_error_rate(misbehaving: Callable[..., Any]) -> None:
    running = misbehaving("signup-500")
    httpx.post(f"{running.url}/api/auth/signup", json={"email": "a@synthetic.test"})
    assert health(running)[1]["checks"]["performance"]["errorRate"] == 1


def test_a_failing_database_makes_the_whole_fail(misbehaving: Callable[..., Any]) -> None:
    status, body = health(misbehaving("health-database"))
    assert (status, body["status"], body["checks"]["database"]["status"]) == (503, "error", "error")


def test_told_to_lie_it_says_ok_over_a_failing_check(misbehaving: Callable[..., Any]) -> None:
    status, body = health(misbehaving("health-lies"))
    assert (status, body["status"], body["checks"]["database"]["status"]) == (200, "ok", "error")


def test_the_mail_check_really_connects() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        asyncio.run(Postman(port).probe())
