"""Commands that run journeys close together after a failure."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from synthetic.results import Run

BURST = "burst"
RECENT = timedelta(hours=6)
"""What failed earlier has been given up, or is seen again by a scheduled run."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(burst)


def burst() -> None:
    """Run what failed again, 90 s apart, until it works or enough is enough."""
    from synthetic.commands.arguments import store_of
    from synthetic.journeys.target import STANDIN, label_of
    from synthetic.settings import load

    settings = load()
    url = str(settings.base_url) if settings.base_url else None
    target = label_of(url, settings.sink_timeout_s) if url else STANDIN

    def recent() -> list[Run]:
        now = datetime.now(UTC)
        with store_of(settings) as store:
            heads = store.runs(target, now - RECENT, now)
            here = [one.run_id for one in heads if one.location == settings.location]
            return [run for run_id in here if (run := store.run(run_id))]

    runs = go_on(recent, _run, clock=lambda: datetime.now(UTC), wait=time.sleep)
    typer.echo(f"{runs} runs" if runs else "nothing failed that is not known to work again")


def go_on(
    recent: Callable[[], Iterable[Run]],
    run: Callable[[tuple[str, ...]], object],
    *,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
) -> int:
    """Run journeys by name for as long as ``recent`` runs call for it; how many runs that were.

    A run that left no record ends it, since it would be asked for again at once.
    """
    from synthetic.evaluate.burst import wanted

    count, seen = 0, set[str]()
    while due := wanted(known := list(recent())):
        ids = {one.run_id for one in known}
        if ids <= seen:
            break
        seen |= ids
        first = min(one.due for one in due)
        wait(max(0.0, (first - clock()).total_seconds()))
        run(tuple(dict.fromkeys(name for one in due if one.due <= first for name in one.journeys)))
        count += 1
    return count


def _run(journeys: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "pytest", "-m", "smoke or full", "-k", " or ".join(journeys)]
    subprocess.run(command, env={**os.environ, "SYNTHETIC_TRIGGER": BURST}, check=False)
