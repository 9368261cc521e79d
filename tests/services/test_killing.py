"""Rounds that are killed lose nothing and say nothing twice; benchmarks/killing.py kills 200."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_ten_killed_rounds_lose_nothing_and_double_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.killing", "--kills", "10", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rounds killed: 10  of " in done.stdout
