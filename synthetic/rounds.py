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

from synthetic.errors import ClockWrong, StoreLocked
from synthetic.evaluate.arrivals import REMEMBERED, Arrivals
from synthetic.evaluate.evaluation import Evaluation, evaluate
from synthetic.evaluate.history import Ask, Gauge, Question
from synthetic.evaluate.phases import phase_at
from synthetic.notify.channels.registry import channels, settled
from synthetic.notify.delivery import Delivered, drain
from synthetic.notify.impact import impact
from synthetic.notify.incidents import Decision, decide
from synthetic.notify.scene import Around, Pages
from synthetic.notify.slack_message import summary_of
from synthetic.notify.stories import lived
from synthetic.plan.model import Phase, Plan
from synthetic.plan.observations import CLOCK_AHEAD
from synthetic.reports.words import instant, span
from synthetic.results import APART, Run, Sample
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.sampling import AHEAD

EXACT = timedelta(seconds=2)
"""Clocks that differ by less are alike: no answer is timed better than that."""
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
    arrived: Arrivals | None = None,
    until: datetime | None = None,
) -> Round:
    """One round of a target whose runs and samples are stored, by the clock of the history's
    server; raises ``StoreError``, and :class:`ClockWrong` under a wrong clock.

    What a channel does not take is put off. ``show`` is the console, ``arrived`` what an earlier
    round knew, which makes this one cheaper. What was observed ``until`` then is seen in any case.
    """
    ahead = check_clock(store, target, settings.location, clock)

    def right() -> datetime:
        now = clock() - ahead
        return max(now, until) if until else now

    with alone(store, target, clock, wait):
        now = right()
        ask = store.ask(target)
        phase = phase_at(plan, settings.launch_at, now)
        found = evaluate(plan, phase, store.alerts(target), ask, now, arrived)
        around = _around(store, settings, target, found, ask, now)
        decision = _decided(store, settled(plan, settings), target, found, around, now)
        store.commit_round(
            target, found.alerts, found.transitions, decision.incidents, decision.parcels
        )
    made = [parcel.id for parcel in decision.parcels]
    delivered = deliver(
        store, settings, target, made, clock=right, wait=wait, chance=chance, show=show
    )
    return Round(now, phase, found, decision, delivered)


def _decided(
    store: Store, plan: Plan, target: str, found: Evaluation, around: Around, now: datetime
) -> Decision:
    return decide(
        plan,
        target,
        store.incidents(target, open_only=True),
        found.alerts,
        now,
        transitions=found.transitions,
        silences=store.silences(now),
        around=around,
    )


def check_clock(store: Store, target: str, location: str, clock: Clock) -> timedelta:
    """How far the clock is ahead of that of the history's server, in whole seconds.

    However long the server takes to answer, that makes no clock wrong. Raises :class:`ClockWrong`
    where it is far off; that is left in the history, for whoever evaluates to tell.
    """
    asked, right, now = clock(), store.moment(clock()), clock()
    ahead = max(asked - right, timedelta()) or min(now - right, timedelta())
    if abs(ahead) <= AHEAD:
        whole = timedelta(seconds=round(ahead.total_seconds()))
        return whole if abs(ahead) >= EXACT else timedelta()
    where = {"location": location}
    left = Sample(metric=CLOCK_AHEAD, value=ahead.total_seconds(), at=right, labels=where)
    store.add_samples(target, [left], right)
    how = "ahead of" if ahead > timedelta() else "behind"
    raise ClockWrong(
        f"the clock of this machine ({location}) is {span(abs(ahead))} {how} that of the history's "
        f"server ({instant(now)} here, {instant(right)} there): one of them is wrong, set it "
        "right; until then nothing that this location observes is believed, and it evaluates "
        "nothing"
    )


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
    """No other round of the target meanwhile; raises :class:`StoreLocked` if one does not end.

    Locations agree on it by the clock of the history's server, however their own go.
    """

    def leased(until: timedelta) -> bool:
        now = store.moment(clock())
        return store.lease(name, holder, now + until, now)

    name, holder = f"round of {target}", f"{socket.gethostname()} {os.getpid()} {next(_ROUNDS)}"
    began = clock()
    while not leased(ALONE_FOR):
        if clock() - began > 2 * ALONE_FOR:
            raise StoreLocked(
                f"other processes have evaluated {target} for {span(2 * ALONE_FOR)}: see which do, "
                "and evaluate again"
            )
        wait(_LOOK_AGAIN_S)
    try:
        yield
    finally:
        leased(-ALONE_FOR)


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
    return Around((*gauges, *_clocks(ask, now)), impact(ask, now), lived(bad), pages)


def _clocks(ask: Ask, now: datetime) -> Iterator[Gauge]:
    """Whose clock was wrong of late, and by how many seconds it was ahead."""
    for labels, one in ask(Question(CLOCK_AHEAD, now - REMEMBERED, now)).items():
        yield Gauge(CLOCK_AHEAD, labels, one.latest, one.latest_at)


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
