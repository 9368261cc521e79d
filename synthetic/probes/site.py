"""Is the site there, and does it say that it is well (plan, Part F, checks 1 and 5)?"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from synthetic.errors import RateLimited, Refused, StepTimeout, TargetUnreachable, WrongProduct

ACCESSIBLE_WITHIN_MS = 2000.0  # plan, Part F, check 1
_MOST_BYTES = 5_000_000


def site_accessible(client: httpx.Client, url: str) -> float:
    """Milliseconds until the page at ``url`` was whole.

    Raises :class:`TargetUnreachable`, :class:`Refused` for any status but 200, and
    :class:`StepTimeout` when it took longer than the plan allows.
    """
    answer = _get(client, url)
    if answer.status != 200:
        raise Refused(f"{url} answered {answer.status}; the plan expects 200")
    if answer.elapsed_ms >= ACCESSIBLE_WITHIN_MS:
        raise StepTimeout(
            f"{url} took {answer.elapsed_ms / 1000:.1f} s; the plan expects less than 2 s"
        )
    return answer.elapsed_ms


def health_ok(client: httpx.Client, base_url: str) -> float:
    """Milliseconds until ``/api/health`` said ``ok``, and none of its checks disagreed.

    Raises :class:`WrongProduct` for another shape and :class:`Refused` for anything but ok.
    """
    url = f"{base_url.rstrip('/')}/api/health"
    answer = _get(client, url)
    try:
        health = json.loads(answer.body)
        status, checks = health["status"], health.get("checks", {})
        failing = sorted(_failing(checks))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise WrongProduct(
            f"{url} answered {answer.status} with something other than a health report; "
            "check that SYNTHETIC_BASE_URL is the product's"
        ) from error
    if failing:
        named = ", ".join(failing)[:300]
        raise Refused(f"{url} says {str(status)[:40]!r} while these checks fail: {named}")
    if answer.status != 200 or status != "ok":
        raise Refused(f"{url} answered {answer.status} with status {str(status)[:40]!r}")
    return answer.elapsed_ms


def _failing(checks: Mapping[str, Any], path: str = "") -> list[str]:
    names = []
    for name, check in checks.items():
        here = f"{path}{str(name)[:40]}"
        if isinstance(check, Mapping):
            names += _failing(check, f"{here}.")
        elif check is False or check in ("error", "failed", "down", "unreachable"):
            names.append(here)
    return names


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    elapsed_ms: float


def _get(client: httpx.Client, url: str) -> _Answer:
    started = time.perf_counter()
    body = bytearray()
    longest = client.timeout.read  # of the whole: a trickle never exceeds it between two bytes
    try:
        with client.stream("GET", url) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if longest and time.perf_counter() - started > longest:
                    raise StepTimeout(f"{url} was not whole after {longest:g} s")
                if len(body) > _MOST_BYTES:
                    raise Refused(f"{url} sent more than {_MOST_BYTES // 1_000_000} MB")
    except httpx.TooManyRedirects as error:
        raise TargetUnreachable(
            f"{url} redirects in a loop; check SYNTHETIC_BASE_URL and the product's redirects"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetUnreachable(
            f"nothing usable answers at {url} ({type(error).__name__}: {error}); "
            "check SYNTHETIC_BASE_URL and whether the product is up"
        ) from error
    if response.status_code == 429:
        raise RateLimited(f"{url} answered 429: we asked too often; run less often")
    elapsed_ms = (time.perf_counter() - started) * 1000
    return _Answer(response.status_code, bytes(body), round(elapsed_ms, 1))
