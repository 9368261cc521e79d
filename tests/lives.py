"""Stores with a plausible day in them: a healthy one, one with an outage now, one long silent.

Everything ends at ``now``, so that a page made then shows it; the same seed gives the same day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from synthetic.plan.load import load
from synthetic.results import Control, Feature, Journey, Media, Problem, Request, Run, Sample, Step
from synthetic.rounds import evaluate_round
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.values import Alert, Incident, Transition

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
TARGET = "https://kulti.test/"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LOCATIONS = ("eu-west", "us-east")
LASTS = timedelta(minutes=24)
"""How long the outage has lasted."""
PROBED = ("/api/sessions/list", "/api/users/profile", "/api/messages/list", "/api/health")
_USUAL_MS = {"/api/auth/signup": 110, "/api/auth/verify-otp": 140, "/api/sessions/list": 75,
             "/api/sessions/create": 150, "/api/sessions/join": 190, "/api/users/profile": 95,
             "/api/hms/token": 180, "/api/messages/send": 90, "/api/messages/list": 38,
             "/api/recordings/start": 260, "/api/health": 40}  # fmt: skip
_STEPS: tuple[tuple[str, Feature, str, int], ...] = (
    ("sign up", "signup", "host", 640), ("log in", "login", "guest", 580),
    ("dashboard loads", "dashboard", "host", 410),
    ("create session", "session_create", "host", 520),
    ("join session", "session_join", "guest", 740), ("video both ways", "video", "guest", 1650),
    ("chat, host to guest", "chat", "host", 180), ("chat, guest to host", "chat", "guest", 210),
    ("share screen", "screen_share", "host", 1420), ("record", "recording", "host", 3900),
    ("come back after a cut", "reconnect", "guest", 2600), ("leave", "leave", "guest", 190),
)  # fmt: skip
_PRODUCT = {"active_users": 234, "active_sessions": 45, "participants": 3120, "requests": 18200,
            "signups_daily": 45, "sessions_created": 127, "video_minutes_daily": 3420,
            "cache_hit_rate": 88, "database_cpu": 41, "database_connections": 22,
            "database_query_time": 31, "database_query_p95": 140,
            "function_duration": 320}  # fmt: skip
_UNSEEN = "the guest never saw the host's picture"


@dataclass(frozen=True)
class Life:
    """How a day went: ``broken_at`` is when the outage began that still lasts."""

    now: datetime
    broken_at: datetime | None = None
    seed: int = 7

    def is_broken(self, at: datetime) -> bool:
        """Whether the outage holds at a moment."""
        return self.broken_at is not None and at >= self.broken_at


def settings(now: datetime = NOW, launched: timedelta = timedelta(hours=30)) -> Settings:
    """Settings of somebody who launched so long ago and notifies nobody."""
    return Settings.model_validate({"base_url": TARGET, "launch_at": now - launched})


def healthy(store: Store, now: datetime = NOW) -> None:
    """A good day, with an hour's trouble that ended long ago."""
    _filled(store, Life(now))


def broken(store: Store, now: datetime = NOW) -> None:
    """The same day, but for twenty minutes nobody has seen anybody."""
    life = Life(now, broken_at=now - LASTS)
    _filled(store, life)
    plan = load()
    for minutes in range(int(LASTS / MINUTE), -1, -6):
        clock = partial(_same, now - minutes * MINUTE)
        evaluate_round(store, plan, settings(now), TARGET, clock=clock, show=_nobody)


def _same(at: datetime) -> datetime:
    return at


def _nobody(_: str) -> None:
    """Who is notified."""


def silent(store: Store, now: datetime = NOW) -> None:
    """A good day that ended six hours ago: since then nobody looked."""
    _filled(store, Life(now - timedelta(hours=6)))


def _filled(store: Store, life: Life) -> None:
    store.add_samples(TARGET, [*_probes(life), *_product(life)], life.now)
    for run in _runs(life):
        store.save_run(run, run.finished_at or life.now)
    began = life.now - timedelta(hours=15)
    ended = began + timedelta(minutes=48)
    labels = (("endpoint", "/api/messages/list"),)
    rule = "d-endpoint-messages-list-p95"
    changes = [Transition(began, rule, "firing", 340.0, labels),
               Transition(ended, rule, "resolved", 180.0, labels)]  # fmt: skip
    past = Incident(
        f"{began:%Y%m%dT%H%M%SZ}-chat", TARGET, "chat", "Reading messages is slow", "medium",
        began, ((rule, labels),), closed_at=ended,
        acknowledged_at=began + 6 * MINUTE, acknowledged_by="Ada",
    )  # fmt: skip
    store.commit_round(TARGET, [], changes, [past])
    store.roll_up(life.now)


