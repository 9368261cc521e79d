"""What headers say: whether a cache answered, and what time it is over there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from synthetic.probes.caching import cache_hit, kept_out
from synthetic.probes.clocks import skew, their_now

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "hit"),
    [
        ({"x-vercel-cache": "HIT"}, True),
        ({"x-vercel-cache": "STALE"}, True),
        ({"x-vercel-cache": "PRERENDER"}, True),
        ({"x-vercel-cache": "MISS"}, False),
        ({"x-vercel-cache": "BYPASS"}, None),
        ({"cf-cache-status": "REVALIDATED"}, True),
        ({"cf-cache-status": "EXPIRED"}, False),
        ({"cf-cache-status": "DYNAMIC"}, None),
        ({"x-cache": "Hit from cloudfront"}, True),
        ({"x-cache": "MISS, HIT"}, True),
        ({"x-cache": "Miss from cloudfront"}, False),
        ({"age": "12"}, True),
        ({"age": "0"}, None),
        ({"age": "٣"}, None),
        ({"age": "9" * 5000}, True),
        ({}, None),
    ],
)
def test_caches_say_whether_they_answered(headers: dict[str, str], hit: bool | None) -> None:
    assert cache_hit(headers) is hit


@pytest.mark.parametrize(
    ("said", "out"),
    [
        ("private", True),
        ("no-cache, no-store", True),
        ("PRIVATE, max-age=0", True),
        ("public, max-age=0, must-revalidate", True),  # Vercel's own
        ("no-cache", True),
        ("max-age=600, s-maxage=0", True),
        ("max-age=0, s-maxage=60", False),
        ("public, max-age=600", False),
        ("", False),
    ],
)
def test_what_no_cache_should_answer_counts_in_no_rate(said: str, out: bool) -> None:
    assert kept_out({"cache-control": said}) is out


def dated(ahead: timedelta, age: str | None = None) -> dict[str, str]:
    headers = {"date": format_datetime(NOW + ahead, usegmt=True)}
    return headers | ({"age": age} if age else {})


def test_their_time_counts_how_long_a_cache_kept_the_answer() -> None:
    assert their_now(dated(timedelta(seconds=-90), "90")) == NOW


@pytest.mark.parametrize("ahead_s", [-300, 300])
def test_a_clock_far_from_ours_is_told(ahead_s: int) -> None:
    assert skew(dated(timedelta(seconds=ahead_s)), NOW) == timedelta(seconds=ahead_s)


@pytest.mark.parametrize("headers", [dated(timedelta(seconds=2)), {}, {"date": "soon"}])
def test_a_clock_near_ours_or_none_is_not(headers: dict[str, str]) -> None:
    assert skew(headers, NOW) is None
