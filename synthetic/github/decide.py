"""Ends a gate as its code says: 0 deploys, 1 blocks, 2 was asked wrongly, 3 is inconclusive.

Of two tries the later one counts, which is made when the first was inconclusive. Without any code
something of ours broke before the gate, which is inconclusive. Standard library only.
"""

from __future__ import annotations

import sys

from synthetic.github.admit import INCONCLUSIVE
from synthetic.github.job import Job

_SAID = {
    0: "The gate lets the candidate through.",
    1: "The gate blocks the candidate: it is at fault.",
    2: "The gate was asked wrongly, or a setting is wrong.",
    INCONCLUSIVE: "The gate is inconclusive: that is no pass, and not the candidate's fault.",
}


def main(job: Job) -> int:
    """Say what it came to; the exit code."""
    given = job["AGAIN"] or job["FIRST"]
    code = int(given) if given in ("0", "1", "2", "3") else INCONCLUSIVE
    job.say("notice" if code == 0 else "error", _SAID[code])
    return code


if __name__ == "__main__":
    sys.exit(main(Job.here()))
