"""``synthetic status``: how things stand, from the history alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synthetic.plan.model import Plan
    from synthetic.settings import Settings
    from synthetic.store.history import Store
    from synthetic.watch.status import Status


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(status)


def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show the state at a glance: exit 0 all right, 1 something fires, 6 nobody can tell."""
    from synthetic.commands import status_shown
    from synthetic.commands.arguments import store_of, target_of
    from synthetic.commands.plan import plan_of
    from synthetic.settings import load
    from synthetic.watch.status import EXIT

    settings, at = load(), datetime.now(UTC)
    plan = plan_of(settings)
    with store_of(settings) as store:
        now = stands(settings, plan, store, target_of(settings, store), at)
    typer.echo(status_shown.as_json(now) if as_json else status_shown.told(plan, now))
    raise typer.Exit(EXIT[now.verdict])


def stands(settings: Settings, plan: Plan, store: Store, target: str, at: datetime) -> Status:
    """How a target stands, as its history has it."""
    from synthetic.evaluate.phases import phase_at
    from synthetic.watch import status as watching
    from synthetic.watch.cadence import cadence_of

    return watching.status(
        plan,
        phase_at(plan, settings.launch_at, at),
        target,
        store.ask(target),
        cadence_of(plan, settings, at),
        store.incidents(target),
        store.alerts(target),
        at,
    )
