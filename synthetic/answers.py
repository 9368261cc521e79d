"""What people answer to incidents: that they have one, and that there should be quiet.

The command line and the dashboard both do it here. Every answer may be given twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from synthetic.errors import UsageError
from synthetic.notify.escalation import acknowledge
from synthetic.notify.grouping import whose
from synthetic.notify.routing import Told
from synthetic.notify.scene import Around
from synthetic.plan.model import Plan
from synthetic.reports.words import instant
from synthetic.rounds import alone, pages_of
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.values import Incident, Silence
from synthetic.wording import fit, meant

_LONGEST = 200
Clock = Callable[[], datetime]


def take(
    store: Store,
    plan: Plan,
    settings: Settings,
    target: str,
    name: str,
    by: str,
    *,
    clock: Clock,
    wait: Callable[[float], None] = time.sleep,
) -> Told:
    """Somebody has an open incident, by its id, the beginning of it, or its cause.

    Returns it with what is to be delivered: nothing if they have it already. Raises
    :class:`~synthetic.errors.UsageError` where not one incident is meant.
    """
    with alone(store, target, clock, wait):
        wanted = the_open(store, target, name)
        if wanted.acknowledged_at and wanted.acknowledged_by == by:
            return wanted, ()
        around = Around(pages=pages_of(settings))
        taken, parcels = acknowledge(wanted, by, clock(), plan, around)
        store.commit_round(target, store.alerts(target), (), (taken,), parcels)
    return taken, parcels


def the_open(store: Store, target: str, name: str) -> Incident:
    """The one open incident of that id, beginning of an id, or cause; else :class:`UsageError`."""
    open_ = store.incidents(target, open_only=True)
    found = [one for one in open_ if one.id.startswith(name) or one.cause == name]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(one.id for one in found or open_) or "none"
    problem = "more than one incident" if found else "no open incident"
    raise UsageError(f"{fit(name, _LONGEST)} is {problem}; open are: {listed}")


def hold_back(
    store: Store,
    plan: Plan,
    target: str,
    match: str,
    begins: datetime,
    ends: datetime,
    reason: str,
    by: str,
    *,
    now: datetime,
) -> Silence:
    """Keep a silence of a cause, a rule, or ``*``; the one that holds, if it says the same.

    Raises :class:`~synthetic.errors.UsageError` where the plan has no such cause or rule, where
    no reason is given, and where its end is over or lies before its beginning.
    """
    _checked(plan, match, begins, ends, reason, now)
    for one in holding(store, target, match, now):
        if (one.reason, one.by, one.ends_at - one.begins_at) == (reason, by, ends - begins):
            return one
    name = f"{begins:%Y%m%dT%H%M%SZ}-{match}-{whose(target)}"
    made = Silence(name, target, match, begins, ends, reason, by)
    store.add_silence(made)
    return made


def _checked(
    plan: Plan, match: str, begins: datetime, ends: datetime, reason: str, now: datetime
) -> None:
    names = {*plan.causes, *(row.id for row in plan.rows if row.alerts)}
    if match not in names and match != "*":
        rest = meant(match, names, "`synthetic plan` lists them")
        raise UsageError(f"the plan has no cause or rule {fit(match, _LONGEST)}: {rest}")
    if not reason:
        raise UsageError("a silence needs a reason, for whoever wonders at the quiet")
    if ends <= begins:
        raise UsageError(f"a silence that ends {instant(ends)} does not lie behind its beginning")
    if ends <= now:
        raise UsageError(f"{instant(ends)} has passed: a silence should end later than now")


def speak(store: Store, target: str, match: str, now: datetime) -> None:
    """End the silences of a cause, a rule, or ``*``; raises :class:`UsageError` if none holds."""
    found = holding(store, target, match, now)
    for one in found:
        store.add_silence(replace(one, ends_at=now))
    if not found:
        raise UsageError(
            f"no silence of {fit(match, _LONGEST)} holds: `synthetic alerts` lists those that do"
        )


def holding(store: Store, target: str, match: str, now: datetime) -> list[Silence]:
    """The silences of that name that hold at a moment."""
    known = store.silences(now)
    return [one for one in known if (one.target, one.matches) == (target, match)]
