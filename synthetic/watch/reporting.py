"""A report written from the history, and sent to where the plan says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from synthetic.errors import PlanError, UsageError
from synthetic.notify.delivery import Delivered
from synthetic.notify.routing import parcels_for
from synthetic.plan.model import Plan
from synthetic.plan.observations import OBSERVATIONS
from synthetic.reports import baselines
from synthetic.reports.as_text import note
from synthetic.reports.compose import compose
from synthetic.reports.computed import WORDS
from synthetic.reports.definition import Report, problems
from synthetic.reports.document import Document
from synthetic.reports.gathering import baselines_note, gather
from synthetic.rounds import deliver
from synthetic.settings import Settings
from synthetic.store.history import Store


def write(
    store: Store, plan: Plan, settings: Settings, target: str, report: Report, at: datetime,
    now: datetime,
) -> Document:  # fmt: skip
    """A report as of a moment; raises :class:`PlanError` if it names what the plan has not."""
    if wrong := list(problems(report, plan, set(OBSERVATIONS), set(WORDS))):
        raise PlanError("\n".join(wrong))
    _learn_day_1(store, plan, settings, target, now)
    return compose(report, gather(store, plan, report, target, settings.launch_at, at))


def send(
    store: Store,
    settings: Settings,
    report: Report,
    document: Document,
    *,
    clock: Callable[[], datetime],
    show: Callable[[str], None],
) -> Delivered:
    """Put it into the outbox, where one as of the same moment is there once, and deliver that.

    Raises :class:`UsageError` where the plan does not say whom to send it to.
    """
    if report.to is None:
        raise UsageError(
            f"the plan says of {report.name} not where to: give it `to` in reports.toml"
        )
    parcels = parcels_for(note(document), [report.to], clock())
    store.post(parcels)
    made = [parcel.id for parcel in parcels]
    return deliver(store, settings, document.target, made, clock=clock, show=show)


def _learn_day_1(store: Store, plan: Plan, settings: Settings, target: str, now: datetime) -> None:
    """Learn what has no baseline yet, once the first day after the launch is over."""
    if settings.launch_at is None:
        return
    within = baselines.day_1(settings.launch_at)
    known = baselines.from_json(store.note(baselines_note(target)) or ())
    left = baselines.missing(known, plan)
    if left and within.end <= now:
        kept = baselines.learned(known, plan, store.ask(target), within, within.end, only=left)
        store.keep_note(baselines_note(target), baselines.as_json(kept))
