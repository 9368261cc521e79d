"""Small pieces of a history for tests, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from synthetic.evaluate.history import Question
from synthetic.results import Sample
from synthetic.store.digest import Digest, Labels
from synthetic.store.history import Store
from synthetic.store.values import Alert, Incident, Note, Parcel
from tests.runs import HOSTILE, START, at

TARGET = "https://kulti.test/"
LATER = START + timedelta(days=2)
HOUR = timedelta(hours=1)
NOWHERE: Labels = (("location", "eu-west"),)


def sample(seconds: float, value: float = 1.0, metric: str = "dau", **labels: str) -> Sample:
    return Sample(metric=metric, value=value, at=at(seconds), labels=labels)


def asked(
    store: Store, metric: str, start: float = -1e6, end: float = 1e9
) -> Mapping[Labels, Digest]:
    return store.ask(TARGET)(Question(metric, at(start), at(end)))


def count(store: Store, metric: str = "dau", start: float = -1e6, end: float = 1e9) -> int:
    return sum(one.count for one in asked(store, metric, start, end).values())


def alert(rule: str = "error-rate", **more: object) -> Alert:
    plain = Alert(rule, NOWHERE, "firing", since=START, value=7.5, fired_at=at(60), seen=at(61))
    return replace(plain, **more)  # type: ignore[arg-type]


def incident(name: str = "i-1", **more: object) -> Incident:
    plain = Incident(name, TARGET, "site", "Site down", "critical", START, (("up", NOWHERE),))
    return replace(plain, **more)  # type: ignore[arg-type]


def parcel(name: str = "p-1", about: str = "i-1", seconds: float = 0) -> Parcel:
    note = Note(
        f"{about}/opened", about, "opened", HOSTILE, "story \0", TARGET, START, facts=(("a", "b"),)
    )
    return Parcel(name, "slack", "#alerts", note, created_at=at(seconds), due_at=at(seconds))
