"""Probes of the site and its health, against servers that misbehave."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from synthetic.errors import RateLimited, Refused, StepTimeout, TargetUnreachable, WrongProduct
from synthetic.probes import site
from synthetic.probes.site import health_ok, site_accessible
from tests.unit.conftest import Web


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Follows redirects, as journeys do."""
    with httpx.Client(follow_redirects=True, timeout=1) as client:
        yield client


def test_a_page_that_answers_is_timed(web: Web, client: httpx.Client) -> None:
    assert 0 < site_accessible(client, web.page("Hello")) < 2000


@pytest.mark.parametrize("status", [204, 401, 404, 500, 503])
def test_any_status_but_200_is_a_refusal(web: Web, client: httpx.Client, status: int) -> None:
    with pytest.raises(Refused, match=f"answered {status}; the plan expects 200"):
        site_accessible(client, web.put("/", "", status))


def test_429_is_nobodys_outage(web: Web, client: httpx.Client) -> None:
    with pytest.raises(RateLimited, match="run less often"):
        site_accessible(client, web.put("/", "", 429))


def test_slower_than_the_plan_allows_is_a_timeout(
    web: Web, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ACCESSIBLE_WITHIN_MS", 0.0)
    with pytest.raises(StepTimeout, match="the plan expects less than 2 s"):
        site_accessible(client, web.page("Hello"))


def test_a_redirect_is_followed(web: Web, client: httpx.Client) -> None:
    web.put("/new", "Hello")
    site_accessible(client, web.put("/", "", 302, Location="/new"))


def test_a_redirect_loop_is_named(web: Web, client: httpx.Client) -> None:
    with pytest.raises(TargetUnreachable, match="redirects in a loop"):
        site_accessible(client, web.put("/", "", 302, Location="/"))


def test_a_closed_port_is_unreachable(client: httpx.Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(TargetUnreachable, match="ConnectError"):
            site_accessible(client, url)


def health(web: Web, body: str | dict[str, object], status: int = 200) -> str:
    text = (
        body
        if isinstance(body, str)
        else json.dumps({"timestamp": datetime.now(UTC).isoformat()} | body)
    )
    web.put("/api/health", text, status)
    return f"{web.url}/"


def test_health_that_is_ok_is_timed(web: Web, client: httpx.Client) -> None:
    url = health(web, {"status": "ok", "checks": {"database": True, "mail": {"smtp": "ok"}}})
    assert 0 < health_ok(client, url) < 2000


@pytest.mark.parametrize(
    "body",
    [
        "<html>Not the product</html>",
        "",
        "[]",
        "null",
        '"ok"',
        "{}",
        '{"status": "ok", "checks": 1}',
        "[" * 100_000,
    ],
    ids=["HTML", "empty", "list", "null", "text", "no status", "checks no table", "deep"],
)
def test_anything_but_a_health_report_is_another_product(
    web: Web, client: httpx.Client, body: str
) -> None:
    with pytest.raises(WrongProduct, match="something other than a health report"):
        health_ok(client, health(web, body))


@pytest.mark.parametrize("state", [False, "error", "failed", "down", "unreachable"])
def test_ok_over_a_failing_check_is_a_refusal(
    web: Web, client: httpx.Client, state: object
) -> None:
    checks = {"web": True, "database": {"status": state}}
    with pytest.raises(Refused, match=re.escape("'ok' while these checks fail: database.status")):
        health_ok(client, health(web, {"status": "ok", "checks": checks}))


@pytest.mark.parametrize(("status", "code"), [("degraded", 200), ("ok", 503), (None, 200)])
def test_anything_but_ok_is_a_refusal(
    web: Web, client: httpx.Client, status: str | None, code: int
) -> None:
    with pytest.raises(Refused, match=f"answered {code} with status '{status}'"):
        health_ok(client, health(web, {"status": status}, code))


def test_a_rate_limited_health_check_is_nobodys_outage(web: Web, client: httpx.Client) -> None:
    with pytest.raises(RateLimited):
        health_ok(client, health(web, "{}", 429))


def test_hostile_names_of_checks_are_capped(web: Web, client: httpx.Client) -> None:
    checks = {f"{n}" * 10_000: False for n in range(1, 100)}
    with pytest.raises(Refused) as caught:
        health_ok(client, health(web, {"status": "x" * 10_000, "checks": checks}))
    assert len(str(caught.value)) < 500
