"""Histories for tests: what was observed, and an ``Ask`` that answers from it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from synthetic.evaluate.history import Answer, Ask, Question
from synthetic.results import Sample
from synthetic.store.digest import Labels, digest

START = datetime(2026, 11, 23, tzinfo=UTC)


def after(minutes: float) -> datetime:
    """A moment so many minutes after ``START``."""
    return START + timedelta(minutes=minutes)


def sample(metric: str, minutes: float, value: float, **labels: str) -> Sample:
    """An observation so many minutes after ``START``; ``from_`` is the label ``from``."""
    named = {name.rstrip("_"): text for name, text in labels.items()}
    return Sample(metric=metric, value=value, at=after(minutes), labels=named)


def asking(samples: Iterable[Sample]) -> Ask:
    """Answers from samples, in whatever order they come."""
    series: dict[str, dict[Labels, list[tuple[datetime, float]]]] = {}
    for one in sorted(samples, key=lambda one: one.at):
        labels = tuple(sorted(one.labels.items()))
        series.setdefault(one.metric, {}).setdefault(labels, []).append((one.at, one.value))

    def ask(question: Question) -> Answer:
        found = {}
        for labels, rows in series.get(question.metric, {}).items():
            first = bisect_right(rows, question.start, key=lambda row: row[0])
            last = bisect_right(rows, question.end, key=lambda row: row[0])
            summed = digest(rows[first:last])
            if summed is not None:
                found[labels] = summed
        return found

    return ask
