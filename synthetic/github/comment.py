"""Tells a pull request what the gate came to, in one comment that is written anew each time.

``RESULTS`` is where the gate's ``gate.md`` is, or those of two tries, of which the later counts.
Needs ``pull-requests: write``. Where there is no pull request, or the token may only read, as in
one from a fork, that is said and changes nothing. Standard library only. Exit code 0.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from synthetic.github.job import ApiError, Job

AUTHOR = "github-actions[bot]"
_LONGEST = 60_000  # GitHub takes 65,536 characters
_NOTHING = "### ⚪ The gate ended before it came to a verdict: that is no pass"


def main(job: Job) -> int:
    """Write the comment; the exit code."""
    results = sorted(Path(job["RESULTS"] or "reports/gate-result").glob("**/gate.md"))
    text = results[-1].read_text("utf-8")[:_LONGEST] if results else _NOTHING
    if len(results) > 1:
        text += "\n\nThis is the second try, on a fresh runner; the first was inconclusive."
    links = {"evidence": job["EVIDENCE_URL"], "run": job.address}
    text += "\n\n" + " · ".join(f"[{name}]({url})" for name, url in links.items() if url)
    try:
        number = pull_request(job)
        if number is None:
            job.say("notice", "There is no pull request to comment on.")
        else:
            _write(job, number, text)
    except (ApiError, KeyError, TypeError) as error:
        job.say("notice", f"The pull request was not commented on: {error}.")
    return 0


def marker(workflow: str) -> str:
    """By this the comment of a workflow is found again; nobody sees it."""
    return f"<!-- synthetic gate {hashlib.sha256(workflow.encode()).hexdigest()[:12]} -->"


def pull_request(job: Job) -> int | None:
    """The pull request that the job is about: its event's, or the open one of the commit."""
    told = job.event.get("pull_request") or {}
    if isinstance(told.get("number"), int):
        return int(told["number"])
    for one in job.api.get(f"{job.repository}/commits/{job['GITHUB_SHA']}/pulls"):
        if one["state"] == "open":
            return int(one["number"])
    return None


def _write(job: Job, number: int, text: str) -> None:
    mark = marker(job["GITHUB_WORKFLOW"])
    comment = {"body": f"{mark}\n{text}"}
    path = f"{job.repository}/issues/{number}/comments"
    for one in job.api.pages(path):
        # Anybody may write our mark: only what we wrote is ours to change.
        if one["user"]["login"] == AUTHOR and str(one["body"]).startswith(mark):
            job.api.send("PATCH", f"{job.repository}/issues/comments/{one['id']}", comment)
            return
    job.api.send("POST", path, comment)


if __name__ == "__main__":
    sys.exit(main(Job.here()))
