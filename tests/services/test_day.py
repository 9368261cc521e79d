"""The whole watch lives through an hour of trouble; benchmarks/day.py is the day."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_an_outage_a_brown_out_and_a_silence_are_told_in_time_and_nothing_else_is() -> None:
    command = [sys.executable, "-m", "benchmarks.day", "--hour"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for rule in ("e-all-services-down", "f-site-200", "e-critical-error-rate", "no-data"):
        for state in ("firing", "resolved"):
            assert f"{rule} {state} " in done.stdout
