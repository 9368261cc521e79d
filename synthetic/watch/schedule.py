"""When what is done regularly is due: on a grid, so that nothing drifts. Pure.

The slots of a beat are ``anchor + n × every``, each put off by a share of chance. What was missed,
since the machine slept or something else held it up, is done once; the slot that follows within
half an interval is then passed over. A clock that was put back makes nothing wait for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MOST_SPREAD = timedelta(minutes=2)
SPREAD = 0.1  # of an interval: others that poll by the minute are not all met at once
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Chance = Callable[[str, int], float]
"""From 0 to 1 (without it), by the name of what is done and the number of its slot."""


@dataclass(frozen=True)
class Beat:
    """Slots every so often; each comes up to ``spread`` after its place on the grid."""

    name: str
    every: timedelta
    anchor: datetime = EPOCH
    spread: timedelta = timedelta()


def chance_of(seed: str) -> Chance:
    """The same chances for the same seed, in every process: a restart moves no slot."""

    @lru_cache(64)  # the same few slots are asked for again and again
    def chance(name: str, slot: int) -> float:
        drawn = hashlib.blake2b(f"{seed}\n{name}\n{slot}".encode(), digest_size=6).digest()
        return int.from_bytes(drawn, "big") / (1 << 48)

    return chance


def slot_after(beat: Beat, moment: datetime, chance: Chance) -> datetime:
    """The first slot that lies after a moment."""
    number = (moment - beat.anchor) // beat.every
    while (found := _slot(beat, number, chance)) <= moment:
        number += 1
    return found


def due_after(beat: Beat, done: datetime, chance: Chance) -> datetime:
    """When it is to be done next, having last been begun at ``done``."""
    return slot_after(beat, done + beat.every / 2, chance)


def missed(beat: Beat, due: datetime, now: datetime) -> int:
    """How many slots passed since ``due``, itself not counted, in which nothing was done."""
    return max(0, (now - due) // beat.every)


def _slot(beat: Beat, number: int, chance: Chance) -> datetime:
    late = beat.spread * chance(beat.name, number) if beat.spread else timedelta()
    return beat.anchor + number * beat.every + late
