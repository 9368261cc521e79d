"""The command line: reads arguments, hands over, and turns errors into sentences.

Each command imports what it needs itself, so that ``synthetic --help`` stays fast.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic.commands import (
    alerts,
    burst,
    dashboard,
    doctor,
    gate,
    history,
    init,
    plan,
    reports,
    sources,
    status,
    watch,
)
from synthetic.errors import SyntheticError

if TYPE_CHECKING:
    from synthetic._settings_sources import Described

WRONG_USAGE = 2

app = typer.Typer(
    help="A synthetic monitor for two-party video products.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for subject in (
    plan,
    history,
    alerts,
    burst,
    reports,
    status,
    dashboard,
    sources,
    watch,
    gate,
    doctor,
    init,
):
    subject.register(app)


@app.callback()
def everywhere(
    debug: Annotated[  # main() looks for it itself: errors are its affair
        bool, typer.Option("--debug", help="Show tracebacks, as SYNTHETIC_DEBUG=1 does.")
    ] = False,
) -> None:
    """A synthetic monitor for two-party video products."""
    del debug


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],  # the stand-in describes its own options
    }
)
def standin(context: typer.Context) -> None:
    """Serve the local stand-in for the product; --help lists its options."""
    from synthetic.standin.__main__ import main as serve

    raise typer.Exit(serve(context.args))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a run record."""
    from synthetic.results import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


@app.command()
def settings() -> None:
    """Print every setting as a Markdown table."""
    from synthetic.settings import describe

    typer.echo(settings_table(describe()))


@app.command()
def repro(
    run_id: str,
    headed: Annotated[bool, typer.Option(help="Show the browsers.")] = False,
    slow: Annotated[int, typer.Option(help="Milliseconds that each gesture takes longer.")] = 0,
) -> None:
    """Run the failed journeys of a run again, against the same target."""
    from synthetic.repro import rerun
    from synthetic.settings import load
    from synthetic.store.run_folder import RunFolder

    folder = RunFolder.open(load().reports_dir, run_id)
    again = rerun(folder.read(), headed=headed, slow_ms=slow)
    raise typer.Exit(subprocess.run(again.command, env={**os.environ, **again.environ}).returncode)


def settings_table(rows: list[Described]) -> str:
    """The settings as docs/settings.md shows them."""
    lines = ["| setting | type | default | what it is |", "|---|---|---|---|"]
    for row in rows:
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.name}` | {row.type} | {default} | {row.doc} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code, 2 for wrong usage or settings.

    A traceback is shown only with ``--debug`` or ``SYNTHETIC_DEBUG``.
    """
    arguments = sys.argv[1:] if argv is None else argv
    try:
        app(arguments, prog_name="synthetic")
    except SyntheticError as error:
        if "--debug" in arguments or os.environ.get("SYNTHETIC_DEBUG"):
            raise
        sys.stderr.write(f"{error}\n")
        return WRONG_USAGE
    except SystemExit as done:  # how typer ends every command
        return done.code if isinstance(done.code, int) else 0
    return 0
