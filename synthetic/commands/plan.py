"""Commands about the plan: listing, exporting, replaying."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from synthetic.commands.arguments import length, moment, store_of, target_of
from synthetic.errors import UsageError

if TYPE_CHECKING:
    from synthetic.plan.model import Phase, Plan
    from synthetic.settings import Settings

PlanFolder = Annotated[
    Path | None, typer.Option("--plan", help="Folder of another plan than the setting's.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command(name="plan")(show)
    app.command()(replay)


def show(
    as_json: AsJson = False,
    prometheus: Annotated[bool, typer.Option("--prometheus", help="As Prometheus rules.")] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="As docs/plan-coverage.md: what sees each item.")
    ] = False,
    grafana: Annotated[
        Path | None, typer.Option("--grafana", help="As Grafana dashboards, into this folder.")
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="Only its rules: launch, week1, month1 or steady.")
    ] = None,
    folder: PlanFolder = None,
) -> None:
    """Print the monitoring plan, part by part."""
    from synthetic.settings import load

    if as_json + prometheus + coverage + (grafana is not None) > 1:
        raise UsageError(
            "--json, --prometheus, --coverage and --grafana exclude each other: give one"
        )
    settings = load()
    if grafana:
        typer.echo(_dashboards(plan_of(settings, folder), grafana), nl=False)
        return
    typer.echo(
        _shown(
            plan_of(settings, folder),
            "json" if as_json else "prometheus" if prometheus else "coverage" if coverage else "",
            _phase(phase),
            settings.launch_at,
        ),
        nl=False,
    )


def _shown(plan: Plan, how: str, phase: Phase | None, launch_at: datetime | None) -> str:
    if how == "json":
        from synthetic.exports.catalogue import catalogue

        return json.dumps(catalogue(plan, phase), indent=2, ensure_ascii=False) + "\n"
    if how == "prometheus":
        from synthetic.evaluate.phases import phase_at
        from synthetic.exports.prometheus import rules_file

        return rules_file(plan, phase or phase_at(plan, launch_at, datetime.now(UTC)))
    if how == "coverage":
        from synthetic.exports.coverage import coverage

        return coverage(plan)
    from synthetic.commands.plan_table import table

    return table(plan, phase) + "\n"


def _dashboards(plan: Plan, folder: Path) -> str:
    """Write each of Grafana's dashboards, and say where."""
    from synthetic.exports.grafana import PAGES, TAG, dashboard

    written = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for page in PAGES:
            path = folder / f"{TAG}-{page.name}.json"
            text = json.dumps(dashboard(plan, page), indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
            written += f"{path}\n"
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"--grafana {folder} cannot be written ({reason}): name another") from None
    return written


def replay(
    start: Annotated[str, typer.Option("--from", help="First moment, such as 2026-12-01T09:00Z.")],
    end: Annotated[str, typer.Option("--to", help="Last moment.")],
    every: Annotated[str, typer.Option(help="Between two evaluations, such as 60s or 5m.")] = "60s",
    folder: PlanFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what a plan would have alerted of, when and whom, without telling anybody."""
    from synthetic.commands.replaying import Replay
    from synthetic.settings import load

    first, last = moment("--from", start), moment("--to", end)
    step = length("--every", every)
    if first > last:
        raise UsageError(f"--from {start} lies after --to {end}: swap them")
    settings = load()
    plan = plan_of(settings, folder)
    with store_of(settings) as store:
        target = target_of(settings, store)
        replayed = Replay(plan, target, settings.launch_at, store.ask(target), first, last, step)
        for line in replayed.transitions() if as_json else replayed.told():
            typer.echo(line)


def plan_of(settings: Settings, folder: Path | None = None) -> Plan:
    """The plan in a folder, or else that of the settings, with their values for its blanks."""
    from synthetic.plan.load import load

    return load(folder or settings.plan_dir, settings.plan_values)


def _phase(text: str | None) -> Phase | None:
    from synthetic.plan import model

    names: tuple[Phase, ...] = get_args(model.Phase)
    if text is not None and text not in names:
        raise UsageError(f"--phase {text} is none: it should be {', '.join(names)}")
    return next((name for name in names if name == text), None)
