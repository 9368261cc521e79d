"""What follows a finished run: it is stored, held against the plan, and told.

Whoever the plan names hears of an incident by its own messages. The message about the single run
goes out where no message of an incident says it already, and in any case where the history cannot
be used: nobody is left without word for want of a database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from synthetic.errors import ClockWrong, PlanError, ReportsNotWritable, StoreError
from synthetic.journeys.target import remember
from synthetic.notify.delivery import CONSOLE, INSTEAD
from synthetic.notify.grouping import DOUBTS, behind, firing
from synthetic.notify.outbox import announce
from synthetic.notify.routing import parcels_for
from synthetic.notify.scene import Around, Scene
from synthetic.notify.scene import lived as told_by
from synthetic.notify.slack_message import message, unescaped
from synthetic.notify.stories import lived
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.results import Notification, Run
from synthetic.rounds import check_clock, deliver, evaluate_round
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.old_folders import UNSTORED, tidy
from synthetic.store.opening import store_of
from synthetic.store.run_folder import RunFolder, not_writable
from synthetic.store.values import Alert, Incident, Note, Parcel
from synthetic.wording import harmless

SLACK = "slack"
_MOST_AT_ONCE = 50
_log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Show = Callable[[str], None]
Wait = Callable[[float], None]


def follow(
    run: Run,
    settings: Settings,
    folder: RunFolder,
    *,
    clock: Clock,
    wait: Wait = time.sleep,
    show: Show,
) -> tuple[Run, list[str]]:
    """The run with its alerts and notifications, and what went wrong, in sentences.

    About a stand-in, nobody but the terminal is told, and of the run only, unless settings allow
    it.
    """
    sends = run.target != "stand-in" or settings.notify_standin
    alerts: list[Alert] = []
    rows: list[Notification] = []
    troubles: list[str] = []
    said = False
    try:
        held = _held_against_the_plan(run, settings, clock, wait, show if sends else _nobody)
        alerts, rows = held.alerts, [_row(one, clock()) for one in held.parcels]
        said = sends and held.said
    except (StoreError, PlanError, ClockWrong) as error:
        troubles += [harmless(str(error)), *_marked(folder, error)]
    except Exception as error:  # whatever breaks here, nobody may be left without word
        _log.exception("the run could not be held against the plan")
        what = f"{type(error).__name__}: {error}"
        troubles.append(harmless(f"the run was not held against the plan: {what}"))
    else:
        troubles += _kept_small(settings, clock)
    if not said:
        try:
            rows += announce(run, settings, folder, show)
        except ReportsNotWritable as error:
            troubles.append(harmless(str(error)))
    troubles += [row.detail for row in rows if row.status == "undelivered" and row.detail]
    found = {"alerts": tuple(map(_alert, alerts)), "notifications": tuple(rows)}
    return run.model_copy(update=found), troubles


def _marked(folder: RunFolder, why: Exception) -> list[str]:
    """Mark the run for the next one to store, unless its times are wrong for ever; what went wrong
    with that."""
    if isinstance(why, ClockWrong):
        return []
    try:
        (folder.path / UNSTORED).touch()
    except OSError as error:
        return [harmless(str(not_writable(folder.path / UNSTORED, error)))]
    return []


def _kept_small(settings: Settings, clock: Clock) -> list[str]:
    """Old rows are rolled up and removed, and so is what old runs left; what went wrong with it
    changes nothing else."""
    try:
        kept = timedelta(days=settings.keep_evidence_days)
        of_failed = timedelta(days=settings.keep_failed_evidence_days)
        tidy(settings.reports_dir / "runs", clock(), kept, of_failed)
        with store_of(settings) as store:
            store.roll_up(clock())
            store.expire(clock())
    except (OSError, StoreError) as error:
        return [harmless(str(error))]
    return []


@dataclass(frozen=True)
class _Held:
    """The alerts that fire or begin to, the parcels of the round as they ended, and whether Slack
    was told of what the run is about, or is not to be."""

    alerts: list[Alert]
    parcels: list[Parcel]
    said: bool


def _held_against_the_plan(
    run: Run, settings: Settings, clock: Clock, wait: Wait, show: Show
) -> _Held:
    plan = load(settings.plan_dir, settings.plan_values)
    with store_of(settings) as store:
        ahead = check_clock(store, run.target, run.location, clock)

        def right() -> datetime:
            return clock() - ahead

        store.save_run(run, clock())
        if settings.base_url:
            remember(store, str(settings.base_url), run.target)
        _catch_up(store, settings.reports_dir / "runs", clock)
        end = run.finished_at
        found = evaluate_round(
            store, plan, settings, run.target, clock=clock, wait=wait, show=show, until=end
        )
        parcels = list(found.decision.parcels)
        quiet = {one.matches for one in store.silences(right()) if one.target == run.target}
        incidents = store.incidents(run.target, open_only=True)
        loud = [one for one in incidents if quiet.isdisjoint(_silenced_by(plan, one))]
        if settings.slack.bot_token:
            mentioned = {one.note.incident for one in parcels}
            fire = firing(plan, found.evaluation.alerts)
            scene = Scene(plan, right(), fire, Around(lived=lived([run])))
            replies = _replies(run, [one for one in loud if one.id not in mentioned], scene)
            store.post(replies)
            deliver(store, settings, run.target, clock=right, wait=wait, show=show)
            parcels += replies
        ended = [_as_it_ended(store, one) for one in parcels]
    active = [one for one in found.evaluation.alerts if one.state in ("pending", "firing")]
    about = {one.id for one in (*found.decision.incidents, *incidents) if _is_about(run, one)}
    told = {one.note.incident for one in parcels if one.channel == SLACK}
    silenced = {one.id for one in incidents} - {one.id for one in loud}
    return _Held(active, ended, said="*" in quiet or not about.isdisjoint(told | silenced))


def _catch_up(store: Store, runs: Path, clock: Clock) -> None:
    """Store what earlier runs could not, since the history was out of reach."""
    for mark in sorted(runs.glob(f"*/{UNSTORED}"))[:_MOST_AT_ONCE]:
        try:
            store.save_run(RunFolder(mark.parent).read(), clock())
        except ReportsNotWritable as error:  # no later run will read it better
            _log.warning("it is left out of the history: %s", error)
        mark.unlink()


def _is_about(run: Run, incident: Incident) -> bool:
    """Whether who hears of the incident hears of what became of this run: of what failed in it,
    or else of what it tried."""
    if run.verdict == "inconclusive":
        return incident.cause in DOUBTS
    statuses = {"failed"} if run.verdict == "failed" else {"failed", "passed"}
    tried = {
        (journey.name, step.feature)
        for journey in run.journeys
        for step in journey.steps
        if step.status in statuses
    }
    members = [dict(labels) for _, labels in incident.members]
    return not tried.isdisjoint((one.get("journey"), one.get("feature")) for one in members)


def _silenced_by(plan: Plan, incident: Incident) -> set[str]:
    rules = {rule for rule, _ in incident.members}
    return {"*", incident.cause, *behind(plan, incident.cause), *rules}


def _replies(run: Run, incidents: Iterable[Incident], scene: Scene) -> list[Parcel]:
    """What the run came to, for the threads of those of the incidents that it says anything of."""
    title = unescaped(message(run, None).text)
    replies: list[Parcel] = []
    for incident in incidents:
        own = tuple(one for one in scene.alerts if one.key in incident.members)
        told = told_by(incident, replace(scene, alerts=own))
        if told is None and not _is_about(run, incident):
            continue
        note = Note(
            key=f"{incident.id}/run/{run.run_id}",
            incident=incident.id,
            event="run",
            title=title,
            story=told.story if told else "It is still open.",
            target=run.target,
            at=scene.now,
            facts=(("Run", run.run_id), ("Location", run.location)),
        )
        threads = [place for place in incident.told_to if place[0] == SLACK]
        replies += parcels_for(note, threads, scene.now)
    return replies


def _as_it_ended(store: Store, parcel: Parcel) -> Parcel:
    about = store.parcels(parcel.note.incident)
    return next((one for one in about if one.id == parcel.id), parcel)


def _row(parcel: Parcel, now: datetime) -> Notification:
    row: dict[str, Any] = {"channel": parcel.channel, "key": parcel.id, "at": parcel.sent_at or now}
    if parcel.sent_at is None:
        why = harmless(parcel.problem or "waits in the outbox")
        return Notification(**row, status="undelivered", detail=why)
    shown = parcel.reference == f"{INSTEAD}{CONSOLE}"
    return Notification(**row, status="shown" if shown else "sent")


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "rule": alert.rule,
        "state": alert.state,
        "value": alert.value,
        "since": alert.since.isoformat(),
        "stale": alert.stale,
        "labels": dict(alert.labels),
    }


def _nobody(_: str) -> None:
    """Where messages about a stand-in go."""
