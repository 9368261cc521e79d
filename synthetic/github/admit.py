"""Before a gate: is there a target, and can this pull request's run know how to reach it?

Writes the outputs ``code`` (2 or 3 where the gate cannot run, empty otherwise), ``admitted``,
``key`` (by which what this gate leaves is told from what others of the same run do), and
``evidence`` (whether it may be kept). A pull request from a fork, or of a bot's, gets no secrets
from GitHub: its gate is inconclusive, which is said, and is neither a pass nor the candidate's
fault. Standard library only. Exit code 2 for wrong usage.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

from synthetic.github.job import CannotGoOn, Job
from synthetic.github.prepare import check_suite, check_target, is_private

WRONG_USAGE, INCONCLUSIVE = 2, 3
BOTS = ("dependabot[bot]",)
WITHOUT_SECRETS = (
    "GitHub gives {who} no secrets, so nobody here can sign in to the target: the gate is "
    "inconclusive until somebody who may push runs it from a branch of this repository."
)


def main(job: Job) -> int:
    """Decide whether the gate can run; the exit code."""
    try:
        check_target(job["TARGET"], "the input target")
        check_suite(job["SUITE"])
    except CannotGoOn as error:
        job.say("error", str(error))
        job.give(code=str(WRONG_USAGE), admitted="false", key=key_of(job))
        return WRONG_USAGE
    who = stranger(job["GITHUB_EVENT_NAME"], job["GITHUB_ACTOR"], job.event)
    if who:
        job.say("error", WITHOUT_SECRETS.format(who=who))
        job.summarize(f"> {WITHOUT_SECRETS.format(who=who)}")
    job.give(
        code=str(INCONCLUSIVE) if who else "",
        admitted=str(not who).lower(),
        key=key_of(job),
        evidence=str(is_private(job)).lower(),
    )
    return 0


def key_of(job: Job) -> str:
    """By this a gate is told from others of the same workflow: a hash of its suite and target."""
    return hashlib.sha256(f"{job['SUITE']} {job['TARGET']}".encode()).hexdigest()[:8]


def stranger(name: str, actor: str, event: dict[str, Any]) -> str | None:
    """Who it is that gets no secrets; none where they are there."""
    if name != "pull_request":  # pull_request_target has them
        return None
    if actor in BOTS:
        return "a bot's pull request"
    here = (event.get("repository") or {}).get("full_name")
    head = ((event.get("pull_request") or {}).get("head") or {}).get("repo") or {}
    return None if here and head.get("full_name") == here else "a pull request from a fork"


if __name__ == "__main__":
    sys.exit(main(Job.here()))
