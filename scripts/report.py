"""Makes reports/allure/index.html, one file, of the Allure results that runs left.

Needs Node 20+ and, the first time, npm's registry. Exit code 1 and one sentence when it can't.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from synthetic.errors import SyntheticError
from synthetic.settings import load

ALLURE = "allure@3.18.0"
OLDEST_NODE = 20
LIMIT_S = 300

# Allure's pages load a tracker and hand it the report's id; ours load nothing from anywhere.
TRACKERS = (
    re.compile(r'<script[^>]*\ssrc="https?://[^"]*"[^>]*>\s*</script>'),
    re.compile(r"<script>\s*window\.dataLayer\b.*?</script>", re.DOTALL),
)
STILL_THERE = re.compile(r'<script[^>]*\ssrc="https?://|window\.dataLayer')


class CannotReport(Exception):
    """Something only a person can mend; the message is the sentence that says what."""


def main() -> int:
    """Make the report; the exit code."""
    try:
        reports = load().reports_dir
        require_node()
        sys.stderr.write("Making the report; the first time, npm fetches Allure.\n")
        page = generate(reports / "allure-results")
        target = reports / "allure" / "index.html"
        target.parent.mkdir(exist_ok=True)
        target.write_text(without_trackers(page))
    except (CannotReport, SyntheticError) as error:
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


def generate(results: Path) -> str:
    """The report over ``results`` as one HTML text."""
    if not any(results.glob("*-result.json")):
        raise CannotReport(f"There are no results in {results}: run `make smoke` first.")
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "exec", "--yes", f"--package={ALLURE}", "--", "allure", "awesome"]
        try:
            done = subprocess.run(
                [*command, "--single-file", "--output", folder, str(results)],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotReport(f"Allure did not end within {LIMIT_S} s: try again.") from None
        page = Path(folder, "index.html")
        if done.returncode or not page.is_file():
            sys.stderr.write(done.stderr)
            raise CannotReport("Allure made no report: see above; is npm's registry reachable?")
        return page.read_text()


def without_trackers(page: str) -> str:
    """The page without scripts from elsewhere; raises if one of them is of a new shape."""
    for tracker in TRACKERS:
        page = tracker.sub("", page)
    if STILL_THERE.search(page):
        raise CannotReport(f"{ALLURE} loads a script in a new way: adapt scripts/report.py.")
    return page


if __name__ == "__main__":
    sys.exit(main())
