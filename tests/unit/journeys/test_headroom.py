"""What this machine had left while a step went on."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from synthetic.journeys.controls import clock, machine
from synthetic.journeys.headroom import Headroom, Reading, headroom, reading, shortages

BEFORE = Reading(wall_s=1000, steady_s=50, total_s=200, idle_s=100, stolen_s=0)
ENOUGH = Headroom(
    seconds=10, busy=0.5, stolen=0, clock_jump_s=0, memory_mb=900, disk_mb=900, files=900
)


class Times(NamedTuple):
    """What the processors did, as psutil says it, in seconds."""

    user: float
    nice: float
    system: float
    idle: float


def after(**changed: float) -> Reading:
    """Ten seconds later on two processors, both idle unless said otherwise."""
    rest = Reading(wall_s=1010, steady_s=60, total_s=220, idle_s=120, stolen_s=0)
    return replace(rest, **changed)


@pytest.mark.parametrize(
    ("later", "busy", "stolen", "jump"),
    [
        (after(), 0, 0, 0),
        (after(idle_s=105), 0.75, 0, 0),
        (after(idle_s=100, stolen_s=10), 1, 0.5, 0),
        (after(wall_s=4610), 0, 0, 3600),
        (after(wall_s=1007), 0, 0, -3),
    ],
)
def test_shares_and_jumps(
    later: Reading, busy: float, stolen: float, jump: float, tmp_path: Path
) -> None:
    left = headroom(BEFORE, later, tmp_path)
    assert (left.busy, left.stolen, left.clock_jump_s) == (busy, stolen, jump)


@pytest.mark.parametrize(("niceness", "idle_s"), [(0, 85), (-5, 85), (10, 15)])
def test_who_stands_back_for_us_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, niceness: int, idle_s: float
) -> None:
    times = Times(user=10, nice=70, system=5, idle=15)
    monkeypatch.setattr("psutil.cpu_times", lambda: times)
    monkeypatch.setattr("os.getpriority", lambda *_: niceness)
    assert reading().idle_s == idle_s


def test_two_readings_at_once_are_no_division_by_nothing(tmp_path: Path) -> None:
    now = reading()
    assert 0 <= headroom(now, now, tmp_path).busy <= 1


def test_this_machine_is_short_of_nothing(tmp_path: Path) -> None:
    assert shortages(headroom(reading(), reading(), tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"memory_mb": 20.0}, "only 20 MB of memory were left"),
        ({"disk_mb": 3.0}, "only 3 MB of disk were left"),
        ({"files": 4}, "we could open only 4 more files"),
        ({"stolen": 0.6}, "60% of our processors went to others"),
    ],
)
def test_each_shortage_is_said_and_fails_the_control(change: dict[str, float], said: str) -> None:
    found = machine(replace(ENOUGH, **change))  # type: ignore[arg-type]  # names vary on purpose
    assert (found.ok, found.said) == (False, said)


def test_a_busy_machine_alone_is_no_excuse() -> None:
    assert machine(replace(ENOUGH, busy=1.0)).ok


@pytest.mark.parametrize(("jump", "ok"), [(0.4, None), (-0.9, None), (5, False), (-5, False)])
def test_a_clock_that_jumped(jump: float, ok: bool | None) -> None:
    found = clock(replace(ENOUGH, clock_jump_s=jump))
    assert (found.ok if found else None) == ok
