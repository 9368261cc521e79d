"""Commands about the history: importing, recording, rebuilding."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic.commands.arguments import meant, moment, store_of, target_of
from synthetic.errors import UsageError
from synthetic.wording import fit

if TYPE_CHECKING:
    from synthetic.plan.model import Metric


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command(name="import")(import_)
    app.command(context_settings={"ignore_unknown_options": True})(record)  # -5 is a value
    app.command()(rebuild)


def import_(
    file: Annotated[str, typer.Argument(help="JSON lines: metric value at labels; - is stdin.")],
    lenient: Annotated[bool, typer.Option(help="Store the good lines where some are bad.")] = False,
) -> None:
    """Take over samples that something else measured."""
    from synthetic.commands.importing import checked, opened, refused, stored, unread
    from synthetic.commands.plan import plan_of
    from synthetic.plan.observations import OBSERVATIONS
    from synthetic.settings import load

    settings = load()
    now = datetime.now(UTC)
    known = {*plan_of(settings).metrics, *OBSERVATIONS}
    with opened(file) as lines:
        problems, names = checked(lines, now)
        if problems and not lenient:
            raise refused(problems, file)
        with store_of(settings) as store:
            typer.echo(stored(store, target_of(settings, store), lines, now))
    for said in (*(f"left out: {one}" for one in problems), *unread(names, known)):
        typer.echo(said, err=True)


def record(
    metric: Annotated[str, typer.Argument(help="A metric of the plan.")],
    value: Annotated[float, typer.Argument(help="In the metric's unit.")],
    at: Annotated[str | None, typer.Option(help="When it was so; now, unless given.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="name=value, as often as need be.")
    ] = None,
) -> None:
    """Keep a figure that only a person knows, such as tickets, feedback or cost."""
    from synthetic.commands.plan import plan_of
    from synthetic.reports.words import figure, instant
    from synthetic.results import Sample
    from synthetic.settings import load

    settings = load()
    known = _known(plan_of(settings).metrics, metric)
    now = datetime.now(UTC)
    when = moment("--at", at) if at else now
    sample = Sample(metric=metric, value=value, at=when, labels=_labels(label or []))
    with store_of(settings) as store:
        added = store.add_samples(target_of(settings, store), [sample], now)
    if added.refused:
        raise UsageError(f"{metric} {value:g} cannot be kept: {added.refused[0].reason}")
    if added.duplicates:
        raise UsageError(f"{metric} has a value for {instant(when)} already, which stays")
    said = f"{figure(value, known.unit)} (unit: {known.unit})"
    typer.echo(f"{known.title}: {said}, {instant(when)}")


def rebuild() -> None:
    """Make the index of runs again from their records; all else in the history stays."""
    from synthetic.settings import load
    from synthetic.store import rebuild as rebuilding

    settings = load()
    records = sorted((settings.reports_dir / "runs").glob("*/run.json"))
    url = settings.store_url.get_secret_value() if settings.store_url else None
    now = datetime.now(UTC)
    store, aside = rebuilding.whole(url, settings.reports_dir, now)
    with store:
        if aside:
            typer.echo(f"The old history is damaged; it stays aside as {aside}.", err=True)
        with typer.progressbar(records, label="Records", file=sys.stderr) as bar:
            done = rebuilding.rebuild(store, bar, now)
        store.roll_up(now)
    for path in done.unreadable:
        typer.echo(f"{path} is no record and was left out.", err=True)
    dropped = f"; {done.dropped} without a record were dropped" if done.dropped else ""
    typer.echo(f"{done.runs} runs are in the history{dropped}.")


def _known(metrics: Mapping[str, Metric], name: str) -> Metric:
    if name in metrics:
        return metrics[name]
    rest = meant(name, metrics, "`synthetic plan` lists them")
    raise UsageError(f"the plan knows no metric {fit(name, 80)}: {rest}")


def _labels(given: list[str]) -> dict[str, str]:
    labels = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise UsageError(f"--label {fit(one, 80)} should be name=value, such as type=bug")
        labels[name] = value
    return labels
