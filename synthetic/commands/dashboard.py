"""``synthetic dashboard``: what is known, on pages, served or as files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic.errors import UsageError

if TYPE_CHECKING:
    from synthetic.dashboard.watched import Watched
    from synthetic.settings import Settings
    from synthetic.store.history import Store

_PATIENCE_S = 2.0  # for a history that others write


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(dashboard)


def dashboard(
    host: Annotated[str, typer.Option(help="Where to listen; others need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = 0,
    export: Annotated[
        Path | None, typer.Option(help="Write the public status page there, and end.")
    ] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="With --export: all pages, for the team alone.")
    ] = False,
    target: Annotated[str | None, typer.Option(help="Of which target, if of several.")] = None,
) -> None:
    """Show what is known: serve pages until SIGTERM, or export them."""
    import logging
    import sys

    from synthetic.commands.plan import plan_of
    from synthetic.dashboard.watched import Watched
    from synthetic.settings import load
    from synthetic.store.history import Store

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if internal and export is None:
        raise UsageError("--internal says what --export writes: give --export DIR as well")
    settings = load()
    plan = plan_of(settings)
    url = settings.store_url.get_secret_value() if settings.store_url else None
    with Store.open(url, settings.reports_dir, _PATIENCE_S) as store:
        wanted = _target(settings, store, target)
        watched = Watched(store, plan, settings, wanted, lambda: datetime.now(UTC), host)
        if export is not None:
            _export(watched, export, internal=internal)
        else:
            _serve(watched, host, port)


def _export(watched: Watched, folder: Path, *, internal: bool) -> None:
    from synthetic.dashboard.export import export

    first = export(watched, folder, "internal" if internal else "public")
    typer.echo(json.dumps({"url": first.as_uri(), "export": str(first.parent)}))


def _serve(watched: Watched, host: str, port: int) -> None:
    import asyncio
    import signal

    from synthetic.dashboard.app import create_app
    from synthetic.dashboard.serving import Server, listen, settled, url_of

    app = create_app(watched)
    listener = listen(host, port)
    ready = json.dumps({"url": url_of(listener), "target": watched.target})
    for ends in (signal.SIGTERM, signal.SIGINT):  # the server ends by them, and then gives them on
        signal.signal(ends, lambda *_: None)
    settled()
    asyncio.run(Server(app, lambda: typer.echo(ready)).serve([listener]))


def _target(settings: Settings, store: Store, wanted: str | None) -> str:
    """The target that is meant: as asked, as settings say, or the only one that is known."""
    from synthetic.commands.arguments import target_of
    from synthetic.wording import meant

    known = store.targets()
    if wanted is not None:
        if known and wanted not in known:
            raise UsageError(
                f"nothing is known of {wanted}: {meant(wanted, known, _listed(known))}"
            )
        return wanted
    named = target_of(settings, store)
    if named in known or not known:
        return named
    if len(known) == 1:
        return known[0]
    raise UsageError(
        f"nothing is known of {named}: say which you mean by --target; {_listed(known)}"
    )


def _listed(known: tuple[str, ...]) -> str:
    return f"known are {', '.join(known)}"
