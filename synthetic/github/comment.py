"""Tells a pull request what the gate came to, in one comment that is written anew each time.

``RESULTS`` is where the gate's ``gate.md`` is; ``FIRST`` and ``AGAIN`` are the codes of two tries
on machines of their own, of which the later counts. Two gates of one workflow have a comment each,
and a candidate whose address differs with each push has but one. Needs ``pull-requests: write``.
Where there is no pull request, or the token may only read, as in one from a fork, that is said and
changes nothing. Standard library only. Exit code 0.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from synthetic.github.admit import key_of
from synthetic.github.job import ApiError, Job

_LONGEST = 60_000  # GitHub takes 65,536 characters
_NOTHING = "### ⚪ The gate ended before it came to a verdict: that is no pass"
_SECOND = "This is the second try, on a fresh runner; the first was inconclusive."
_ONCE_MORE = "**Re-run all jobs** has it tried once more; *Re-run failed jobs* repeats no try."


def main(job: Job) -> int:
    """Write the comment; the exit code."""
    folder = Path(job["RESULTS"] or "reports/gate-result")
    results = [*folder.glob("gate.md"), *folder.glob("*/gate.md")]
    text = results[0].read_text("utf-8")[:_LONGEST] if results else _NOTHING
    if results and job["AGAIN"]:
        text += f"\n\n{_SECOND}"
    if (job["AGAIN"] or job["FIRST"]) not in ("", "0"):
        text += f"\n\n{_ONCE_MORE}"
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
    """How the comments of a workflow's gates begin; nobody sees it."""
    return f"<!-- synthetic gate {hashlib.sha256(workflow.encode()).hexdigest()[:12]} "


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
    mark, key, run = marker(job["GITHUB_WORKFLOW"]), key_of(job), job["GITHUB_RUN_ID"]
    comment = {"body": f"{mark}{key} {run} -->\n{text}"}
    path = f"{job.repository}/issues/{number}/comments"
    ours = _ours(job, path, mark)
    # The same gate's, or an earlier run's, whose candidate had another address.
    standing = [one for one, told in ours if told[:1] == [key]]
    standing += [one for one, told in ours if told[1:2] != [run]]
    if standing:
        job.api.send("PATCH", f"{job.repository}/issues/comments/{standing[0]}", comment)
    else:
        job.api.send("POST", path, comment)


def _ours(job: Job, path: str, mark: str) -> list[tuple[int, list[str]]]:
    """Comments that begin with our mark, by id, and what the mark says further.

    Anybody may write it: of people's comments only those of the token's owner are ours to change.
    """
    found, owner = [], None
    for one in job.api.pages(path):
        first, user = str(one["body"]).partition("\n")[0], one.get("user") or {}
        if not first.startswith(mark):
            continue
        if user.get("type") != "Bot":
            owner = _owner(job) if owner is None else owner
            if not owner or user.get("login") != owner:
                continue
        found.append((int(one["id"]), first.removeprefix(mark).split()))
    return found


def _owner(job: Job) -> str:
    """Who a token of one's own belongs to; nobody where it is a bot's."""
    try:
        return str(job.api.get("/user")["login"])
    except ApiError:
        return ""


if __name__ == "__main__":
    sys.exit(main(Job.here()))
