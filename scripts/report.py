"""Makes reports/allure/index.html, one file, of the Allure results that runs left.

How earlier runs ended is in it, as the store knows them. Needs Node 20+ and, the first time, npm's
registry. Exit code 1 and one sentence when it can't.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from synthetic.allure_report import past
from synthetic.allure_report.surroundings import categories
from synthetic.allure_report.telling import HERE
from synthetic.errors import ReportsNotWritable, SyntheticError
from synthetic.results import Run
from synthetic.settings import Settings, load
from synthetic.store.opening import store_of
from synthetic.store.run_folder import RunFolder

ALLURE = "allure@3.18.0"
OLDEST_NODE = 20
LIMIT_S = 300

# Allure's pages load a tracker and hand it the report's id; ours load nothing from anywhere.
TRACKERS = (
    re.compile(r'<script[^>]*\ssrc="https?://[^"]*"[^>]*>\s*</script>'),
    re.compile(r"<script>\s*window\.dataLayer\b.*?</script>", re.DOTALL),
)
STILL_THERE = re.compile(r'<script[^>]*\ssrc="https?://|window\.dataLayer')
# Of Allure's charts those that say something of a monitor's runs; the one of stability calls stable
# what fails at every other run.
CHARTS = [
    {"type": "statusDynamics", "title": "How runs ended", "limit": past.MOST_RUNS},
    {"type": "durationDynamics", "title": "How long runs took", "limit": past.MOST_RUNS},
    {"type": "successRateDistribution", "title": "Which features work"},
    {"type": "testResultSeverities", "title": "How severe it is"},
    {"type": "durations", "title": "How long journeys took"},
]
HIDDEN = ["framework", "host", "language", "package", "tag", "thread"]
HEAD = re.compile(r"<head>")
# Nor does what evidence holds of the target's pages: a browser that reads this would refuse.
POLICY = (
    "default-src data: blob: 'unsafe-inline'; script-src data: blob: 'unsafe-inline' "
    "'unsafe-eval'; form-action 'none'; object-src 'none'"
)


class CannotReport(Exception):
    """Something only a person can mend; the message is the sentence that says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the report; the exit code."""
    parser = argparse.ArgumentParser(prog="make report")
    parser.add_argument("--output", type=Path, help="the file to write; the folder must be there")
    output: Path | None = parser.parse_args(arguments).output
    try:
        settings = load()
        results = settings.reports_dir / "allure-results"
        require_node()
        require_results(results)
        sys.stderr.write("Making the report; the first time, npm fetches Allure.\n")
        shown = runs_of(settings, results)
        target = output or settings.reports_dir / "allure" / "index.html"
        here = quote(os.path.relpath(settings.reports_dir, target.parent))
        page = sealed(generate(results, name_of(shown), history(settings, shown), here))
        if not output:
            target.parent.mkdir(exist_ok=True)
        target.write_text(page, "utf-8")
    except (CannotReport, SyntheticError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(target)
    return 0


def require_node() -> None:
    """Raise unless a Node is there that Allure runs on."""
    node = shutil.which("node")
    said = subprocess.check_output([node, "--version"], text=True).strip() if node else "no Node"
    if not node or int(said.lstrip("v").partition(".")[0]) < OLDEST_NODE or not shutil.which("npm"):
        raise CannotReport(
            f"The report needs Node {OLDEST_NODE} or newer with npm, and {said} is here: install "
            "it from nodejs.org or your system's packages."
        )


def require_results(results: Path) -> None:
    """Raise where no run left anything."""
    if not any(results.glob("*-result.json")):
        raise CannotReport(f"There are no results in {results}: run `make smoke` first.")


def runs_of(settings: Settings, results: Path) -> list[Run]:
    """The records of the runs that left the results, in order.

    Those that are gone are left out, and with a sentence those that are damaged.
    """
    found = []
    for run_id in sorted(past.run_ids(results)):
        folder = RunFolder.open(settings.reports_dir, run_id)
        if not (folder.path / "run.json").exists():
            continue
        try:
            found.append(folder.read())
        except ReportsNotWritable as error:
            sys.stderr.write(f"One run is left out of names and history: {error}\n")
    return found


def name_of(shown: Sequence[Run]) -> str:
    """What the page calls itself."""
    if not shown:
        return "Synthetic monitor"
    target = "a stand-in, not the product" if shown[0].target == "stand-in" else shown[0].target
    return f"{target}, seen from {shown[0].location}"


def history(settings: Settings, shown: Sequence[Run]) -> str:
    """How runs before these ended; nothing, and a sentence, where the store cannot be read."""
    if not shown:
        return ""
    try:
        with store_of(settings) as store:
            runs = past.earlier(store, shown)
    except SyntheticError as error:
        sys.stderr.write(f"The report is without earlier runs: {error}\n")
        return ""
    return past.lines(runs, str(settings.reports_url) if settings.reports_url else None)


def generate(results: Path, name: str, earlier: str, here: str = HERE) -> str:
    """The report over ``results``, whose history is ``earlier``, as one HTML text.

    ``here`` leads from the page to the reports' folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        work, page = Path(folder), Path(folder, "report", "index.html")
        (work / "history.jsonl").write_text(earlier, "utf-8")
        (work / "allurerc.json").write_text(json.dumps(configuration(work, name)))
        package = ["--yes", "--prefer-offline", "--ignore-scripts", f"--package={ALLURE}"]
        allure = ["allure", "generate", "--config", "allurerc.json"]
        try:
            done = subprocess.run(
                ["npm", "exec", *package, "--", *allure, str(linked(results, work, here))],
                cwd=work,
                env=without_ours(os.environ),
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotReport(f"Allure did not end within {LIMIT_S} s: try again.") from None
        if done.returncode or not page.is_file():
            sys.stderr.write(done.stderr)
            raise CannotReport("Allure made no report: see above; is npm's registry reachable?")
        return page.read_text("utf-8")


def without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs of others: our settings, and the secrets in them, are not in."""
    return {
        name: value for name, value in environ.items() if not name.upper().startswith("SYNTHETIC_")
    }


def linked(results: Path, work: Path, here: str) -> Path:
    """Results whose links lead to the reports' folder from the page; in ``work`` where changed."""
    if here == HERE:
        return results.absolute()
    copy = shutil.copytree(results, work / "results")
    for path in copy.glob("*-result.json"):
        told = path.read_bytes()
        path.write_bytes(told.replace(f'"url": "{HERE}/'.encode(), f'"url": "{here}/'.encode()))
    return copy


def configuration(work: Path, name: str) -> dict[str, Any]:
    """Allure's own: it would add to a history at each call, so it is not let."""
    return {
        "name": name,
        "output": str(work / "report"),
        "historyPath": str(work / "history.jsonl"),
        "appendHistory": False,
        "categories": categories(),
        "hideLabels": HIDDEN,
        "plugins": {
            "awesome": {
                "options": {
                    "singleFile": True,
                    "groupBy": ["parentSuite", "suite"],
                    "charts": CHARTS,
                }
            },
            "agent": {"enabled": False},  # it would be there unasked
        },
    }


def sealed(page: str) -> str:
    """The page without scripts from elsewhere, and forbidden to load any, or anything else.

    Raises :class:`CannotReport` where one of them is of a new shape.
    """
    for tracker in TRACKERS:
        page = tracker.sub("", page)
    policy = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    page, heads = HEAD.subn(lambda _: policy, page, count=1)
    if STILL_THERE.search(page) or not heads:
        raise CannotReport(f"{ALLURE} loads a script in a new way: adapt scripts/report.py.")
    return page


if __name__ == "__main__":
    sys.exit(main())
