"""How late pictures and voices are, from what both ends logged."""

from __future__ import annotations

import random

import pytest

from synthetic.media.delays import levels_of, percentiles, picture_delays, voice_delay
from synthetic.media.mark import ROLES
from synthetic.media.microphone import RATE_HZ, SECONDS, rhythm
from synthetic.results import Latency

BLOCK_MS = 5
Levels = list[tuple[float, float]]


def test_a_frame_is_paired_with_its_own_showing() -> None:
    shown = {5: [1000.0], 6: [1033.0]}
    assert picture_delays([(1080, 5), (1120, 6)], shown) == [80, 87]


def test_a_frame_is_paired_with_its_latest_showing_before() -> None:
    assert picture_delays([(9080, 5)], {5: [1000.0, 9000.0, 17_000.0]}) == [80]


def test_a_frame_of_the_round_before_or_never_shown_has_no_delay() -> None:
    assert picture_delays([(8900, 5), (900, 5), (900, 6)], {5: [1000.0]}) == []


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentiles([]) is None
    assert percentiles([float(n) for n in range(100)]) == Latency(p50=50, p95=95)
    assert percentiles([7.04]) == Latency(p50=7, p95=7)


def loudness(role: str, at_ms: float) -> float:
    """How loud the feed of ``role`` is at that moment: 1 in the middle of a pulse."""
    at = at_ms * RATE_HZ / 1000 % (SECONDS * RATE_HZ)
    for start, length in rhythm(role):
        if start <= at < start + length:
            return 1 - abs(2 * (at - start) / length - 1)
    return 0.0


def levels(role: str, delay_ms: float = 0, seconds: float = 3, noise: float = 0) -> Levels:
    """The loudness of ``role`` in blocks of 5 ms, late by ``delay_ms``."""
    randomness = random.Random(7)
    blocks = range(int(seconds * 1000 / BLOCK_MS))
    return [
        (
            block * BLOCK_MS,
            loudness(role, block * BLOCK_MS - delay_ms) + noise * randomness.random(),
        )
        for block in blocks
    ]


@pytest.mark.parametrize("delay_ms", [15, 180, 432.5, 900])
@pytest.mark.parametrize("role", ROLES[:2])
def test_the_delay_of_a_voice_is_read_off_its_rhythm(role: str, delay_ms: float) -> None:
    found = voice_delay(levels(role), levels(role, delay_ms))
    assert found == pytest.approx(delay_ms, abs=2)


def test_a_quieter_voice_in_noise_is_as_late() -> None:
    heard = [(at, level / 5) for at, level in levels("host", 120, noise=0.5)]
    assert voice_delay(levels("host"), heard) == pytest.approx(120, abs=4)


@pytest.mark.parametrize(
    "heard",
    [
        levels("guest", 120),
        [(at, 0.0) for at, _ in levels("host")],
        [(at, 0.5) for at, _ in levels("host")],
        levels("host", 120, seconds=0.3),
        levels("host", 1500),
        [],
    ],
    ids=["another", "silence", "a steady tone", "too little", "too late", "nothing"],
)
def test_rhythms_that_do_not_agree_have_no_delay(heard: Levels) -> None:
    assert voice_delay(levels("host"), heard) is None


def test_noise_has_no_delay() -> None:
    randomness = random.Random(3)
    heard = [(at, randomness.random()) for at, _ in levels("host")]
    assert voice_delay(levels("host"), heard) is None


def test_levels_are_of_ones_own_microphone_or_of_the_track_that_is_heard() -> None:
    own = {"own": True, "track": "mine", "levels": [[0, 1]]}
    silent = {"own": False, "track": "theirs", "levels": []}
    theirs = {"own": False, "track": "theirs", "levels": [[0, 2]]}
    voices = [silent, theirs, own]
    assert levels_of(voices, own=True) == [[0, 1]]
    assert levels_of(voices, own=False, track="theirs") == [[0, 2]]
    assert levels_of(voices, own=False, track="nobody's") == []