def _probes(life: Life) -> Iterator[Sample]:
    for location in LOCATIONS:
        chance = random.Random(f"{life.seed} probes {location}")
        labels = {"source": "probes", "location": location}
        for number in range(int(DAY / (2 * MINUTE))):
            at = (
                life.now - DAY + (number + 1) * 2 * MINUTE - timedelta(seconds=chance.random() * 50)
            )
            if 500 <= number < 512 and location == LOCATIONS[0]:
                continue  # the runner was away
            yield from _looked(life, at, labels, chance)


def _looked(
    life: Life, at: datetime, labels: dict[str, str], chance: random.Random
) -> Iterator[Sample]:
    bad = life.is_broken(at)
    busy = 1 + 0.35 * _daylight(at)

    def sample(metric: str, value: float, **more: str) -> Sample:
        named = {**labels, **more}
        return Sample.model_construct(metric=metric, value=value, at=at, labels=named)

    for metric in ("site_up", "health_up", "health_database", "health_external"):
        yield sample(metric, 1.0)
    yield sample("health_hms", float(not bad))
    yield sample("site_ms", 240 * busy * chance.lognormvariate(0, 0.2))
    yield sample("certificate_days", 61)
    for endpoint in PROBED * 2:
        failed = chance.random() < (0.14 if bad else 0.003)
        took = _USUAL_MS[endpoint] * busy * (9 if bad else 1) * chance.lognormvariate(0, 0.35)
        yield sample("request_failed", float(failed), endpoint=endpoint)
        yield sample("request_ms", took, endpoint=endpoint)


def _daylight(at: datetime) -> float:
    """From 0 at night to 1 in the afternoon."""
    return max(0.0, 1 - abs(at.hour + at.minute / 60 - 15) / 8)


def _product(life: Life) -> Iterator[Sample]:
    chance = random.Random(f"{life.seed} product")
    for number in range(int(DAY / (5 * MINUTE))):
        at = life.now - DAY + (number + 1) * 5 * MINUTE
        for metric, usual in _PRODUCT.items():
            swing = 1 if "daily" in metric or metric == "participants" else 0.4 + _daylight(at)
            value = usual * swing * chance.lognormvariate(0, 0.06)
            whole = metric not in ("cache_hit_rate", "database_query_time")
            yield Sample(metric=metric, value=round(value) if whole else min(99, value), at=at)


def _runs(life: Life) -> Iterator[Run]:
    """A smoke every hour in turn at each location; during an outage one every five minutes."""
    for number in range(24):
        began = life.now - DAY + timedelta(hours=number, minutes=11)
        yield run(life, began, LOCATIONS[number % 2], number)
    at = life.broken_at
    while at is not None and at < life.now - 2 * MINUTE:
        yield run(
            life, at + MINUTE, LOCATIONS[0], 100 + int((at - (life.broken_at or at)) / MINUTE)
        )
        at += 5 * MINUTE


def run(life: Life, at: datetime, location: str, number: int) -> Run:
    """A smoke run that began then."""
    chance = random.Random(f"{life.seed} run {number}")
    bad = life.is_broken(at)
    attempts = [_attempt(at, chance, bad, 1)]
    if bad:
        attempts.append(_attempt(at + timedelta(seconds=40), chance, bad, 2))
    lasted = timedelta(seconds=34 + 46 * bad)
    return Run(
        run_id=f"{at:%Y%m%dT%H%M%SZ}-{number:04x}", suite="smoke", target=TARGET,
        location=location, trigger="watch", revision="1f3c9ae", started_at=at,
        finished_at=at + lasted, duration_s=lasted.total_seconds(),
        verdict="failed" if bad else "passed", origin="target" if bad else None,
        journeys=tuple(attempts), requests=tuple(_requests(at, chance, bad)),
        media=tuple(_media(chance, bad)),
    )  # fmt: skip


