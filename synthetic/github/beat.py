"""Lets a dead man's switch know that a run came to its end, whatever its verdict.

It is asked with GET at ``SYNTHETIC_WATCH__HEARTBEAT_URL``; without it nothing is done. When runs
stop coming, whoever keeps the switch misses us.
"""

from __future__ import annotations

import sys
import urllib.request
from http.client import HTTPException

from synthetic.github.job import Job

_LIMIT_S = 10


def main(job: Job) -> int:
    """Ask it; the exit code is 0: a switch that does not answer changes no verdict."""
    url = job["SYNTHETIC_WATCH__HEARTBEAT_URL"]
    if not url:
        return 0
    try:
        if not url.startswith(("https://", "http://")):
            raise ValueError("no web address")
        with urllib.request.urlopen(url, timeout=_LIMIT_S) as answer:
            answer.read(1)
    except (OSError, HTTPException, ValueError) as error:  # never its address: it is a secret
        what = type(error).__name__
        job.say("warning", f"SYNTHETIC_WATCH__HEARTBEAT_URL takes no heartbeat: {what}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Job.here()))
