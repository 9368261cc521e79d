"""Stages what this job leaves: its run records, the history, what a server did not take.

Writes folders ``kept/records``, ``kept/history`` and ``kept/undelivered``, and the outputs
``records``, ``history`` and ``undelivered``: the names of their artifacts, empty where there is
nothing to keep. Evidence is in none of them. Where earlier runs' history could not be had there is
no history either: it would be the newest, and all that is in theirs alone be lost.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from synthetic.github.carried import Kind, name_of
from synthetic.github.gather import CARRIED, FIGURES
from synthetic.github.job import Job

KEPT = Path("kept")
UNSTORED = "unstored"


def main(job: Job) -> int:
    """Stage; the exit code."""
    reports = Path(job["SYNTHETIC_REPORTS_DIR"] or "reports")
    earlier = _earlier(reports / CARRIED)
    folders = sorted(path.parent for path in reports.glob("runs/*/run.json"))
    new = [one for one in folders if one.name not in earlier["runs"]]
    unstored = [one for one in folders if (one / UNSTORED).exists()]
    served = bool(job["SYNTHETIC_STORE_URL"])
    names = {"records": _name(job, "records") if new else ""}
    _stage(KEPT / "records", new)
    names["history"] = names["undelivered"] = ""
    if served:
        figures = list(reports.glob(f"{FIGURES}/*.jsonl"))
        names["undelivered"] = _name(job, "undelivered") if unstored or figures else ""
        _stage(KEPT / "undelivered", unstored)
        for path in figures:
            (KEPT / "undelivered" / FIGURES).mkdir(exist_ok=True)
            shutil.copy(path, KEPT / "undelivered" / FIGURES)
    elif (reports / CARRIED).exists() and folders:
        names["history"] = _name(job, "history")
        _stage(KEPT / "history", folders)
        held = sorted({*earlier["artifacts"], *filter(None, [names["records"]])})
        (KEPT / "history" / CARRIED).write_text(json.dumps({"artifacts": held}))
        _copied(reports / "history.db", KEPT / "history" / "history.db")
    job.give(**names)
    return 0


def _name(job: Job, kind: Kind) -> str:
    return name_of(kind, job["SYNTHETIC_LOCATION"], job["GITHUB_RUN_ID"], job["GITHUB_RUN_ATTEMPT"])


def _earlier(path: Path) -> dict[str, Any]:
    if not path.exists():  # gathering did not come to its end: nobody knows what there was
        return {"artifacts": [], "runs": []}
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def earlier_runs(path: Path) -> set[str]:
    """The ids of runs that were gathered, by what was noted of it."""
    return set(_earlier(path)["runs"])


def _stage(place: Path, folders: list[Path]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        into = place / "runs" / folder.name
        into.mkdir(parents=True, exist_ok=True)
        for name in ("run.json", UNSTORED):
            if (folder / name).exists():
                shutil.copyfile(folder / name, into / name)


def _copied(database: Path, place: Path) -> None:
    """As one file: what SQLite keeps beside it is taken in."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(place)) as new:
            old.backup(new)
    except sqlite3.DatabaseError:  # the records are what counts
        place.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(Job.here()))