def _attempt(at: datetime, chance: random.Random, bad: bool, attempt: int) -> Journey:
    steps = list[Step]()
    for name, feature, actor, usual in _STEPS:
        took = usual * chance.lognormvariate(0, 0.15)
        step = Step(name=name, feature=feature, actor=actor, status="passed", latency_ms=took,
                    started_at=at)  # fmt: skip
        if bad and feature == "video":
            said = f"guest waited 20.0 s for the host's picture: {_UNSEEN}"
            error = Problem(type="StepTimeout", message=said)
            step = step.model_copy(
                update={"status": "failed", "latency_ms": None, "error": error, "origin": "target",
                        "ended_at": at + timedelta(seconds=20)}
            )  # fmt: skip
        elif steps and steps[-1].status != "passed":
            step = step.model_copy(update={"status": "skipped", "latency_ms": None})
        at += timedelta(milliseconds=took + 600) if step.status == "passed" else timedelta(0)
        steps.append(step)
    if not bad:
        return Journey(name="test_two_people_meet", attempt=attempt, status="passed",
                       steps=tuple(steps))  # fmt: skip
    story = "The guest never saw the host's picture. Asking for a room token was answered with 502."
    control = Control(name="own call", ok=True, said="the same two browsers saw each other on a "
                      "blank page")  # fmt: skip
    return Journey(name="test_two_people_meet", attempt=attempt, status="failed", origin="target",
                   story=story, controls=(control,), steps=tuple(steps))  # fmt: skip


def _requests(at: datetime, chance: random.Random, bad: bool) -> Iterator[Request]:
    for place, (endpoint, usual) in enumerate(_USUAL_MS.items()):
        for again in range(3):
            refused = bad and endpoint == "/api/hms/token"
            yield Request(
                endpoint=endpoint, method="POST", status=502 if refused else 200,
                duration_ms=usual * chance.lognormvariate(0, 0.3),
                at=at + timedelta(seconds=2 * place, milliseconds=300 * again), actor="host",
                journey="test_two_people_meet", step=None, expected=not refused,
            )  # fmt: skip


def _media(chance: random.Random, bad: bool) -> Iterator[Media]:
    pairs = (("host", "guest"), ("guest", "host"))
    for kind in ("camera", "microphone", "screen"):
        for one, other in pairs[: 1 if kind == "screen" else 2]:
            yield _seen(kind, one, other, chance, bad)


def _seen(kind: str, one: str, other: str, chance: random.Random, bad: bool) -> Media:
    usual: dict[str, object] = {"kind": kind, "from": one, "to": other, "identity": "match",
                                "journey": "test_two_people_meet", "step": "picture and sound last",
                                "packet_loss": 0.002, "interruptions": 0}  # fmt: skip
    if bad and kind != "microphone":
        return Media.model_validate({**usual, "identity": "absent"})
    if kind == "microphone":
        return Media.model_validate({**usual, "bitrate_kbps": 31 * chance.lognormvariate(0, 0.05)})
    wide = kind == "screen"
    late = (130 if wide else 88) * chance.lognormvariate(0, 0.15)
    figures = {"width": 1920 if wide else 1280, "height": 1080 if wide else 720,
               "fps": min(30.0, (24 if wide else 28) * chance.lognormvariate(0, 0.04)),
               "bitrate_kbps": (900 if wide else 1400) * chance.lognormvariate(0, 0.12),
               "glass_to_glass_ms": {"p50": late, "p95": late * 1.7}}  # fmt: skip
    return Media.model_validate({**usual, **figures})


def hostile(store: Store, said: str, now: datetime = NOW) -> None:
    """A run, an incident and an alert, in which all that a target could word is ``said``."""
    at = now - 10 * MINUTE
    plain = run(Life(now, broken_at=now - DAY), at, LOCATIONS[0], 1)
    problem = Problem(type="Refused", message=said)
    changes = {"name": said, "actor": said, "error": problem}
    journeys = tuple(
        journey.model_copy(
            update={
                "name": said,
                "story": said,
                "steps": tuple(
                    step.model_copy(update=changes) if step.error else step
                    for step in journey.steps
                ),
            }
        )
        for journey in plain.journeys
    )
    media = tuple(one.model_copy(update={"from_": said, "to": said}) for one in plain.media)
    store.save_run(plain.model_copy(update={"journeys": journeys, "media": media}), now)
    rule, labels = "e-critical-error-rate", (("endpoint", said),)
    incident = Incident(
        "i-hostile", TARGET, "errors", said, "critical", at, ((rule, labels),),
        acknowledged_at=at, acknowledged_by=said,
    )  # fmt: skip
    alert = Alert(rule, labels, "firing", at, 12.0, fired_at=at, seen=at)
    change = Transition(at, rule, "firing", 12.0, labels)
    store.commit_round(TARGET, [alert], [change], [incident])
