"""``synthetic action``: who does what until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synthetic.reports.actions import Action

    Actions = tuple[Action, ...]

app = typer.Typer(
    help="Who does what until when; it comes back in reports until it is closed.",
    no_args_is_help=True,
)


@app.command()
def add(
    text: Annotated[str, typer.Argument(help="What is to be done.")],
    owner: Annotated[str, typer.Option(help="Who does it.")],
    due: Annotated[str, typer.Option(help="By which day, such as 2026-12-04.")],
) -> None:
    """Give somebody something to do."""
    from synthetic.commands.arguments import day
    from synthetic.reports import actions

    last, now = day("--due", due), datetime.now(UTC)
    *_, new = _changed(lambda known: actions.add(known, text, owner, last, now))
    typer.echo(f"#{new.number} {new.text}: {actions.said(new, now.date())}")


@app.command()
def close(number: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """Say that something is done."""
    from synthetic.reports import actions

    now = datetime.now(UTC)
    kept = _changed(lambda known: actions.close(known, number, now))
    left = len(actions.open_at(kept, now))
    typer.echo(f"#{number} is closed, {left or 'none'} left open.")


@app.command(name="list")
def list_() -> None:
    """Show what is open, the longest overdue first."""
    from synthetic.commands.arguments import store_of, target_of
    from synthetic.reports import actions
    from synthetic.reports.gathering import actions_note
    from synthetic.settings import load

    settings, now = load(), datetime.now(UTC)
    with store_of(settings) as store:
        kept = actions.from_json(store.note(actions_note(target_of(settings, store))) or ())
    left = actions.open_at(kept, now)
    for one in left:
        typer.echo(f"#{one.number} {one.text}: {actions.said(one, now.date())}")
    if not left:
        typer.echo("None is open: `synthetic action add TEXT --owner WHO --due DATE` adds one.")


def _changed(change: Callable[[Actions], Actions]) -> Actions:
    """The items after a change, which nobody else's comes between."""
    from synthetic.commands.arguments import store_of, target_of
    from synthetic.reports import actions
    from synthetic.reports.gathering import actions_note
    from synthetic.rounds import alone
    from synthetic.settings import load

    settings = load()
    with store_of(settings) as store:
        target = target_of(settings, store)
        name = actions_note(target)
        with alone(store, target, lambda: datetime.now(UTC)):
            kept = change(actions.from_json(store.note(name) or ()))
            store.keep_note(name, actions.as_json(kept))
    return kept
