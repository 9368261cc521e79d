"""Journeys run again by name, in a process of their own, after they failed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection

from synthetic.store.observations import BURST

_STOPPED_WITHIN_S = 30


def command(journeys: Collection[str] = ()) -> list[str]:
    """What runs journeys by their names, or all of the smoke suite."""
    which = ("-m", "smoke or full", "-k", " or ".join(journeys)) if journeys else ("-m", "smoke")
    return [sys.executable, "-m", "pytest", *which]


def again(journeys: Collection[str], *, apart: bool = False, limit_s: float | None = None) -> int:
    """Run journeys, all of the smoke suite without any, and wait until they have ended.

    The run stores and tells by itself what it found. ``apart`` it outlives us and leaves standard
    output alone, which may be somebody's contract. After ``limit_s`` it is asked to end. Returns
    the id of its process.
    """
    process = subprocess.Popen(
        command(journeys),
        env={**os.environ, "SYNTHETIC_TRIGGER": BURST},
        stdout=sys.stderr if apart else None,
        start_new_session=apart,
    )
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.terminate()  # it notes then that it was cut off
        try:
            process.wait(_STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.pid
