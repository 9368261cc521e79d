"""Reports go out at the plan's own times, once, and not when they are of no use any more."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from synthetic.errors import PlanError
from synthetic.reports.definition import reports
from synthetic.watch.calendar import FILE, Calendar, Due, Times, checked, due, read

LAUNCH = datetime(2026, 11, 30, 10, 7, tzinfo=UTC)
SHIPPED = read()


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def went_out(
    start: str, end: str, launch_at: datetime | None = None, calendar: Calendar = SHIPPED,
    step: timedelta = timedelta(minutes=1),
) -> dict[str, list[str]]:  # fmt: skip
    """What goes out between two moments, by its name, looked at every minute."""
    now, done, found = at(start), dict.fromkeys(calendar, at(start)), defaultdict(list)
    while now <= at(end):
        for one in due(calendar, launch_at, done, now):
            found[one.name].append(f"{one.at:%m-%d %H:%M}" + (" late" if one.late else ""))
            done[one.name] = one.at
        now += step
    return dict(found)


def test_every_report_that_goes_out_by_itself_has_its_time() -> None:
    assert set(SHIPPED) == set(reports()) - {"actions"}


def test_a_week_has_its_reviews_in_the_words_of_the_plan() -> None:
    week = went_out("2026-12-07T00:00", "2026-12-13T23:59")
    assert [len(week[name]) for name in ("standup", "daily", "triage")] == [7, 7, 7]
    assert week["standup"][0].endswith("09:00")
    assert week["daily"][0].endswith("09:15")
    assert week["triage"][0].endswith("09:30")
    assert week["optimisation"] == week["engineering"] == ["12-07 10:00"]
    assert (week["product"], week["cost"]) == (["12-09 10:00"], ["12-10 10:00"])
    assert week["weekly"] == ["12-11 10:00"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("standup", "9:00"), ("daily", "9:15"), ("triage", "9:30"), ("weekly", "Friday"),
        ("optimisation", "Monday"), ("engineering", "Monday"), ("product", "Wednesday"),
        ("cost", "Thursday"), ("monthly-performance", "end of each month"),
    ],
)  # fmt: skip
def test_times_are_those_that_the_reports_speak_of(name: str, words: str) -> None:
    times = SHIPPED[name]
    said = f"{times.at.strftime('%-H:%M') if times.at else ''} {times.on}"
    assert words in reports()[name].when
    assert words in said or times.on == "last day of the month"


def test_the_launch_has_its_updates_and_syncs() -> None:
    day = went_out("2026-11-30T10:00", "2026-12-02T10:00", LAUNCH)
    assert len(day["hourly"]) == 24
    assert (day["hourly"][0], day["hourly"][-1]) == ("11-30 11:07", "12-01 10:07")
    assert day["sync"] == ["11-30 11:07", "11-30 14:07", "11-30 18:07", "12-01 10:07"]


def test_without_a_launch_none_is_made_up() -> None:
    assert not {"hourly", "sync"} & set(went_out("2026-11-30T00:00", "2026-12-01T00:00"))


@pytest.mark.parametrize(
    ("month", "last"),
    [("2027-02", "02-28"), ("2028-02", "02-29"), ("2026-12", "12-31"), ("2027-04", "04-30")],
)
def test_a_month_ends_on_its_last_day(month: str, last: str) -> None:
    found = went_out(f"{month}-01T00:00", f"{month}-{last[3:]}T23:00", step=timedelta(hours=1))
    assert found["monthly-performance"] == [f"{last} 10:00"]


def test_four_weeks_are_counted_from_the_launch() -> None:
    year = went_out("2026-11-30T00:00", "2027-11-29T00:00", LAUNCH, step=timedelta(hours=6))
    assert year["monthly-business"][:2] == ["12-28 10:00", "01-25 10:00"]
    assert len(year["monthly-business"]) == 12


def test_what_was_missed_for_days_goes_out_once_or_not_at_all() -> None:
    done = dict.fromkeys(SHIPPED, at("2026-12-07T08:00"))
    found = due(SHIPPED, None, done, at("2026-12-10T10:30"))
    assert [(one.name, one.late) for one in found] == [
        ("optimisation", True), ("engineering", True), ("verification", True), ("product", True),
        ("standup", False), ("daily", False), ("triage", False), ("cost", False),
    ]  # fmt: skip
    assert {one.at for one in found if one.name == "standup"} == {at("2026-12-10T09:00")}


def test_an_update_of_an_hour_ago_is_of_no_use() -> None:
    hourly = {"hourly": SHIPPED["hourly"]}
    done = {"hourly": LAUNCH}
    asleep = due(hourly, LAUNCH, done, LAUNCH + timedelta(hours=9, minutes=29))
    assert asleep == (Due("hourly", LAUNCH + timedelta(hours=9), late=False),)
    (late,) = due(hourly, LAUNCH, done, LAUNCH + timedelta(hours=9, minutes=31))
    assert late.late


def test_what_was_never_seen_to_has_nothing_to_make_up_for() -> None:
    assert due(SHIPPED, LAUNCH, {}, at("2026-12-07T12:00")) == ()


def test_a_clock_that_was_put_back_makes_nothing_due() -> None:
    done = dict.fromkeys(SHIPPED, at("2026-12-07T12:00"))
    assert due(SHIPPED, None, done, at("2026-12-07T09:00")) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('within = "1h"', "daily in calendar.toml should have either at or after."),
        ('at = "09:00"\nafter = ["1h"]\nwithin = "1h"', "should have either at or after."),
        ('at = "09:00"\non = "Monday"\nweeks = 4\nwithin = "1h"', "and not both."),
        ('at = "09:00"\non = "Someday"\nwithin = "1h"', "daily.on in calendar.toml should be"),
        ('at = "25:00"\nwithin = "1h"', "daily.at in calendar.toml"),
        ('at = "09:00"', "daily.within in calendar.toml"),
        ('at = "09:00"\nwithin = "1h"\nhour = 3', "daily.hour in calendar.toml"),
        ("at =", "calendar.toml cannot be read: "),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(f"[daily]\n{text}\n")
    with pytest.raises(PlanError) as refused:
        read(tmp_path)
    assert said in str(refused.value)


def test_a_plan_of_ones_own_may_have_a_calendar_of_its_own(tmp_path: Path) -> None:
    assert read(tmp_path) == SHIPPED
    (tmp_path / FILE).write_text('[daily]\nat = "07:30"\nwithin = "1h"\n')
    assert list(read(tmp_path)) == ["daily"]


def test_the_shipped_calendar_is_of_the_shipped_reports() -> None:
    assert checked(read(), reports()) == read()


def test_a_calendar_is_held_against_the_reports() -> None:
    known = {**reports(), "launch": reports()["daily"].model_copy(update={"to": None})}
    times = Times(at=time(9), within=60)
    with pytest.raises(PlanError) as refused:
        checked({"daly": times, "launch": times}, known)
    assert str(refused.value).splitlines() == [
        "daly in calendar.toml is no report of reports.toml; the nearest is daily.",
        "launch in calendar.toml goes to nobody: give it `to` in reports.toml.",
    ]
