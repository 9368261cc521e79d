"""Keeps schedules alive: GitHub stops those of public repositories after 60 idle days.

Enabling a workflow anew that is enabled counts as a sign of life in practice; GitHub promises
nothing, so a dead man's switch (``synthetic.github.beat``) is what tells when it stops after all.
One that somebody switched off stays off.
"""

from __future__ import annotations

import sys

from synthetic.github.job import ApiError, Job
from synthetic.github.prepare import WORKFLOW

SCHEDULED = (WORKFLOW, "page.yml")


def main(job: Job) -> int:
    """Enable the workflows; the exit code, 1 where GitHub refuses."""
    try:
        for name in SCHEDULED:
            path = f"{job.repository}/actions/workflows/{name}"
            if job.api.get(path)["state"] != "disabled_manually":
                job.api.send("PUT", f"{path}/enable")
    except (ApiError, KeyError, TypeError, ValueError) as error:
        job.say("warning", f"The schedules may stop after 60 idle days: {error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Job.here()))
