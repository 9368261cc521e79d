"""Each vendor's documented answers become figures, and its troubles sentences."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from synthetic import settings
from synthetic.sources.binding import Bound, bound, people
from synthetic.sources.figures import Memory
from synthetic.sources.gather import Gathered, gather
from tests.services import source_servers, vercel_server
from tests.services.documented import TOKEN, Documented
from tests.services.kulti import DAY, NOON
from tests.services.vendor import Fault, serving
from tests.services.vercel_server import PROJECT, TEAM

GIVEN = {
    "vercel": {"VALUES__TEAM": TEAM, "VALUES__PROJECT": PROJECT},
    "hms": {},
    "sentry": {"VALUES__ORG": "kulti", "VALUES__QUOTA": "50000"},
    "upstash": {"VALUES__DATABASE": "db-1", "USER": "ops@kulti.test"},
    "github": {"VALUES__OWNER": "kulti", "VALUES__REPOSITORY": "app"},
    "supabase": {},
}
HOUR = NOON.replace(minute=0)
EXPECTED: dict[str, dict[str, tuple[float, datetime]]] = {
    "vercel": {
        "vercel_ready": (1, NOON),
        "function_duration": (212.5, NOON),
        "function_memory_share": (25, NOON),
        "cold_start_rate": (2, HOUR),
        "requests": (4067, NOON),
        "rate_limited": (7, NOON),
        "bandwidth": (1250, DAY),
        "signup_conversion": (8, DAY),
        "help_page_views": (14, DAY),
        "search_queries": (35, DAY),
    },
    "hms": {
        "active_rooms": (120, NOON),
        "peak_hms_users": (130, HOUR),
        "rooms_created": (4, HOUR),
        "rooms_monthly": (250, DAY),
        "hms_workspace_active": (1, NOON),
        "hms_storage_available": (1, NOON),
    },
    "sentry": {
        "critical_errors": (3, NOON),
        "sentry_events": (150, DAY),
        "sentry_quota": (8, NOON),
        "sentry_rules_active": (1, NOON),
        "sentry_integrations_connected": (0, NOON),
    },
    "upstash": {"cache_hit_rate": (80, NOON)},
    "github": {"vulnerability_patches": (2, DAY)},
    "supabase": {
        "database_memory": (75, NOON),
        "database_connections": (17, NOON),
        "database_connection_wait": (12, NOON),
        "database_size": (2.0485, NOON),
    },
}


def environ(name: str, url: str, token: str = TOKEN) -> dict[str, str]:
    base = f"{url}/v2" if name == "upstash" else url
    given = {"URL": base, "TOKEN": token, **GIVEN[name]}
    variables = {
        f"SYNTHETIC_FEEDS__RECIPES__{name.upper()}__{key}": one for key, one in given.items()
    }
    return {"SYNTHETIC_FEEDS__ON": name, **variables}


def server_of(name: str) -> Documented:
    if name == "sentry":
        return source_servers.sentry(people(settings.load(Path("nowhere"), {})))
    makers = {**vars(source_servers), **vars(vercel_server)}
    made: Documented = makers[name]()
    return made


def feed(tmp_path: Path, name: str, url: str, token: str = TOKEN, **more: str) -> tuple[Bound, ...]:
    return bound(settings.load(tmp_path, {**environ(name, url, token), **more}))


def look(feeds: tuple[Bound, ...], memory: Memory | None = None, now: datetime = NOON) -> Gathered:
    async def one() -> Gathered:
        async with httpx.AsyncClient(verify=False) as client:
            return await gather(feeds, clock=lambda: now, client=client, memory=memory)

    return asyncio.run(one())


def figures(found: Gathered) -> dict[str, tuple[float, datetime]]:
    return {one.metric: (one.value, one.at) for one in found.samples if not one.labels}


@pytest.fixture
def upstash() -> Iterator[Documented]:
    with serving(source_servers.upstash()) as running:
        yield running


@pytest.mark.parametrize("name", EXPECTED)
def test_documented_answers_become_figures_of_their_moments(name: str, tmp_path: Path) -> None:
    with serving(server_of(name)) as running:
        found = look(feed(tmp_path, name, running.url))
    assert not found.troubles
    known = figures(found)
    assert {metric: at for metric, (_, at) in known.items()} == {
        metric: at for metric, (_, at) in EXPECTED[name].items()
    }
    for metric, (value, _) in EXPECTED[name].items():
        assert known[metric][0] == pytest.approx(value)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_wrong_token_is_said_and_not_shown(name: str, tmp_path: Path) -> None:
    with serving(server_of(name)) as running:
        found = look(feed(tmp_path, name, running.url, "gue55ed"))
    assert not found.samples
    assert found.troubles
    for sentence in found.troubles:
        assert "answered 401 (" in sentence
        assert sentence.endswith("check the token")
        assert "gue55ed" not in sentence


def test_figures_by_route_and_country_have_labels(tmp_path: Path) -> None:
    with serving(vercel_server.vercel()) as running:
        found = look(feed(tmp_path, "vercel", running.url))
    labelled = {
        (one.metric, *one.labels.values()): one.value for one in found.samples if one.labels
    }
    assert labelled == {
        ("function_memory", "/api/sessions/create"): 180,
        ("function_memory", "/api/hms/token"): 512,
        ("region_share", "DE"): 60,
        ("region_share", "FR"): 30,
        ("region_share", "Others"): 10,
    }


def test_what_grows_is_known_from_the_second_look_on(tmp_path: Path) -> None:
    with serving(source_servers.supabase()) as running:
        feeds, memory = feed(tmp_path, "supabase", running.url), Memory()
        assert "database_cpu" not in figures(look(feeds, memory))
        assert figures(look(feeds, memory))["database_cpu"][0] == pytest.approx(25)


def test_an_hour_and_a_day_are_asked_for_once(tmp_path: Path) -> None:
    with serving(source_servers.hms()) as running:
        feeds, memory = feed(tmp_path, "hms", running.url), Memory()
        look(feeds, memory)
        running.asked_for.clear()
        again = figures(look(feeds, memory, NOON + timedelta(minutes=5)))
        assert set(again) == {"active_rooms", "hms_workspace_active", "hms_storage_available"}
        assert {one.path for one in running.asked_for} == {
            "/v2/sessions", "/v2/templates", "/v2/recording-assets",
        }  # fmt: skip
        later = figures(look(feeds, memory, NOON + timedelta(hours=1)))
    assert later["rooms_created"][1] == HOUR + timedelta(hours=1)
    assert "rooms_monthly" not in later


def test_a_token_never_follows_a_link_to_another_host(tmp_path: Path) -> None:
    with serving(source_servers.github()) as running:
        look(feed(tmp_path, "github", running.url))
    assert [one.query.get("after") for one in running.asked_for] == [None, "Y3Vyc29y"]


def test_who_wants_to_be_left_alone_is_until_then(upstash: Documented, tmp_path: Path) -> None:
    feeds, memory = feed(tmp_path, "upstash", upstash.url), Memory()
    upstash.fault = Fault(429, headers={"Retry-After": "90"})
    (sentence,) = look(feeds, memory).troubles
    assert sentence == (
        "Upstash (cache_hit_rate): GET 127.0.0.1/redis/stats/db-1 answered 429 and wants to be "
        "left alone for 90 s"
    )
    (sentence,) = look(feeds, memory, NOON + timedelta(seconds=60)).troubles
    assert sentence == "Upstash (cache_hit_rate): asked to be left alone until 12:21:30 UTC"
    assert upstash.asked == 1
    assert figures(look(feeds, memory, NOON + timedelta(seconds=91)))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(402, body="no plan"), "answered 402 (no plan); the plan that is paid for"),
        (Fault(403), "answered 403 (without a word); the token may not read it"),
        (Fault(404), "answered 404 (without a word); check the address"),
        (Fault(418), "answered 418 (without a word); check the recipe"),
        (Fault(429), "answered 429 and wants to be left alone for 60 s"),
        (Fault(500, body="<b>down\x1b[2J"), "answered 500 (<b>down[2J); it may pass"),
        (Fault(503, headers={"Retry-After": "5"}), "answered 503 and wants to be left alone for 5"),
        (Fault(500, body=f"your token {TOKEN} is odd"), "answered 500 (your token [redacted] is"),
        (Fault(302, headers={"Location": "https://else.test"}), "redirects elsewhere (302)"),
        (Fault(200, body="<html>"), "answered something other than JSON (without a type)"),
        (Fault(200, body=""), "answered something other than JSON"),
        (Fault(200, body="[" * 100_000), "answered something other than JSON"),
        (Fault(200, body="x", headers={"Content-Encoding": "gzip"}), "answered packed"),
        (Fault(0, lost=True), "was not answered (RemoteProtocolError)"),
        (Fault(0, hangs=True), "within 0.3 s"),
    ],
)
def test_every_failure_is_a_sentence_and_no_sample(
    fault: Fault, said: str, upstash: Documented, tmp_path: Path
) -> None:
    upstash.fault = fault
    found = look(feed(tmp_path, "upstash", upstash.url, SYNTHETIC_FEEDS__TIMEOUT_S="0.3"))
    assert not found.samples
    (sentence,) = found.troubles
    assert sentence.startswith("Upstash (cache_hit_rate): ")
    assert said in sentence
    assert TOKEN not in sentence


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{}", "the answer has another shape than expected"),
        ("[]", "the answer has another shape than expected"),
        ("null", "the answer has another shape than expected"),
        ('{"hits": [], "misses": []}', "the answer has another shape than expected"),
        ('{"hits": [{"x": 1}], "misses": [{"y": 1}]}', "the answer has rows without y"),
        ('{"hits": [{"y": "many"}], "misses": [{"y": 1}]}', "has 'many', where a number is meant"),
        ('{"hits": [{"y": NaN}], "misses": [{"y": 1}]}', "holds NaN, which is no number"),
        ('{"hits": [{"y": -Infinity}], "misses": []}', "holds -Infinity, which is no number"),
        ('{"hits": [{"y": 1e999}], "misses": [{"y": 1}]}', "gives nan, which is no figure"),
        ('{"hits": [{"y": 1, "y": 2}], "misses": []}', "has the key 'y' more than once"),
    ],
)
def test_an_answer_of_another_shape_is_no_figure(
    body: str, said: str, upstash: Documented, tmp_path: Path
) -> None:
    upstash.wrong["/v2/redis/stats/db-1"] = body
    found = look(feed(tmp_path, "upstash", upstash.url))
    assert not found.samples
    assert said in found.troubles[0]


def test_a_cache_that_nobody_asked_is_unknown_and_no_trouble(
    upstash: Documented, tmp_path: Path
) -> None:
    upstash.wrong["/v2/redis/stats/db-1"] = '{"hits": [{"y": 0}], "misses": [{"y": 0}]}'
    found = look(feed(tmp_path, "upstash", upstash.url))
    assert (found.samples, found.troubles) == ((), ())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"data": [{"id": "x"}] * 100, "last": "x"}, "gives the same page again and again"),
        ({"data": {"id": "x"}, "last": "x"}, "answered no list at data"),
        ({"data": None, "last": ""}, "answered no list at data"),
        ({"error": "busy"}, "answered no list at data"),
    ],
)
def test_a_list_that_is_none_or_does_not_end_is_no_figure(
    answer: object, said: str, tmp_path: Path
) -> None:
    with serving(source_servers.hms()) as running:
        running.wrong["/v2/sessions"] = json.dumps(answer)
        found = look(feed(tmp_path, "hms", running.url))
    assert {"active_rooms", "peak_hms_users"}.isdisjoint(figures(found))
    assert f"100ms (active_rooms, peak_hms_users): GET /v2/sessions {said}" in found.troubles
    assert "rooms_created" in figures(found)


def test_a_page_that_is_not_full_is_the_last(tmp_path: Path) -> None:
    with serving(source_servers.hms()) as running:
        look(feed(tmp_path, "hms", running.url))
    pages = [one.query for one in running.asked_for if one.path == "/v2/sessions"]
    assert sorted((one["active"], one.get("start", "")) for one in pages) == [
        ("false", ""), ("false", "e99"), ("true", ""), ("true", "a99"),
    ]  # fmt: skip
