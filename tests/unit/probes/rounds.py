"""Rounds of probes, and what they found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from synthetic.probes.prober import Probed, Prober
from synthetic.settings import Settings, load

GUEST = "guest@synthetic.test"
FAST = {"SYNTHETIC_WATCH__PROBE_EVERY": "0.1s", "SYNTHETIC_LOCATION": "fra"}
HEALTH = "/api/health"


def settings(url: str, **more: str) -> Settings:
    values = {"SYNTHETIC_BASE_URL": url, "SYNTHETIC_PROBES__TIMEOUT_S": "5"}
    values |= FAST | {f"SYNTHETIC_{name}": value for name, value in more.items()}
    return load(Path("/nonexistent"), values)


def member(url: str, **more: str) -> Settings:
    """With a mailbox, by which the standing account can sign in."""
    return settings(url, INBOX__URL=f"{url}/mail", ACCOUNTS__STANDING=GUEST, **more)


def now() -> datetime:
    return datetime.now(UTC)


def probing(
    known: Settings,
    doing: Callable[[Prober], Awaitable[Probed]] = Prober.round,
    clock: Callable[[], datetime] = now,
) -> Probed:
    async def going() -> Probed:
        async with await Prober.open(known, clock=clock, jitter=lambda: 0.5) as prober:
            return await doing(prober)

    return asyncio.run(going())


def values(probed: Probed, metric: str, **labels: str) -> list[float]:
    return [
        one.value
        for one in probed.samples
        if one.metric == metric and labels.items() <= one.labels.items()
    ]


def well(**more: object) -> str:
    return json.dumps(
        {"status": "ok", "timestamp": now().isoformat(), "checks": {"web": True}} | more
    )
