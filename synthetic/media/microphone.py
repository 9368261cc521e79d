"""Microphone feeds: each role speaks in pulses of its own two tones, a warble.

Steady tones are what noise suppression removes; pulses that alternate between two close tones
pass. No two stretches of the four seconds have the same rhythm, so that a delay can be read off
it. ``voices.js`` listens for the same :data:`TONES_HZ`.
"""

from __future__ import annotations

import array
import math
import os
import random
import wave
from collections.abc import Iterator
from pathlib import Path

from synthetic.errors import FeedError
from synthetic.media.mark import ROLES

RATE_HZ = 48_000
SECONDS = 4
PULSE_MS, PAUSE_MS = (90, 280), (40, 120)
TONES_HZ = {role: (520 + 210 * index, 580 + 210 * index) for index, role in enumerate(ROLES)}
VERSION = 2


def cached_feed(role: str, cache: Path) -> Path:
    """The WAV file (48 kHz, mono, 16 bit, 4 s) of ``role``, made once.

    Raises :class:`FeedError` when it cannot be written, or is damaged.
    """
    path = cache / f"voice-{role}-{VERSION}.wav"
    try:
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            with wave.open(str(unfinished), "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(RATE_HZ)
                sound.writeframes(_samples(role).tobytes())
            unfinished.replace(path)
        with wave.open(str(path)) as sound:
            if sound.getnframes() * 2 > path.stat().st_size or not sound.getnframes():
                raise EOFError("it is cut short")
    except (OSError, EOFError, wave.Error) as error:
        raise FeedError(
            f"the microphone feed of {role} could not be made or read at {path}: {error}; free "
            "some space, make the folder writable, or remove that file so that it is made again"
        ) from error
    return path


def rhythm(role: str) -> Iterator[tuple[int, int]]:
    """The pulses of ``role``: start and length in samples, within the feed's four seconds."""
    randomness = random.Random(role)
    start = 0
    while True:
        pulse = randomness.randint(*PULSE_MS) * RATE_HZ // 1000
        pause = randomness.randint(*PAUSE_MS) * RATE_HZ // 1000
        if start + pulse + pause > SECONDS * RATE_HZ:
            return
        yield start, pulse
        start += pulse + pause


def _samples(role: str) -> array.array[int]:
    samples = array.array("h", bytes(2 * SECONDS * RATE_HZ))
    for number, (start, length) in enumerate(rhythm(role)):
        turn = 2 * math.pi * TONES_HZ[role][number % 2] / RATE_HZ
        for within in range(length):
            envelope = math.sin(math.pi * within / length)
            samples[start + within] = int(12_000 * envelope * math.sin(turn * within))
    return samples
