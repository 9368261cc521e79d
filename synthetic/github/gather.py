"""Brings what earlier runs left to this machine, and indexes it anew.

Needs ``actions: read``. Without a database server it is the history of each location that
``LOCATIONS`` names, with every record that it lacks; with one, only what the server did not get.
Whatever is damaged, gone or too new is said, and never stops a run. ``carried.json`` notes what is
here; ``figures`` holds how late runs began, until it is stored. Exit code 2 where a setting is
wrong; 1, and one sentence, where GitHub does not hand out the history: it is there yet, and without
it what is open would be told anew, and the public page be empty.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from synthetic.errors import SettingsError
from synthetic.github.carried import Artifact, Unusable, manifest, missing, of, trusted, unpacked
from synthetic.github.job import TELLS_NOBODY, Api, ApiError, CannotGoOn, Job
from synthetic.github.prepare import locations
from synthetic.settings import load

SYNTHETIC = Path(".venv/bin/synthetic")
CARRIED = "carried.json"
FIGURES = "figures"
_TRIES = 3  # of older histories, where the newest is damaged
_BESIDE = ("", "-wal", "-shm")
_GONE = (404, 410)
_WITHOUT = (
    "What earlier runs left cannot be had: {}. Without it what is open already would be told anew, "
    "so that nothing is run, told or published now; run this again, or wait for the next run."
)
Command = Callable[[Sequence[str], str], int]
"""Runs ``synthetic`` with arguments and standard input; its exit code."""


def main(job: Job, run: Command, now: datetime) -> int:
    """Gather and index; the exit code."""
    try:
        load(environ={**job.environ, **TELLS_NOBODY})
        names = [row["location"] for row in locations(job["LOCATIONS"])]
    except (SettingsError, CannotGoOn) as error:  # with it no history can be read, good or bad
        job.say("error", f"Nothing is run, since a setting is wrong: {error}")
        return 2
    reports = Path(job["SYNTHETIC_REPORTS_DIR"] or "reports")
    reports.mkdir(parents=True, exist_ok=True)
    served = bool(job["SYNTHETIC_STORE_URL"])
    held = set[str]()
    try:
        listed = _listed(job)
        for name in names:
            held |= _gathered(job, listed, name, reports, now, served)
    except ApiError as error:
        if not served:
            job.say("error", _WITHOUT.format(error))
            return 1
        job.say("warning", f"What the database lacks could not be listed: {error}.")
    there = sorted(path.parent.name for path in reports.glob("runs/*/run.json"))
    note = {"artifacts": sorted(held), "runs": there}
    (reports / CARRIED).write_text(json.dumps(note))
    if not served:
        _index(job, run, reports, now)
    _note_the_schedule(job, reports / FIGURES, now)
    _deliver(job, run, reports / FIGURES)
    return 0


def _listed(job: Job) -> list[Artifact]:
    try:
        rows = job.api.pages(f"{job.repository}/actions/artifacts", "artifacts")
        return trusted(rows, job["GITHUB_REF_NAME"])
    except (KeyError, TypeError, ValueError) as error:
        raise ApiError(f"GitHub's list makes no sense ({type(error).__name__})") from None


def _gathered(
    job: Job, listed: list[Artifact], location: str, reports: Path, now: datetime, served: bool
) -> set[str]:
    """The names of a location's records that are on this machine now.

    Raises :class:`ApiError` where its history is there and cannot be had.
    """
    if served:
        lacking, held = of(listed, "undelivered", location), set[str]()
    else:
        held = _base(job, of(listed, "history", location), reports, now)
        lacking = missing(listed, location, held)
        held &= {one.name for one in listed}  # what GitHub has no more need not be named
    for one in lacking:
        try:
            _write(_fetched(job, one, now), reports)
            held.add(one.name)
        except (Unusable, ApiError) as error:
            job.say("warning", f"{one.name} is left out: {_said(error)}.")
    return held


def _base(job: Job, histories: list[Artifact], reports: Path, now: datetime) -> set[str]:
    for one in histories[:_TRIES]:
        try:
            files = _fetched(job, one, now)
            held = manifest(files)
        except (Unusable, ApiError) as error:
            if isinstance(error, ApiError) and error.status not in _GONE:
                raise
            job.say("warning", f"{one.name} is passed over: {_said(error)}.")
            continue
        if (reports / "history.db").exists():  # of several locations the first one's is kept
            files.pop("history.db", None)
        _write(files, reports)
        return held
    return set()


def _fetched(job: Job, one: Artifact, now: datetime) -> dict[str, bytes]:
    api: Api = job.api
    return unpacked(api.archive(f"{job.repository}/actions/artifacts/{one.id}/zip"), now)


def _write(files: dict[str, bytes], reports: Path) -> None:
    for name, content in files.items():
        if name == CARRIED:
            continue
        place = reports / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _index(job: Job, run: Command, reports: Path, now: datetime) -> None:
    if run(["rebuild"], "") == 0:
        return
    aside = f"history.db.aside-{now:%Y%m%dT%H%M%SZ}"
    for ending in _BESIDE:
        part = reports / f"history.db{ending}"
        if part.exists():
            part.rename(reports / f"{aside}{ending}")
    job.say(
        "warning",
        "The carried history cannot be read, as when a newer version wrote it: it is made again "
        "from the records. What they do not hold is lost, such as which incidents were open.",
    )
    if run(["rebuild"], "") != 0:
        job.say("warning", "The history could not be made from the records either: see the log.")


def _note_the_schedule(job: Job, place: Path, now: datetime) -> None:
    """How late this run began, and how many did not, as figures for the history; once, though
    somebody lets it run again: GitHub hands on what was true of the first attempt."""
    if job["GITHUB_RUN_ATTEMPT"] not in ("", "1"):
        return
    figures = {"watch_lag_s": job["LAG_S"], "watch_skipped": job["MISSED"]}
    labels = {"task": "schedule", "location": job["SYNTHETIC_LOCATION"]}
    lines = [
        json.dumps({"metric": name, "value": float(text), "at": now.isoformat(), "labels": labels})
        for name, text in figures.items()
        if text
    ]
    if lines:
        name = f"{_key(job)}-{job['SYNTHETIC_LOCATION']}-{job['GITHUB_RUN_ID']}.jsonl"
        place.mkdir(exist_ok=True)
        (place / name).write_text("\n".join(lines) + "\n", "utf-8")


def _deliver(job: Job, run: Command, place: Path) -> None:
    """Store such figures about this job's target; those that cannot be stored stay.

    Another target's go: what brought them here is there for the next run about that.
    """
    every = sorted(place.glob("*.jsonl"))
    ours = [path for path in every if path.name.startswith(f"{_key(job)}-")]
    for path in set(every).difference(ours):
        path.unlink()
    if not ours:
        return
    lines = "\n".join(path.read_text("utf-8", "replace") for path in ours)
    if run(["import", "--lenient", "-"], lines) == 0:
        for path in ours:
            path.unlink()
    else:
        later = "; a later run stores it" if job["SYNTHETIC_STORE_URL"] else ""
        job.say("warning", f"How late a run began could not be stored, see the log{later}.")


def _key(job: Job) -> str:
    """By this a target's figures are told from another's."""
    return hashlib.sha256(job["SYNTHETIC_BASE_URL"].rstrip("/").encode()).hexdigest()[:8]


def _said(error: Exception) -> str:
    return f"it {error}" if isinstance(error, Unusable) else str(error)


def synthetic(arguments: Sequence[str], given: str) -> int:
    """Run ``synthetic`` of this checkout."""
    environ = {**os.environ, **TELLS_NOBODY}
    done = subprocess.run([SYNTHETIC, *arguments], input=given, text=True, env=environ, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Job.here(), synthetic, datetime.now(UTC)))
