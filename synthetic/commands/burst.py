"""Commands that run journeys close together after a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from synthetic.results import Run

_SINCE = timedelta(days=2)
"""The last full run should not be older."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(burst)


def burst() -> None:
    """Run what failed again, 90 s apart, until it works or enough is enough."""
    from synthetic.again import again
    from synthetic.commands.arguments import store_of, target_of
    from synthetic.evaluate import burst as following
    from synthetic.settings import load

    settings = load()
    with store_of(settings) as store:
        target = target_of(settings, store)

    def recent() -> list[Run]:
        now = datetime.now(UTC)
        with store_of(settings) as store:
            heads = store.runs(target, now - _SINCE, now)
            here = [one for one in heads if one.location == settings.location]
            known = following.recent(here, now)
            return [run for one in known if (run := store.run(one.run_id))]

    runs = go_on(recent, again, clock=lambda: datetime.now(UTC), wait=time.sleep)
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
