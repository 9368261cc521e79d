"""Runs in a row: a suite again and again against a stand-in of one topology, without a flake.

Every run adds a line to `reports/series/SUITE-TOPOLOGY.jsonl`; begun again, a series goes on
where it stopped. What a run that did not pass wrote is kept beside it.

With `--half`, half of the processors are taken away meanwhile: nothing may then be called failed,
and at most every fifth run may be inconclusive.

    python -m benchmarks.repeat --suite full --topology mesh --times 10 [--half]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from benchmarks import series
from benchmarks.report import Figure
from synthetic.journeys.target import CODE_LIFETIME_S
from synthetic.results import Run
from tests.detection.troubles import all_cores, hogs

SUITES, TOPOLOGIES = ("smoke", "full"), ("mesh", "sfu")
LIMIT_S = 1800
HALF = "-half"
MOST_INCONCLUSIVE = 0.2
_FIRST = -20  # of all priorities


@contextmanager
def standin(topology: str) -> Iterator[dict[str, str]]:
    """The settings by which to use a stand-in of that topology, while it serves."""
    lives = ["--with-parent", "--code-lifetime", CODE_LIFETIME_S]
    command = [sys.executable, "-m", "synthetic.standin", "--topology", topology, *lives]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SystemExit(f"the stand-in of topology {topology} did not come up")
            yield json.loads(line)["env"]
        finally:
            process.terminate()


def once(suite: str, topology: str) -> dict[str, Any]:
    """One run: verdict, exit code, seconds, and the step that failed, if any."""
    with tempfile.TemporaryDirectory() as folder, standin(topology) as env:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-m", suite],
            env={**os.environ, **env, "SYNTHETIC_REPORTS_DIR": folder},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        seconds = round(time.monotonic() - started, 1)
        ended = {"exit": done.returncode, "seconds": seconds, **_record(Path(folder))}
        if _flaked(ended):
            kept = series.FOLDER / f"{suite}-{topology}-{int(time.time())}"
            shutil.copytree(folder, kept)
            (kept / "output.txt").write_text(done.stdout + done.stderr, "utf-8")
            ended["kept"] = str(kept)
        return ended


def _record(reports: Path) -> dict[str, Any]:
    latest = reports / "latest"
    if not latest.exists():
        return {"verdict": "no record", "failing": None}
    record = Run.from_json(
        (reports / "runs" / latest.read_text().strip() / "run.json").read_bytes()
    )
    failing = [
        f"{journey.name}: {step.name}: {step.error.message if step.error else ''}"
        for journey in record.journeys
        for step in journey.steps
        if step.status == "failed"
    ]
    return {"verdict": record.verdict, "failing": failing[0] if failing else None}


def half_taken() -> AbstractContextManager[None]:
    """Half of the processors do something else: of two, one."""
    ours = sorted(all_cores())
    return hogs(
        [[core] for core in ours[: (len(ours) + 1) // 2]], _FIRST if not os.geteuid() else 0
    )


def tally() -> list[Figure]:
    """Runs that did not pass, of each series that was begun."""
    figures: list[Figure] = []
    for suite in SUITES:
        for topology in TOPOLOGIES:
            figures += _half(suite, topology)
            runs = series.lines(f"{suite}-{topology}")
            if runs:
                name = f"{suite} suite, {topology}: runs not passed"
                figures.append(Figure(name, sum(map(_flaked, runs)), "runs", 0, len(runs)))
                name = f"{suite} suite, {topology}: longest run"
                longest = max(one["seconds"] for one in runs)
                figures.append(Figure(name, longest, "s", None, len(runs)))
    return figures


def _half(suite: str, topology: str) -> Iterator[Figure]:
    runs = series.lines(f"{suite}-{topology}{HALF}")
    if runs:
        verdicts = [one["verdict"] for one in runs]
        name = f"{suite} suite, {topology}, half of the processors taken"
        yield Figure(f"{name}: failed", verdicts.count("failed"), "runs", 0, len(runs))
        share = verdicts.count("inconclusive") / len(runs)
        yield Figure(f"{name}: inconclusive", 100 * share, "%", 100 * MOST_INCONCLUSIVE, len(runs))


def _flaked(run: Mapping[str, Any]) -> bool:
    return bool(run["exit"] != 0 or run["verdict"] != "passed")


def main() -> None:
    """Add runs until there are as many as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="full")
    parser.add_argument("--topology", choices=TOPOLOGIES, default="mesh")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--half", action="store_true", help="take half of the processors away")
    options = parser.parse_args()
    name = f"{options.suite}-{options.topology}{HALF if options.half else ''}"
    series.FOLDER.mkdir(parents=True, exist_ok=True)
    with half_taken() if options.half else nullcontext():
        while (number := len(series.lines(name))) < options.times:
            line = once(options.suite, options.topology)
            series.add(name, line)
            print(f"{number + 1} of {options.times}: {line}", flush=True)
    for figure in tally():
        print(figure)


if __name__ == "__main__":
    main()
