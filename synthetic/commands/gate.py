"""``synthetic gate``: whether a candidate may be deployed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synthetic.gate.judging import Against, Run
    from synthetic.gate.model import Decision
    from synthetic.gate.told import Asked
    from synthetic.settings import Settings

_SUITES = ("smoke", "full")
_INCONCLUSIVE = 3


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(gate)


def gate(
    target: Annotated[str, typer.Option(help="Where the candidate is.")],
    suite: Annotated[str, typer.Option(help="smoke or full.")] = "smoke",
    baseline: Annotated[
        str | None, typer.Option(help="Production's URL, or its history: a database URL or path.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Limit of it all, such as 5m; 5m for smoke, 60m for full.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Block what is degraded, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Decide whether a candidate may be deployed: 0 yes, 1 no, 3 it could not be told.

    The JSON holds `verdict` (passed, degraded, failed or inconclusive), `exit_code`, `why` and
    `notes` (sentences), `runs` with their steps, and the `comparison` with all its figures; what
    each field means stands in docs/gate.md.
    """
    import time

    from synthetic.commands.arguments import length
    from synthetic.errors import UsageError
    from synthetic.gate.judging import judge
    from synthetic.gate.sides import BUDGET_S
    from synthetic.settings import load

    if suite not in _SUITES:
        raise UsageError(f"--suite {suite!r} should be {' or '.join(_SUITES)}")
    budget_s = length("--budget", budget).total_seconds() if budget else BUDGET_S[suite]
    settings = load()
    with _broken_is_no_verdict():
        asked, run, against = _prepared(settings, target, baseline, suite, budget_s, strict)
        with _told_to_end():
            decision = judge(run, time.monotonic, budget_s, against)
        _tell(decision, asked, as_json)
    raise typer.Exit(decision.exit_code(strict=strict))


@contextmanager
def _broken_is_no_verdict() -> Iterator[None]:
    """What breaks in the gate itself is not the candidate's fault, and 1 would say so."""
    import logging

    from synthetic.errors import SyntheticError

    try:
        yield
    except SyntheticError:
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("the gate broke")
        typer.echo(
            f"INCONCLUSIVE: the gate itself broke ({type(error).__name__}), which says nothing "
            "about the candidate; run it again, and report what stands above.",
            err=True,
        )
        raise typer.Exit(_INCONCLUSIVE) from None


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Whoever ends us gets no verdict, and nothing that we started outlives us."""
    import signal

    def end(*_: object) -> None:
        raise SystemExit(_INCONCLUSIVE)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(decision: Decision, asked: Asked, as_json: bool) -> None:
    import json
    import os

    from synthetic.gate import told

    whole = told.as_json(decision, asked)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in told.for_github(whole):
            typer.echo(line, err=True)  # standard output may be somebody's JSON
    if as_json:
        typer.echo(json.dumps(whole, indent=2))
    else:
        typer.echo(told.as_text(decision, asked))


def _prepared(
    settings: Settings, target: str, baseline: str | None, suite: str, budget_s: float, strict: bool
) -> tuple[Asked, Run, Against]:
    from synthetic.gate import sides
    from synthetic.gate.judging import Against
    from synthetic.gate.told import Asked

    candidate = sides.address("--target", target)
    against, url, name = Against(), None, None
    if baseline is not None and sides.is_address(baseline):
        name = url = sides.address("--baseline", baseline)
        against = Against(url=True)
    elif baseline is not None:
        name, against = "the history", _history(settings, baseline, suite)
    asked = Asked(candidate, name, suite, settings.location, budget_s, strict)
    return asked, _runs(settings, candidate, url, suite), against


def _history(settings: Settings, baseline: str, suite: str) -> Against:
    from datetime import UTC, datetime

    from synthetic.gate import sides
    from synthetic.journeys.target import label_of
    from synthetic.store.history import Store

    url, reports = sides.store_url(baseline), settings.reports_dir

    def opened() -> Store:
        return Store.reading(url, reports)

    production = label_of(str(settings.base_url), opened) if settings.base_url else None
    now, location = datetime.now(UTC), settings.location
    return sides.history(opened, production, suite=suite, location=location, now=now)


def _runs(settings: Settings, candidate: str, baseline: str | None, suite: str) -> Run:
    """How a side is run; records go to a folder of this gate's own."""
    import random
    from datetime import UTC, datetime

    from synthetic.gate.model import Ran, Side
    from synthetic.gate.running import Runner, command_of
    from synthetic.settings import PREFIX
    from synthetic.store.run_folder import new_run_id

    folder = settings.reports_dir / "gate" / new_run_id(datetime.now(UTC), random.Random())
    argv = command_of(suite)
    ours = Runner("candidate", candidate, folder / "candidate", argv, settings.target_pass)
    runners: dict[Side, Runner] = {"candidate": ours}
    if baseline:
        # The pass is the candidate's: production never sees it.
        other = {name: one.get_secret_value() for name, one in settings.gate.baseline.items()}
        more = {f"{PREFIX}TARGET_PASS__SENT_AS": "off"}
        more |= {f"{PREFIX}{name.upper()}": value for name, value in other.items()}
        runners["baseline"] = Runner("baseline", baseline, folder / "baseline", argv, more=more)

    def run(side: Side, limit_s: float) -> Ran:
        return runners[side].run(limit_s)

    return run
