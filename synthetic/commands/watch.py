"""``synthetic watch``: one process that keeps an eye on the target."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(watch)


def watch(
    port: Annotated[int, typer.Option(help="Where the dashboard listens; 0: any free port.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address that it listens at; others than loopback need a token.")
    ] = "127.0.0.1",
) -> None:
    """Probe, run journeys, evaluate and tell, at the plan's times, until SIGTERM."""
    from synthetic.settings import load
    from synthetic.watch.process import watch as go_on

    go_on(load(), host=host, port=port, say=lambda line: print(line, flush=True))
