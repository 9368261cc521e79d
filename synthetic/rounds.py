"""A round: evaluate, decide who is told, keep all of it at once, deliver.

Rounds of one target follow each other, whoever starts them, so that two processes never open the
same incident twice. A round that dies leaves either nothing or all of what it came to, and what
was not delivered is delivered by the next.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from synthetic.errors import StoreLocked
from synthetic.evaluate.evaluation import Evaluation, evaluate
from synthetic.evaluate.history import Ask
from synthetic.evaluate.phases import phase_at
from synthetic.notify.channels.registry import channels, settled
from synthetic.notify.delivery import Delivered, drain
from synthetic.notify.impact import impact
from synthetic.notify.incidents import Decision, decide
from synthetic.notify.scene import Around, Pages
from synthetic.notify.slack_message import summary_of
from synthetic.notify.stories import lived
from synthetic.plan.model import Phase, Plan
from synthetic.reports.words import span
from synthetic.results import APART, Run
from synthetic.settings import Settings
from synthetic.store.history import Store

ALONE_FOR = timedelta(minutes=1)
"""A round that shows no end for so long is taken for dead."""
_LOOK_AGAIN_S = 0.2
_ROUNDS = itertools.count()
"""Threads of one process keep apart, too."""
_EVIDENCE_FROM = timedelta(hours=3)
_MOST_RUNS = 10  # of each verdict; bursts may have made hundreds
Clock = Callable[[], datetime]
Wait = Callable[[float], None]


@dataclass(frozen=True)
class Round:
    """What a round came to, and what became of its messages and of those still waiting."""

    at: datetime
    phase: Phase
    evaluation: Evaluation
    decision: Decision
    delivered: Delivered


def evaluate_round(
    store: Store,
    plan: Plan,
    settings: Settings,
    target: str,
    *,
    clock: Clock,
    wait: Wait = time.sleep,
    chance: random.Random | None = None,
    show: Callable[[str], None] = print,
) -> Round:
    """One round of a target whose runs and samples are stored; ``show`` is the console.

    Raises :class:`~synthetic.errors.StoreError`; what a channel does not take is put off.
    """
    with alone(store, target, clock, wait):
        now = clock()
        ask = store.ask(target)
        phase = phase_at(plan, settings.launch_at, now)
        found = evaluate(plan, phase, store.alerts(target), ask, now)
        decision = decide(
            settled(plan, settings),
            target,
            store.incidents(target, open_only=True),
            found.alerts,
            now,
            transitions=found.transitions,
            silences=store.silences(now),
            around=_around(store, settings, target, found, ask, now),
        )
        store.commit_round(
            target, found.alerts, found.transitions, decision.incidents, decision.parcels
        )
    made = [parcel.id for parcel in decision.parcels]
    delivered = deliver(
        store, settings, target, made, clock=clock, wait=wait, chance=chance, show=show
    )
    return Round(now, phase, found, decision, delivered)


def deliver(
    store: Store,
    settings: Settings,
    target: str,
    made: Collection[str] = (),
    *,
    clock: Clock,
    wait: Wait = time.sleep,
    chance: random.Random | None = None,
    show: Callable[[str], None] = print,
) -> Delivered:
    """Send what waits in the outbox about a target through the channels that settings name.

    ``made`` are the ids of what this process put there: the console shows those without a channel.
    """
    return drain(
        store,
        channels(settings, show=show, now=clock),
        target=target,
        made=made,
        clock=clock,
        wait=wait,
        chance=chance or random.Random(),
        about_standin=settings.notify_standin,
        fallback=settings.notify.fallback,
    )


@contextmanager
def alone(store: Store, target: str, clock: Clock, wait: Wait = time.sleep) -> Iterator[None]:
    """No other round of the target meanwhile; raises :class:`StoreLocked` if one does not end."""
    name, holder = f"round of {target}", f"{socket.gethostname()} {os.getpid()} {next(_ROUNDS)}"
    began = clock()
    while not store.lease(name, holder, clock() + ALONE_FOR, clock()):
        if clock() - began > 2 * ALONE_FOR:
            raise StoreLocked(
                f"other processes have evaluated {target} for {span(2 * ALONE_FOR)}: see which do, "
                "and evaluate again"
            )
        wait(_LOOK_AGAIN_S)
    try:
        yield
    finally:
        store.lease(name, holder, clock() - ALONE_FOR, clock())


def pages_of(settings: Settings, evidence: str | None = None) -> Pages:
    """Where messages link to; ``evidence`` is a page of the reports folder."""
    known = settings.links
    minutes = (("Sentry", known.sentry), ("Vercel", known.vercel), ("100ms", known.hms))
    named = tuple((label, address) for label, address in minutes if address)
    reports = str(settings.reports_url) if settings.reports_url else None
    return Pages(runbook=known.runbook, minutes=named, reports=reports, evidence=evidence)


def _around(
    store: Store, settings: Settings, target: str, found: Evaluation, ask: Ask, now: datetime
) -> Around:
    if not any(one.state == "firing" for one in found.alerts):
        return Around(pages=pages_of(settings))
    bad = _bad_runs(store, target, now)
    shown = next((run for run in bad if run.verdict != "inconclusive"), None)
    pages = pages_of(settings, summary_of(shown) if shown else None)
    gauges = tuple(gauge for all_ in found.gauges.values() for gauge in all_)
    return Around(gauges, impact(ask, now), lived(bad), pages)


def _bad_runs(store: Store, target: str, now: datetime) -> list[Run]:
    """The latest runs of each verdict in which anything failed, with their steps, newest first."""
    seen: Counter[object] = Counter()
    found: list[Run] = []
    for one in reversed(store.runs(target, now - _EVIDENCE_FROM, now)):
        if one.verdict == "passed" or one.trigger in APART or not one.finished_at:
            continue
        seen[one.verdict] += 1
        if seen[one.verdict] <= _MOST_RUNS and (run := store.steps_of(one.run_id)):
            found.append(run)
    return found
