"""``synthetic baseline``: what day 1 was like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from synthetic.errors import UsageError

app = typer.Typer(help="What day 1 was like; reports show figures beside it.", no_args_is_help=True)


@app.command()
def learn(
    day: Annotated[
        str | None, typer.Option(help="The day (UTC) to learn from; the launch's, unless given.")
    ] = None,
) -> None:
    """Learn a new version of each baseline that differs."""
    from synthetic.commands import arguments
    from synthetic.commands.plan import plan_of
    from synthetic.reports import baselines
    from synthetic.reports.gathering import baselines_note
    from synthetic.reports.period import day_of
    from synthetic.settings import load

    settings, now = load(), datetime.now(UTC)
    if day is not None:
        within = day_of(arguments.day("--day", day))
    elif settings.launch_at is not None:
        within = baselines.day_1(settings.launch_at)
    else:
        raise UsageError("no launch is set: give --day, or set SYNTHETIC_LAUNCH_AT")
    with arguments.store_of(settings) as store:
        target = arguments.target_of(settings, store)
        known = baselines.from_json(store.note(baselines_note(target)) or ())
        kept = baselines.learned(known, plan_of(settings), store.ask(target), within, now)
        store.keep_note(baselines_note(target), baselines.as_json(kept))
    typer.echo(f"{len(kept) - len(known)} figures of {within} were learned.")


@app.command(name="list")
def list_() -> None:
    """Show every version of each."""
    from synthetic.commands.arguments import store_of, target_of
    from synthetic.commands.plan import plan_of
    from synthetic.reports import baselines, words
    from synthetic.reports.gathering import baselines_note
    from synthetic.settings import load

    settings = load()
    plan = plan_of(settings)
    with store_of(settings) as store:
        target = target_of(settings, store)
        kept = baselines.from_json(store.note(baselines_note(target)) or ())
    for one in kept:
        metric = plan.metrics.get(one.metric)
        value = words.figure(one.value, metric.unit if metric else "count")
        title = metric.title if metric else one.metric
        typer.echo(f"{title}: {value}, {words.day(one.day)} (version {one.version})")
    if not kept:
        typer.echo("None is learned: `synthetic baseline learn --day DATE` learns them.")
