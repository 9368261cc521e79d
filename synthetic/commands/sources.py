"""The command that reads all sources once, to see what they give."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from synthetic.wording import columns, fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synthetic.plan.model import Unit
    from synthetic.settings import Settings
    from synthetic.sources.figures import Reading
    from synthetic.sources.gather import Gathered

_WIDTHS = (30, 28, 12)
_LONGEST_LABELS = 60
FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(sources)


def sources(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    recipes: Annotated[
        bool, typer.Option("--recipes", help="List the recipes and what each needs instead.")
    ] = False,
) -> None:
    """Read every source that is switched on, once, and store nothing; 1 means trouble."""
    from synthetic.settings import load

    settings = load()
    if recipes:
        for line in _recipes(settings):
            typer.echo(line)
        return
    gathered = asyncio.run(_read(settings))
    if as_json:
        typer.echo(json.dumps([_row(one) for one in gathered.readings], indent=2))
    else:
        for line in _table(gathered):
            typer.echo(line)
        for said in gathered.troubles:
            typer.echo(said, err=True)
    if gathered.troubles:
        raise typer.Exit(FAILED)


async def _read(settings: Settings) -> Gathered:
    from synthetic.sources.gather import Sources

    async with Sources.open(settings, clock=lambda: datetime.now(UTC)) as sources:
        return await sources.gather()


def _recipes(settings: Settings) -> Iterator[str]:
    from synthetic.sources.binding import needs, variable
    from synthetic.sources.load import load, names

    folder = settings.feeds.folder
    for recipe in load(names(folder), folder):
        mark = "on " if recipe.name in settings.feeds.on else "off"
        yield f"{mark} {recipe.name}: {recipe.title}, {len(recipe.metric)} metrics"
        for need in needs(recipe):
            spared = " (may be left out)" if need.optional else ""
            yield f"      {variable(recipe.name)}__{need.setting}: {need.what}{spared}"


def _table(gathered: Gathered) -> Iterator[str]:
    from synthetic.reports.words import figure

    if not gathered.readings:
        yield "No source is switched on; `synthetic sources --recipes` lists what there is."
        return
    yield _line("METRIC", "VALUE", "UNIT", "RECIPE")
    for one in gathered.readings:
        unit = cast("Unit", one.unit)  # a recipe of one's own may have another, shown as it is
        for sample in one.samples:
            labels = " ".join(f"{name}={value}" for name, value in sample.labels.items())
            shown = f"{one.metric} {fit(labels, _LONGEST_LABELS)}".strip()
            yield _line(shown, figure(sample.value, unit), unit, one.recipe)
        if not one.samples:
            yield _line(one.metric, one.note or "trouble", one.unit, one.recipe)


def _line(*cells: str) -> str:
    padded = [
        cell + " " * max(1, width - columns(cell))
        for cell, width in zip(cells, _WIDTHS, strict=False)
    ]
    return "".join(padded) + cells[-1]


def _row(one: Reading) -> dict[str, Any]:
    samples = [
        {"value": sample.value, "at": sample.at.isoformat(), "labels": sample.labels}
        for sample in one.samples
    ]
    return {
        "metric": one.metric, "unit": one.unit, "recipe": one.recipe, "samples": samples,
        "trouble": one.trouble, "note": one.note,
    }  # fmt: skip
