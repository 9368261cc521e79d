"""Setting up: from a clone to all that `make smoke` needs, against a bare Playwright.

Both take a new virtual environment and a warm pip cache, in turn; the bare one gets Playwright
alone, of the pinned version. A browser that is on the machine serves both and counts for neither;
where there is none, each downloads its own. Megabytes are the sizes of all files made. Goals:
≤ 1.5 × the bare one. Beside it the first smoke run, against the stand-in, and what it compiles:
set-up leaves that to whatever is imported. Clones what is committed.

    python -m benchmarks.setting_up [--rounds 3] [--no-smoke]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, progress
from synthetic.browser.launch import SYSTEM_BROWSERS

ROOT = Path(__file__).parents[1]
GOAL_RATIO = 1.5
ROUNDS = 3
LIMIT_S = 900
MEGABYTE = 1e6


@dataclass(frozen=True)
class Cost:
    """Of one set-up."""

    seconds: float
    megabytes: float


def run(rounds: int = ROUNDS, *, smoke: bool = True) -> list[Figure]:
    """Both set-ups in turn, and a smoke run in the last clone."""
    pairs: list[tuple[Cost, Cost]] = []
    ran: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in progress("setting up", rounds + 1):
            here, there = Path(folder, "ours"), Path(folder, "bare")
            pair = _ours(here), _bare(there)
            if number:  # the first pair fills pip's cache
                pairs.append(pair)
            if smoke and number == rounds:
                ran = _first_smoke(here)
            shutil.rmtree(here)
            shutil.rmtree(there)
    return [*_figures(pairs), *ran]


def _ours(here: Path) -> Cost:
    """What the README says, without the run."""
    started = time.monotonic()
    _call(["git", "clone", "--quiet", ROOT, here / "clone"], here)
    cloned = _megabytes(here)
    _call(["make", "-C", here / "clone", "setup", f"PYTHON={sys.executable}"], here)
    return Cost(time.monotonic() - started, _megabytes(here) - cloned)


def _bare(here: Path) -> Cost:
    """What a script with Playwright needs."""
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    (playwright,) = re.findall(r"^playwright==[\w.]+", pins, re.MULTILINE)
    python = here / "venv" / "bin" / "python"
    started = time.monotonic()
    _call([sys.executable, "-m", "venv", here / "venv"], here)
    _call([python, "-m", "pip", "install", "-q", playwright], here)
    if not any(map(shutil.which, SYSTEM_BROWSERS)):
        _call([python, "-m", "playwright", "install", "--no-shell", "chromium"], here)
    return Cost(time.monotonic() - started, _megabytes(here))


def _first_smoke(here: Path) -> list[Figure]:
    venv, started = here / "clone" / ".venv", time.monotonic()
    before = _megabytes(venv)
    _call(["make", "-C", here / "clone", "smoke", f"PYTHON={sys.executable}"], here)
    took = time.monotonic() - started
    return [
        Figure("the first `make smoke` after it", took, "s", None, 1),
        Figure("compiled by it", _megabytes(venv) - before, "MB", None, 1),
    ]


def _call(command: list[str | Path], here: Path) -> None:
    """As a user who has set nothing, with browsers of their own; pip's cache is shared."""
    unset = ("SYNTHETIC_", "PLAYWRIGHT_", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    environ["PIP_CACHE_DIR"] = str(here.parent / "cache")
    environ["PLAYWRIGHT_BROWSERS_PATH"] = str(here / "browsers")
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode:
        words = " ".join(map(str, command))
        raise SystemExit(f"`{words}` failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def _megabytes(folder: Path) -> float:
    files = (path.lstat() for path in folder.rglob("*") if not path.is_dir())
    return sum(file.st_size for file in files) / MEGABYTE


def _figures(pairs: Sequence[tuple[Cost, Cost]]) -> list[Figure]:
    def figure(name: str, of: Callable[[Cost, Cost], float], unit: str) -> Figure:
        goal = GOAL_RATIO if unit == "×" else None
        return Figure(name, statistics.median(of(*pair) for pair in pairs), unit, goal, len(pairs))

    return [
        figure("set-up / bare Playwright, time", lambda a, b: a.seconds / b.seconds, "×"),
        figure("set-up / bare Playwright, size", lambda a, b: a.megabytes / b.megabytes, "×"),
        figure("`git clone` and `make setup`, median", lambda a, _: a.seconds, "s"),
        figure("bare Playwright, median", lambda _, b: b.seconds, "s"),
        figure("made by `make setup`", lambda a, _: a.megabytes, "MB"),
        figure("made by the bare one", lambda _, b: b.megabytes, "MB"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-smoke", dest="smoke", action="store_false")
    given = parser.parse_args()
    for figure in run(given.rounds, smoke=given.smoke):
        print(figure)
