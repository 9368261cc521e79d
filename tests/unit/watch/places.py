"""A watcher over a real history, and what it showed on its console."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from synthetic.plan.load import load
from synthetic.reports.definition import reports
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.watch.assembly import World
from synthetic.watch.figures import Tally, samples_of

TARGET = "https://kulti.test/"
NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
PLAN = load()


class Place:
    """A watcher's world at a location, and what it showed on its console."""

    def __init__(self, store: Store, folder: Path, location: str = "home", **more: Any) -> None:
        settings = {"reports_dir": folder, "location": location, **more}
        self.now, self.shown, pool = NINE, list[str](), ThreadPoolExecutor(1)
        self.booted = NINE - timedelta(days=9)
        self.world = World(
            store,
            PLAN,
            Settings.model_validate(settings),
            TARGET,
            reports(),
            pool,
            lambda: self.now,
            self.shown.append,
            up=lambda: self.now - self.booted,
        )

    def tells(self) -> None:
        """A minute of a watcher's life: it says how it is, and evaluates."""
        own = samples_of({"probe": Tally(done=1)}, {}, self.world.settings.location, self.now)
        self.world.keep(own)
        self.world.evaluate()

    def beats(self, answer: httpx.Response | httpx.HTTPError) -> None:
        """A heartbeat to somebody who answers so."""

        def handle(_: httpx.Request) -> httpx.Response:
            if isinstance(answer, httpx.HTTPError):
                raise answer
            return answer

        async def beat() -> None:
            async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
                await self.world.beat(client)

        asyncio.run(beat())
