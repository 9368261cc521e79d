"""Is the site there, and does it say that it is well (plan, Part F, checks 1 and 5)?

For journeys, which are not asynchronous: the same requests as a round of probes makes.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx

from synthetic.errors import Refused, StepTimeout, WrongProduct
from synthetic.probes.certificate import trust
from synthetic.probes.clocks import their_now
from synthetic.probes.fetching import Answer, fetch
from synthetic.probes.health import judge
from synthetic.probes.transport import TimedTransport

ACCESSIBLE_WITHIN_MS = 2000.0  # plan, Part F, check 1
HEALTH = "/api/health"


def site_accessible(client: httpx.Client, url: str) -> float:
    """Milliseconds until the page at ``url`` was whole.

    ``client`` says who we are and how long we wait. Raises :class:`TargetUnreachable`,
    :class:`Refused` for any status but 200, and :class:`StepTimeout` when it took longer than the
    plan allows.
    """
    answer = _get(client, url)
    if trouble := not_accessible(answer):
        raise Refused(trouble) if answer.status != 200 else StepTimeout(trouble)
    return round(answer.timing.total_ms, 1)


def not_accessible(answer: Answer) -> str | None:
    """What the plan has against an answer of the site."""
    if answer.status != 200:
        return f"{answer.url} answered {answer.status}; the plan expects 200"
    if answer.timing.total_ms >= ACCESSIBLE_WITHIN_MS:
        took_s = answer.timing.total_ms / 1000
        return f"{answer.url} took {took_s:.1f} s; the plan expects less than 2 s"
    return None


def health_ok(client: httpx.Client, base_url: str) -> float:
    """Milliseconds until ``/api/health`` said ``ok``, and nothing in it disagreed.

    Raises :class:`WrongProduct` for another shape and :class:`Refused` for anything but ok.
    """
    answer = _get(client, base_url.rstrip("/") + HEALTH)
    now = their_now(answer.headers) or datetime.now(UTC)
    health = judge(answer.status, answer.body, now)
    if not health.is_report:
        raise WrongProduct(
            f"{answer.url} {health.findings[0]}; check that SYNTHETIC_BASE_URL is the product's"
        )
    if not health.up:
        raise Refused(f"{answer.url} {'; it '.join(health.findings)}")
    return round(answer.timing.total_ms, 1)


def _get(client: httpx.Client, url: str) -> Answer:
    async def ask() -> Answer:
        async with TimedTransport(_trusted()) as transport:
            asking = httpx.AsyncClient(
                transport=transport, headers=client.headers, cookies=client.cookies
            )
            return await fetch(asking, url, timeout_s=client.timeout.read or 20)

    # A thread of its own: the journeys' thread may hold Playwright's event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()


@functools.cache  # reading all the authorities takes longer than most answers
def _trusted() -> ssl.SSLContext:
    return trust(None)
