"""Slots lie on a grid: nothing drifts, what was missed is done once, and chance is repeatable."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from synthetic.watch.schedule import EPOCH, Beat, chance_of, due_after, missed, slot_after
from tests.unit.watch.worlds import MIDNIGHT

CHANCE = chance_of("https://kulti.test from home")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SMOKE = Beat("smoke", 2 * HOUR, spread=2 * MINUTE)


def begun(beat: Beat, start: datetime, end: datetime, held_up: timedelta) -> list[datetime]:
    """When it is begun if each time something holds it up a little."""
    found = []
    due = due_after(beat, start, CHANCE)
    while due < end:
        found.append(due)
        due = due_after(beat, due + held_up, CHANCE)
    return found


@pytest.mark.parametrize("held_up_s", [0, 0.4, 9, 29])
def test_what_is_held_up_a_little_does_not_drift(held_up_s: float) -> None:
    minutely = Beat("probe", MINUTE)
    times = begun(minutely, MIDNIGHT, MIDNIGHT + 24 * HOUR, timedelta(seconds=held_up_s))
    assert times == [MIDNIGHT + number * MINUTE for number in range(1, 1440)]


def test_every_slot_comes_up_to_its_spread_late_and_rarely_at_the_same_second() -> None:
    times = begun(SMOKE, MIDNIGHT, MIDNIGHT + 100 * HOUR, timedelta())
    late = [(at - EPOCH) % SMOKE.every for at in times]
    assert all(timedelta() <= one < SMOKE.spread for one in late)
    assert len({one.seconds for one in late}) > len(late) / 2


def test_a_restart_moves_no_slot_and_another_place_has_its_own() -> None:
    again, elsewhere = chance_of("https://kulti.test from home"), chance_of("another")
    assert slot_after(SMOKE, MIDNIGHT, again) == slot_after(SMOKE, MIDNIGHT, CHANCE)
    assert slot_after(SMOKE, MIDNIGHT, elsewhere) != slot_after(SMOKE, MIDNIGHT, CHANCE)


def test_what_was_done_late_is_not_done_again_at_once() -> None:
    plain = Beat("smoke", 2 * HOUR)
    late = MIDNIGHT + 3.5 * HOUR
    assert due_after(plain, late, CHANCE) == MIDNIGHT + 6 * HOUR
    assert due_after(plain, MIDNIGHT + 2.5 * HOUR, CHANCE) == MIDNIGHT + 4 * HOUR


def test_slots_are_counted_from_the_launch() -> None:
    launch = MIDNIGHT + timedelta(hours=9, minutes=7)
    quarter = Beat("smoke", 15 * MINUTE, anchor=launch)
    assert slot_after(quarter, launch - MINUTE, CHANCE) == launch
    assert slot_after(quarter, launch, CHANCE) == launch + 15 * MINUTE


def test_what_was_missed_is_counted() -> None:
    assert missed(SMOKE, MIDNIGHT, MIDNIGHT + 9 * HOUR) == 4
    assert missed(SMOKE, MIDNIGHT, MIDNIGHT + MINUTE) == 0
    assert missed(SMOKE, MIDNIGHT, MIDNIGHT - HOUR) == 0


def test_of_any_beat_at_any_moment_the_next_slot_is_the_first() -> None:
    draw = random.Random(7)
    for _ in range(500):
        every = timedelta(seconds=draw.choice([5, 60, 61.5, 900, 7200, 86400]))
        anchor = EPOCH + draw.random() * timedelta(days=30000)
        beat = Beat("any", every, anchor, draw.random() * every * 0.99)
        moment = MIDNIGHT + draw.uniform(-1, 1) * timedelta(days=400)
        found = slot_after(beat, moment, CHANCE)
        assert moment < found < moment + every + beat.spread
        assert slot_after(beat, found - timedelta(microseconds=1), CHANCE) == found
        assert slot_after(beat, moment - every - beat.spread, CHANCE) <= moment
