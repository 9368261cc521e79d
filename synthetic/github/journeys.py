"""Runs a suite; when smoke fails for certain, the full one, and then the confirming burst.

What follows a failure has the trigger of a burst, so that it bends no rate. The exit code is the
first run's: 0 passed or degraded, 1 failed, 6 inconclusive, pytest's own otherwise. Writes the
output ``code`` where it is one of the three: otherwise no run was there to send a heartbeat for.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping

from synthetic.github.job import CannotGoOn, Job
from synthetic.github.prepare import check_suite, check_target
from synthetic.github.run import BIN

BURST = "burst"
FAILED, INCONCLUSIVE = 1, 6
_SAID = {
    FAILED: "The target failed, confirmed by a second attempt.",
    INCONCLUSIVE: "Nobody can tell whether the target works: our runner or a dependency failed.",
}
Run = Callable[[list[str], Mapping[str, str]], int]
"""Runs a command with further variables; its exit code."""


def main(job: Job, run: Run) -> int:
    """Run what is due; the exit code."""
    suite = job["SUITE"] or "smoke"
    try:
        check_target(job["SYNTHETIC_BASE_URL"], "SYNTHETIC_BASE_URL")
        check_suite(suite)
    except CannotGoOn as error:
        job.say("error", str(error))
        return 2
    pytest = str(BIN / "pytest")
    code = run([pytest, "-m", suite], {"SYNTHETIC_TRIGGER": job["GITHUB_EVENT_NAME"] or "manual"})
    if code == FAILED:
        if suite == "smoke":
            run([pytest, "-m", "full"], {"SYNTHETIC_TRIGGER": BURST})
        run([str(BIN / "synthetic"), "burst"], {})
    if code in (0, FAILED, INCONCLUSIVE):
        job.give(code=str(code))
    if code:
        job.say("error", _SAID.get(code, f"pytest ended with {code} and no verdict: see the log."))
    return code


def unobeyed(command: list[str], more: Mapping[str, str]) -> int:
    """Run a command whose output, which may hold what a target said, gives GitHub no orders."""
    token = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{token}\n")
    sys.stdout.flush()
    try:
        return subprocess.run(command, env={**os.environ, **more}, check=False).returncode
    finally:
        sys.stdout.write(f"\n::{token}::\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Job.here(), unobeyed))
