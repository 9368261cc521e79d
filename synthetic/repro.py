"""A failed journey once more, as it was: which, where, and the command that runs it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from synthetic.errors import UsageError
from synthetic.journeys.target import STANDIN
from synthetic.results import REPRO, Run


@dataclass(frozen=True)
class Rerun:
    """A command, and the variables that it is given beside the present ones."""

    command: tuple[str, ...]
    environ: dict[str, str]


def rerun(record: Run, *, headed: bool = False, slow_ms: int = 0) -> Rerun:
    """How to run what failed in ``record`` again, once; each gesture takes ``slow_ms`` longer.

    Raises :class:`UsageError` when nothing failed.
    """
    failed = dict.fromkeys(one.name for one in record.journeys if one.status == "failed")
    if not failed:
        raise UsageError(f"no journey of {record.run_id} failed, so there is none to run again")
    suites = " or ".join(record.suite.split("+"))
    shown = [*(["--headed"] if headed else []), *(["--slowmo", str(slow_ms)] if slow_ms else [])]
    target = {} if record.target == STANDIN else {"SYNTHETIC_BASE_URL": record.target}
    return Rerun(
        command=(
            *(sys.executable, "-m", "pytest", "-m", suites, "-k", " or ".join(failed)),
            *shown,
        ),
        environ={"SYNTHETIC_ATTEMPTS": "1", "SYNTHETIC_TRIGGER": REPRO, **target},
    )
