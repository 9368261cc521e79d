"""Commands about alerts: evaluating, acknowledging, silencing, and what waits in the outbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic.commands import arguments
from synthetic.commands.arguments import moment, store_of, target_of
from synthetic.errors import UsageError

if TYPE_CHECKING:
    from synthetic.notify.delivery import Delivered
    from synthetic.store.values import Parcel

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
By = Annotated[str | None, typer.Option(help="Who says so; the user of this machine otherwise.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever wonders at the quiet.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (evaluate, alerts, ack, silence, maintenance, outbox):
        app.command()(command)


def evaluate(
    as_json: AsJson = False,
) -> None:
    """Hold the history against the plan now, and tell whoever must know."""
    from synthetic.commands.alerts_shown import round_as_json, round_told
    from synthetic.commands.plan import plan_of
    from synthetic.rounds import evaluate_round
    from synthetic.settings import load

    settings = load()
    plan = plan_of(settings)
    with store_of(settings) as store:
        target = target_of(settings, store)
        done = evaluate_round(store, plan, settings, target, clock=_now, show=_aside)
    typer.echo(round_as_json(done) if as_json else round_told(plan, done))
    _complain(done.delivered)


def alerts(as_json: AsJson = False) -> None:
    """Show the open incidents, and alerts that fire or begin to: exit 0 all right, 1 something
    fires, 6 nobody can tell."""
    from synthetic.commands.alerts_shown import standing_as_json, standing_told
    from synthetic.commands.plan import plan_of
    from synthetic.commands.status import stands
    from synthetic.settings import load
    from synthetic.watch.status import EXIT

    settings = load()
    plan, now = plan_of(settings), _now()
    with store_of(settings) as store:
        target = target_of(settings, store)
        status = stands(settings, plan, store, target, now)
        quiet = [one for one in store.silences(now) if one.target == target]
    typer.echo(standing_as_json(status, quiet) if as_json else standing_told(plan, status, quiet))
    raise typer.Exit(EXIT[status.verdict])


def ack(
    incident: Annotated[str, typer.Argument(help="Its id, the beginning of it, or its cause.")],
    by: By = None,
) -> None:
    """Take an incident: nobody else is called for want of an answer."""
    from synthetic.answers import take
    from synthetic.commands.plan import plan_of
    from synthetic.rounds import deliver
    from synthetic.settings import load

    settings = load()
    plan, who = plan_of(settings), by or _user()
    with store_of(settings) as store:
        target = target_of(settings, store)
        taken, parcels = take(store, plan, settings, target, incident, who, clock=_now)
        made = [parcel.id for parcel in parcels]
        delivered = deliver(store, settings, target, made, clock=_now, show=_aside)
    typer.echo(f"{who} has {taken.id}: {taken.title}")
    _complain(delivered)


def silence(
    match: Annotated[str, typer.Argument(help="A cause or a rule of the plan, or * for all.")],
    length: Annotated[str | None, typer.Option("--for", help="How long, such as 2h.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End those of it that hold.")] = False,
    by: By = None,
) -> None:
    """Hold notifications back for a while; what is still wrong then is told then."""
    now = _now()
    if end:
        _end(match, now)
        return
    if length is None or not reason:
        raise UsageError("a silence needs --for and --reason, such as --for 2h --reason 'new disk'")
    _silence(match, now, now + arguments.length("--for", length), reason, by)


def maintenance(
    begins: Annotated[str, typer.Option("--from", help="Such as 2026-12-01T22:00Z.")],
    ends: Annotated[str, typer.Option("--to", help="When all should be well again.")],
    reason: Reason,
    match: Annotated[str, typer.Option(help="A cause or a rule, instead of all.")] = "*",
    by: By = None,
) -> None:
    """Announce a window in which notifications are held back."""
    first, last = moment("--from", begins), moment("--to", ends)
    if first >= last:
        raise UsageError(f"--from {begins} does not lie before --to {ends}: swap them")
    if last <= _now():
        raise UsageError(f"--to {ends} has passed: a window should still be to come")
    _silence(match, first, last, reason, by)


def outbox(
    retry: Annotated[bool, typer.Option("--retry", help="Try now what is still news.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits to be delivered, and what was given up in the last week."""
    from synthetic.commands.alerts_shown import outbox_as_json, outbox_told
    from synthetic.notify.delivery import EVER
    from synthetic.rounds import deliver
    from synthetic.settings import load

    settings, now = load(), _now()
    delivered = None
    with store_of(settings) as store:
        if retry:
            target = target_of(settings, store)
            left = [one for one in store.due(EVER) if one.begun_at is None]
            open_ = {one.id for one in store.incidents(target, open_only=True)}
            given_up = store.given_up(now - timedelta(days=7))
            for parcel in (*left, *(one for one in given_up if _still_news(one, open_))):
                if parcel.note.target == target:
                    store.revive(parcel, now)
            delivered = deliver(store, settings, target, clock=_now, show=_aside)
        waiting, lost = store.due(EVER), store.given_up(now - timedelta(days=7))
    typer.echo(outbox_as_json(waiting, lost) if as_json else outbox_told(waiting, lost, now))
    if delivered:
        _complain(delivered)


def _still_news(parcel: Parcel, open_: Collection[str]) -> bool:
    """Of what was given up, whether it is worth a try: of an incident that is over, only that."""
    from synthetic.notify.delivery import OVERTAKEN

    note = parcel.note
    if note.event == "reminder" or parcel.problem == OVERTAKEN:
        return False
    return not note.incident or note.incident in open_ or note.event in ("resolved", "superseded")


def _silence(match: str, begins: datetime, ends: datetime, reason: str, by: str | None) -> None:
    from synthetic.answers import hold_back
    from synthetic.commands.plan import plan_of
    from synthetic.reports.words import instant
    from synthetic.settings import load

    settings = load()
    plan = plan_of(settings)
    with store_of(settings) as store:
        target = target_of(settings, store)
        hold_back(store, plan, target, match, begins, ends, reason, by or _user(), now=_now())
    what = "All" if match == "*" else match
    typer.echo(f"{what}: nobody is told from {instant(begins)} to {instant(ends)}, since {reason}")


def _end(match: str, now: datetime) -> None:
    from synthetic.answers import speak
    from synthetic.settings import load

    settings = load()
    with store_of(settings) as store:
        speak(store, target_of(settings, store), match, now)
    typer.echo(f"{match}: people are told again")


def _complain(delivered: Delivered) -> None:
    for problem in dict.fromkeys(delivered.problems):
        _aside(problem)


def _aside(text: str) -> None:
    typer.echo(text, err=True)


def _user() -> str:
    import getpass

    return getpass.getuser()


def _now() -> datetime:
    return datetime.now(UTC)
