"""Microphone feeds as files."""

from __future__ import annotations

import array
import math
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from synthetic.errors import FeedError
from synthetic.media.mark import ROLES
from synthetic.media.microphone import (
    PAUSE_MS,
    PULSE_MS,
    RATE_HZ,
    SECONDS,
    TONES_HZ,
    cached_feed,
    rhythm,
)


def samples(path: Path) -> array.array[int]:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE_HZ, 1, 2)
        return array.array("h", sound.readframes(sound.getnframes()))


def power(heard: array.array[int], tone: int) -> float:
    """How strong a tone is (Goertzel's sum, written out)."""
    turns = [2 * math.pi * tone * position / RATE_HZ for position in range(len(heard))]
    real = sum(value * math.cos(turn) for value, turn in zip(heard, turns, strict=True))
    imaginary = sum(value * math.sin(turn) for value, turn in zip(heard, turns, strict=True))
    return math.hypot(real, imaginary) / len(heard)


@pytest.mark.parametrize("role", ROLES[:2])
def test_each_role_speaks_in_its_own_tones(role: str, tmp_path: Path) -> None:
    heard = samples(cached_feed(role, tmp_path))
    assert len(heard) == SECONDS * RATE_HZ
    start, length = next(rhythm(role))
    pulse = heard[start : start + length]
    loudest = max(
        (tone for pair in TONES_HZ.values() for tone in pair), key=lambda t: power(pulse, t)
    )
    assert loudest == TONES_HZ[role][0]


def test_pulses_pause(tmp_path: Path) -> None:
    heard = samples(cached_feed("host", tmp_path))
    for (start, length), (following, _) in pairwise(rhythm("host")):
        assert max(heard[start : start + length]) > 10_000
        assert set(heard[start + length : following]) == {0}


@pytest.mark.parametrize("role", ROLES)
def test_pulses_and_pauses_are_of_the_lengths_that_pass_for_speech(role: str) -> None:
    def milliseconds(span: int) -> float:
        return span * 1000 / RATE_HZ

    for (start, length), (following, _) in pairwise(rhythm(role)):
        assert PULSE_MS[0] <= milliseconds(length) <= PULSE_MS[1]
        assert PAUSE_MS[0] <= milliseconds(following - start - length) <= PAUSE_MS[1]


def test_no_two_tones_are_close_enough_to_be_confused() -> None:
    tones = sorted(tone for pair in TONES_HZ.values() for tone in pair)
    assert min(b - a for a, b in pairwise(tones)) >= 3 * RATE_HZ / 4096


def test_a_feed_is_made_once(tmp_path: Path) -> None:
    first = cached_feed("host", tmp_path)
    made = first.stat().st_mtime_ns
    assert cached_feed("host", tmp_path).stat().st_mtime_ns == made
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(FeedError, match=r"the microphone feed of host .* writable"):
        cached_feed("host", tmp_path / "cache")


@pytest.mark.parametrize("left", [0, 20, 5000])
def test_a_damaged_file_is_told_with_its_cure(tmp_path: Path, left: int) -> None:
    path = cached_feed("guest", tmp_path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(FeedError, match="remove that file so that it is made again"):
        cached_feed("guest", tmp_path)
