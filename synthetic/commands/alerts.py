"""Commands about alerts: evaluating, acknowledging, silencing, and what waits in the outbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic.commands import arguments
from synthetic.commands.arguments import meant, moment, store_of, target_of
from synthetic.errors import UsageError

if TYPE_CHECKING:
    from synthetic.notify.delivery import Delivered
    from synthetic.plan.model import Plan
    from synthetic.store.history import Store
    from synthetic.store.values import Incident, Parcel

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
    plan, target = plan_of(settings), target_of(settings)
    with store_of(settings) as store:
        done = evaluate_round(store, plan, settings, target, clock=_now, show=_aside)
    typer.echo(round_as_json(done) if as_json else round_told(plan, done))
    _complain(done.delivered)


def alerts(as_json: AsJson = False) -> None:
    """Show the open incidents, and alerts that fire or begin to."""
    from synthetic.commands.alerts_shown import standing_as_json, standing_told
    from synthetic.commands.plan import plan_of
    from synthetic.settings import load

    settings = load()
    plan, target, now = plan_of(settings), target_of(settings), _now()
    with store_of(settings) as store:
        incidents = store.incidents(target, open_only=True)
        open_ = [one for one in store.alerts(target) if one.state in ("pending", "firing")]
        quiet = [one for one in store.silences(now) if one.target == target]
    if as_json:
        typer.echo(standing_as_json(incidents, open_, quiet))
    else:
        typer.echo(standing_told(plan, incidents, open_, quiet, now))


def ack(
    incident: Annotated[str, typer.Argument(help="Its id, the beginning of it, or its cause.")],
    by: By = None,
) -> None:
    """Take an incident: nobody else is called for want of an answer."""
    from synthetic.commands.plan import plan_of
    from synthetic.notify.escalation import acknowledge
    from synthetic.notify.scene import Around
    from synthetic.rounds import alone, deliver, pages_of
    from synthetic.settings import load

    settings = load()
    plan, target, who = plan_of(settings), target_of(settings), by or _user()
    with store_of(settings) as store:
        with alone(store, target, _now):
            wanted = _wanted(store, target, incident)
            around = Around(pages=pages_of(settings))
            taken, parcels = acknowledge(wanted, who, _now(), plan, around)
            store.commit_round(target, store.alerts(target), (), (taken,), parcels)
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
    target, delivered = target_of(settings), None
    with store_of(settings) as store:
        if retry:
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
    from synthetic.commands.plan import plan_of
    from synthetic.notify.grouping import whose
    from synthetic.reports.words import instant
    from synthetic.settings import load
    from synthetic.store.values import Silence

    settings = load()
    target = target_of(settings)
    _known(plan_of(settings), match)
    name = f"{begins:%Y%m%dT%H%M%SZ}-{match}-{whose(target)}"
    with store_of(settings) as store:
        store.add_silence(Silence(name, target, match, begins, ends, reason, by or _user()))
    what = "All" if match == "*" else match
    typer.echo(f"{what}: nobody is told from {instant(begins)} to {instant(ends)}, since {reason}")


def _end(match: str, now: datetime) -> None:
    from dataclasses import replace

    from synthetic.settings import load

    settings = load()
    wanted = (target_of(settings), match)
    with store_of(settings) as store:
        holding = [one for one in store.silences(now) if (one.target, one.matches) == wanted]
        for one in holding:
            store.add_silence(replace(one, ends_at=now))
    if not holding:
        raise UsageError(f"no silence of {match} holds: `synthetic alerts` lists those that do")
    typer.echo(f"{match}: people are told again")


def _known(plan: Plan, match: str) -> None:
    names = {*plan.causes, *(row.id for row in plan.rows if row.alerts)}
    if match in names or match == "*":
        return
    rest = meant(match, names, "`synthetic plan` lists them")
    raise UsageError(f"the plan has no cause or rule {match}: {rest}")


def _wanted(store: Store, target: str, name: str) -> Incident:
    open_ = store.incidents(target, open_only=True)
    found = [one for one in open_ if one.id.startswith(name) or one.cause == name]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(one.id for one in found or open_) or "none"
    problem = "more than one incident" if found else "no open incident"
    raise UsageError(f"{name} is {problem}; open are: {listed}")


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
