"""Holds a candidate against its baseline by ``synthetic gate``, and keeps what it said.

Writes ``gate.json`` and ``gate.md`` (for people, on the run's page and in the pull request) to
``reports/gate-result``, and the outputs ``code`` and ``verdict``. Exit code 0: what the code means
for the deploy is for ``decide``. A gate that ended without a verdict, as by an error of ours, is
inconclusive, never the candidate's fault.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthetic.gate.told import for_github
from synthetic.github.admit import INCONCLUSIVE, WRONG_USAGE
from synthetic.github.gate_told import told
from synthetic.github.job import TELLS_NOBODY, Job

_NO_VERDICT = "The gate ended without a verdict: see the log."
_CODES = {0: ("passed", "degraded"), 1: ("failed", "degraded"), INCONCLUSIVE: ("inconclusive",)}
Run = Callable[[list[str]], tuple[int, bytes]]
"""Runs a command; its exit code and standard output."""


def main(job: Job, run: Run) -> int:
    """Run the gate; the exit code."""
    theirs = Path(job["CONFIG"] or "synthetic.toml")
    if theirs.is_file() and not Path("synthetic.toml").exists():
        shutil.copyfile(theirs, "synthetic.toml")
    code, said = run(command(job["TARGET"], job["SUITE"], job["BASELINE"], job["BUDGET"]))
    decision = read(said)
    verdict = str(decision.get("verdict"))
    if code == WRONG_USAGE:
        verdict = "inconclusive"
        job.say("error", "The gate was asked wrongly, or a setting is wrong: see the log.")
    elif verdict not in _CODES.get(code, ()):
        code, verdict = INCONCLUSIVE, "inconclusive"
        decision = {"verdict": verdict, "why": [_NO_VERDICT]}
        job.say("error", _NO_VERDICT)
    else:
        job.annotate(for_github(decision))
    decision = {**decision, "verdict": verdict, "code": code}
    folder = Path(job["SYNTHETIC_REPORTS_DIR"] or "reports") / "gate-result"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gate.json").write_text(json.dumps(decision, indent=1))
    text = told(decision, job["TARGET"])
    (folder / "gate.md").write_text(text)
    job.summarize(text)
    job.give(code=str(code), verdict=verdict)
    return 0


def command(target: str, suite: str, baseline: str, budget: str) -> list[str]:
    """The command line; a value that looks like an option stays a value."""
    asked = [f"--target={target}", f"--suite={suite}", "--json"]
    if baseline:
        asked.append(f"--baseline={baseline}")
    if budget:
        asked.append(f"--budget={budget}")
    return [".venv/bin/synthetic", "gate", *asked]


def read(said: bytes) -> dict[str, Any]:
    """The gate's JSON; nothing where it said none."""
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def unobeyed(words: list[str]) -> tuple[int, bytes]:
    """Run a command; what it says to people, which may be a target's words, gives no orders.

    Its annotations are ours to make, of its JSON.
    """
    environ = {**os.environ, **TELLS_NOBODY}
    environ.pop("GITHUB_ACTIONS", None)
    token = secrets.token_hex(16)
    sys.stderr.write(f"::stop-commands::{token}\n")
    sys.stderr.flush()
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, env=environ, check=False)
    finally:
        sys.stderr.write(f"\n::{token}::\n")
        sys.stderr.flush()
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(Job.here(), unobeyed))
