"""Commands about the reports that people are owed, and drafts about incidents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from synthetic.commands import actions, baselines
from synthetic.commands.arguments import meant, moment, store_of, target_of
from synthetic.errors import UsageError
from synthetic.wording import fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synthetic.reports.definition import Report
    from synthetic.reports.document import Document
    from synthetic.settings import Settings
    from synthetic.store.history import Store

Format = Literal["text", "markdown", "html", "slack"]
As = Annotated[Format, typer.Option("--format", help="What it is written as.")]
At = Annotated[str | None, typer.Option("--at", help="A past moment, such as 2026-12-01T09:00Z.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(report)
    app.command()(incident)
    app.add_typer(actions.app, name="action")
    app.add_typer(baselines.app, name="baseline")


def report(
    name: Annotated[str, typer.Argument(help="Such as hourly or daily; list shows all.")],
    at: At = None,
    format_: As = "text",
    send: Annotated[bool, typer.Option("--send", help="Send it to where the plan says.")] = False,
) -> None:
    """Write a report as of now or of a past moment, from the history alone."""
    from synthetic.commands.plan import plan_of
    from synthetic.reports.definition import reports
    from synthetic.settings import load
    from synthetic.watch.reporting import write

    settings, now = load(), datetime.now(UTC)
    known = reports(settings.plan_dir)
    if name == "list":
        typer.echo(
            "\n".join(
                f"{one.name}: {one.titled().rstrip(':')}, {one.when}" for one in known.values()
            )
        )
        return
    plan = plan_of(settings)
    wanted = _wanted(known, name)
    when = moment("--at", at) if at else now
    with store_of(settings) as store:
        target = target_of(settings, store)
        document = write(store, plan, settings, target, wanted, when, now)
        typer.echo(written(document, format_), nl=False)
        if send:
            _send(store, settings, wanted, document)


def incident(
    name: Annotated[
        str | None, typer.Argument(help="Its id or the beginning of it; the worst open otherwise.")
    ] = None,
    at: At = None,
    format_: As = "text",
) -> None:
    """Draft the status-page post and the e-mail to affected users, for a person to send."""
    from synthetic.commands.plan import plan_of
    from synthetic.reports.gathering import incidents_at
    from synthetic.reports.incident_drafts import drafts
    from synthetic.reports.outages import open_now
    from synthetic.settings import load

    settings = load()
    plan = plan_of(settings)
    when = moment("--at", at) if at else datetime.now(UTC)
    with store_of(settings) as store:
        target = target_of(settings, store)
        all_ = incidents_at(store, plan, target, datetime.min.replace(tzinfo=UTC), when)
    found = [one for one in all_ if one.id.startswith(name)] if name else open_now(all_)[:1]
    if len(found) != 1:
        problem = (
            f"{fit(name, 80)} is {'more than one' if found else 'no'} incident"
            if name
            else ("no incident is open")
        )
        latest = ", ".join(one.id for one in (found or all_)[-5:])
        raise UsageError(f"{problem} of {target}: the latest are {latest or 'none'}")
    typer.echo(written(drafts(found[0], plan, when), format_), nl=False)


def written(document: Document, format_: Format) -> str:
    """A document in one of the formats; ``slack`` is the JSON of what is posted."""
    if format_ == "markdown":
        from synthetic.reports.as_markdown import markdown

        return markdown(document)
    if format_ == "html":
        from synthetic.reports.as_html import page

        return page(document)
    from synthetic.reports.as_text import note, text

    if format_ == "text":
        return text(document)
    from dataclasses import asdict

    from synthetic.notify.channels.slack_blocks import first

    return json.dumps(asdict(first(note(document))), indent=1, ensure_ascii=False) + "\n"


def _wanted(known: Mapping[str, Report], name: str) -> Report:
    if name not in known:
        rest = meant(name, known, f"there are {', '.join(known)}")
        raise UsageError(f"{fit(name, 80)} is no report: {rest}")
    return known[name]


def _send(store: Store, settings: Settings, wanted: Report, document: Document) -> None:
    from synthetic.watch.reporting import send

    delivered = send(
        store,
        settings,
        wanted,
        document,
        clock=lambda: datetime.now(UTC),
        show=lambda said: typer.echo(said, err=True),
    )
    for problem in dict.fromkeys(delivered.problems):
        typer.echo(problem, err=True)
