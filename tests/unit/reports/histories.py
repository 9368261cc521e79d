"""Ten days after a launch, made up by rule: the same every time, as ``synthetic import`` has it."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from synthetic.evaluate.history import Answer, Ask, Question
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.reports.actions import Action
from synthetic.reports.baselines import Baseline
from synthetic.reports.compose import compose
from synthetic.reports.definition import reports
from synthetic.reports.document import Document
from synthetic.reports.measured import Measuring
from synthetic.reports.outages import as_of
from synthetic.reports.period import period
from synthetic.reports.reading import Reading
from synthetic.store.digest import Labels, digest
from synthetic.store.values import Incident

TARGET = "https://kulti.club"
LAUNCH = datetime(2025, 12, 1, 9, tzinfo=UTC)
DAYS = 10
MORNING = datetime(2025, 12, 8, 9, 15, tzinfo=UTC)
"""When the reports of the tests are written: a Monday, with three days of history still to come."""
FEATURES = ("signup", "login", "session_create", "session_join", "video", "chat", "recording")
ENDPOINTS = ("/api/auth/signup", "/api/sessions/create", "/api/messages/send")
TROUBLE = "TypeError: cannot read <n> of undefined"
SLOW_DAY = 6  # counted from the first: the day that the daily report of MORNING speaks of

Sample = tuple[str, float, datetime, dict[str, str]]


@cache
def samples() -> tuple[Sample, ...]:
    """Every sample, day by day."""
    chance, first = random.Random(6), LAUNCH.replace(hour=0)
    days = (_day(first + timedelta(days=day), day, chance) for day in range(DAYS))
    return tuple(sample for each in days for sample in each)


def _day(midnight: datetime, day: int, chance: random.Random) -> Iterator[Sample]:
    for hour in range(24):
        at = midnight + timedelta(hours=hour, minutes=10)
        yield "active_users", 200.0 + 10 * day + hour, at, {}
        yield "active_sessions", 40.0 + day, at, {}
        yield "participants", 500.0 + 260 * day + 10 * hour, at, {}
        yield "cache_hit_rate", 88.0 - (day == SLOW_DAY) * 12, at, {}
        yield "site_up", 1.0, at, {"source": "probes", "location": "fra"}
        yield from _requests(at, day, chance)
        if hour % 2 == 0:
            yield from _run(at + timedelta(minutes=5), day, hour)
    end = midnight + timedelta(hours=23, minutes=55)
    for name, value in (
        ("signups_daily", 40 + 4 * day),
        ("logins_daily", 300 + 20 * day),
        ("sessions_created", 120 + 5 * day),
        ("dau", 230 + 8 * day),
        ("total_users", 1000 + 42 * day),
    ):
        yield name, float(value), end, {}
    yield from _people(end, day)


def _requests(at: datetime, day: int, chance: random.Random) -> Iterator[Sample]:
    slow = 4 if day == SLOW_DAY else 1
    for number in range(12):
        labels = {"endpoint": ENDPOINTS[number % 3], "source": "traffic"}
        moment = at + timedelta(seconds=number)
        failed = float(day == SLOW_DAY and at.hour == 14 and number < 8)
        yield "request_failed", failed, moment, labels
        yield "request_ms", chance.uniform(180, 460) * slow, moment, labels
        if failed:
            yield "error", 1.0, moment, {"fingerprint": TROUBLE, "endpoint": labels["endpoint"]}


def _run(at: datetime, day: int, hour: int) -> Iterator[Sample]:
    yield "run_failed", 0.0, at, {"suite": "smoke", "location": "fra"}
    for feature in FEATURES:
        lost = day == SLOW_DAY and feature == "video" and hour == 14
        labels = {"feature": feature, "journey": "test_two_people_meet", "location": "fra"}
        yield "outcome", float(not lost), at, {**labels, "burst": "no"}


def _people(at: datetime, day: int) -> Iterator[Sample]:
    for name, value, labels in (
        ("tickets", 3.0, {"topic": "video freezes", "feature": "video"}),
        ("tickets", 1.0 + day % 2, {"topic": "where is my code?", "feature": "signup"}),
        ("tickets_bugs", 1.0, {"priority": "P0", "owner": "Ada"}),
        ("tickets_bugs", 2.0, {"priority": "P2", "owner": "Grace"}),
        ("tickets_features", 2.0, {"owner": "Edsger"}),
        ("feedback", 1.0, {"kind": "praise", "text": f"day {day}: finally a call that just works"}),
        ("confidence", 1.0, {"text": "High" if day != SLOW_DAY else "Medium"}),
    ):
        yield name, value, at, labels


def written(path: Path) -> Path:
    """All of it as JSON lines."""
    rows = (
        {"metric": name, "value": value, "at": at.isoformat(), "labels": labels}
        for name, value, at, labels in samples()
    )
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@cache
def all_of_it() -> Ask:
    """Answers from all samples."""
    return asks(samples())


def asks(these: Iterable[Sample]) -> Ask:
    """Answers from samples in memory."""
    rows: dict[str, dict[Labels, list[tuple[datetime, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for name, value, at, labels in these:
        rows[name][tuple(sorted(labels.items()))].append((at, value))

    def ask(question: Question) -> Answer:
        found = {
            labels: digest((at, v) for at, v in points if question.start < at <= question.end)
            for labels, points in rows[question.metric].items()
        }
        return {labels: one for labels, one in found.items() if one}

    return ask


INCIDENTS = (
    Incident(
        id="20251207T141500Z-errors",
        target=TARGET,
        cause="errors",
        title="Requests fail",
        severity="high",
        opened_at=datetime(2025, 12, 7, 14, 15, tzinfo=UTC),
        members=(("e-high-error-rate", ()),),
        acknowledged_at=datetime(2025, 12, 7, 14, 20, tzinfo=UTC),
        acknowledged_by="Ada",
        closed_at=datetime(2025, 12, 7, 14, 55, tzinfo=UTC),
    ),
    Incident(
        id="20251208T080000Z-performance",
        target=TARGET,
        cause="performance",
        title="The product is slow",
        severity="medium",
        opened_at=datetime(2025, 12, 8, 8, tzinfo=UTC),
        members=(("e-medium-p95", ()),),
        closed_at=datetime(2025, 12, 9, 8, tzinfo=UTC),
    ),
)
ACTIONS = (
    Action(1, "Find out why sign-ups were slow", "Ada", date(2025, 12, 6), LAUNCH),
    Action(2, "Cache the session list", "Grace", date(2025, 12, 11), MORNING - timedelta(days=1)),
    Action(3, "Written later", "Grace", date(2025, 12, 11), MORNING + timedelta(hours=1)),
)
BASELINES = (Baseline("dau", 1, 230.0, date(2025, 12, 1), LAUNCH + timedelta(days=1)),)


def reading(name: str, these: Iterable[Sample] | None = None, **more: Any) -> Reading:
    """What a report of that name is written from, on that morning unless ``at`` says otherwise."""
    report = reports()[name]
    at = more.pop("at", MORNING)
    within = period(at, report.period, whole_days=report.whole_days)
    plan: Plan = more.pop("plan", None) or load()
    ask = all_of_it() if these is None else asks(these)
    usual = {
        "incidents": as_of(INCIDENTS, at),
        "actions": ACTIONS,
        "baselines": {one.metric: one for one in BASELINES},
        "launch_at": LAUNCH,
        "target": TARGET,
    }
    measuring = Measuring(plan, ask, at, within.end)
    return Reading(plan, measuring, at, within, **{**usual, **more})


def report(name: str, these: Iterable[Sample] | None = None, **more: Any) -> Document:
    """A report of the made-up history."""
    return compose(reports()[name], reading(name, these, **more))
