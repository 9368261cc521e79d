"""Wall time: `pytest -m smoke`, warm, as a whole process, against its floor, alternating.

The floor is pytest opening and closing two browsers on a blank page. Goal: ≤ 4 × that floor.
Beside it, where the seconds of a run go.

    python -m benchmarks.wall [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, progress
from synthetic.results import Run

GOAL_RATIO = 4.0
LIMIT_S = 120
FLOOR = """
from pathlib import Path
from synthetic.browser.launch import browser_choice

def test_two_browsers_on_a_blank_page(playwright, launch_browser):
    options = browser_choice(None, Path(playwright.chromium.executable_path))
    arguments = ["--no-sandbox", "--disable-background-networking"]
    browsers = [launch_browser(args=arguments, **options) for _ in range(2)]
    for browser in browsers:
        browser.new_context().new_page().goto("about:blank")
    for browser in browsers:
        browser.close()
"""


def run(runs: int) -> list[Figure]:
    """Times of both, and the parts of a smoke run."""
    ratios, walls, parts = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        floor_test = Path(folder, "test_floor.py")
        floor_test.write_text(FLOOR)
        plain = ["-p", "no:cacheprovider", "--rootdir", folder, "-c", os.devnull, str(floor_test)]
        reports = Path(folder, "reports")
        for number in progress("wall time", runs + 1):
            floor = _timed(plain, {})[0]
            wall, began = _timed(["-m", "smoke"], {"SYNTHETIC_REPORTS_DIR": str(reports)})
            if number:  # the first pair warms the caches
                walls.append(wall)
                ratios.append(wall / floor)
                parts.append(_parts(reports, began, wall))
    return _figures(ratios, walls, parts)


def _timed(arguments: list[str], environ: dict[str, str]) -> tuple[float, float]:
    began, started = time.time(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"pytest {' '.join(arguments)} failed:\n{done.stdout[-4000:]}{done.stderr}"
        )
    return time.monotonic() - started, began


def _parts(reports: Path, began: float, wall: float) -> dict[str, float]:
    run_id = (reports / "latest").read_text().strip()
    record = Run.from_json((reports / "runs" / run_id / "run.json").read_bytes())
    meeting = max(record.journeys, key=lambda journey: len(journey.steps))
    first = meeting.steps[0].started_at.timestamp()
    met = next(s.started_at.timestamp() for s in meeting.steps if s.feature == "session_join")
    last = meeting.steps[-1]
    ended = last.started_at.timestamp() + (last.latency_ms or 0) / 1000
    started = record.started_at.timestamp()
    return {
        "python, pytest and its plugins": started - began,
        "stand-in, browsers, feeds": first - started,
        "sign up, log in, create": met - first,
        "the call: join, chat, proof, share, leave": ended - met,
        "closing, record, message": began + wall - ended,
    }


def _figures(
    ratios: list[float], walls: list[float], parts: list[dict[str, float]]
) -> list[Figure]:
    count = len(ratios)
    figures = [
        Figure(
            "`pytest -m smoke` / floor, median", statistics.median(ratios), "×", GOAL_RATIO, count
        ),
        Figure("`pytest -m smoke`, median", statistics.median(walls), "s", None, count),
    ]
    for name in parts[0]:
        value = statistics.median(one[name] for one in parts)
        figures.append(Figure(f"of which {name}", value, "s", None, count))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    for figure in run(parser.parse_args().runs):
        print(figure)
