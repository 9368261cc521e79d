"""When a schedule was due, and which of its runs never began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from synthetic.github.schedule import punctuality

TWO_HOURLY = "0 */2 * * *"


def at(hour: int, minute: int = 0, day: int = 26) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_punctual_run_has_nothing_to_say() -> None:
    found = punctuality(TWO_HOURLY, at(8, 4), [at(4, 1), at(6, 2)])
    assert found is not None
    assert (found.due, found.lag, found.missing) == (at(8), timedelta(minutes=4), ())
    assert list(found.sentences()) == []


def test_each_slot_without_a_run_is_missing() -> None:
    found = punctuality(TWO_HOURLY, at(12, 1), [at(4, 1), at(9, 59)])
    assert found is not None
    assert found.missing == (at(6), at(10))


def test_the_first_run_misses_none_and_no_more_than_a_day_is_asked_about() -> None:
    first = punctuality(TWO_HOURLY, at(8, 1), [])
    assert first is not None
    assert first.missing == ()
    old = punctuality(TWO_HOURLY, at(8, 1), [at(8, day=20)])
    assert old is not None
    assert len(old.missing) == 11
    assert min(old.missing) == at(10, day=25)


@pytest.mark.parametrize(
    ("cron", "due"),
    [
        ("17 * * * *", at(7, 17)),
        ("*/15 * * * *", at(8, 0)),
        ("5-10,50 6 * * *", at(6, 50)),
        ("0 9 * * 1-5", at(9, day=25)),
        ("0 0 1 1 *", None),
        ("30 4/4 * * *", at(4, 30)),
    ],
)
def test_schedules_are_read_as_cron_has_them(cron: str, due: datetime | None) -> None:
    found = punctuality(cron, at(8, 3), [])
    assert (found.due if found else None) == due


@pytest.mark.parametrize("cron", ["", "0 2", "a * * * *", "99 * * * *", "5-1 * * * *"])
def test_what_is_no_schedule_is_refused(cron: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, sentences differ, and are shown as they are
        punctuality(cron, at(8), [])
