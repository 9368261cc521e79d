"""Before any location runs: is there a target, which locations, was the schedule kept?

Writes the outputs ``locations`` (a matrix), ``evidence`` (whether it may be kept: on a public
repository whoever is signed in to GitHub could read it), ``lag_s`` and ``missed``. Standard
library only. Exit code 2 and one sentence where the workflow cannot go on.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from synthetic.github.job import ApiError, CannotGoOn, Job, moment
from synthetic.github.schedule import Punctuality, punctuality

RUNNER = "ubuntu-24.04"
SUITES = ("smoke", "full")
WORKFLOW = "monitor.yml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ODD = set(" \"'<>\\`$;|&{}^")  # which no address needs, and a shell or a page may obey
_LABEL = re.compile(r"[\w.-]{1,100}")
_RECENT = 100  # runs, which are more than a day has
_LONGEST = 2_000  # characters of an address, which stands in every record


def main(job: Job, now: datetime) -> int:
    """Say what holds for all locations; the exit code."""
    try:
        check_target(job["TARGET"], "SYNTHETIC_BASE_URL")
        check_suite(job["SUITE"])
        matrix = chosen(locations(job["LOCATIONS"]), job["LOCATION"])
    except CannotGoOn as error:
        job.say("error", str(error))
        return 2
    kept = _kept(job, now)
    said = list(kept.sentences()) if kept else []
    for sentence in said:
        job.say("warning", sentence)
        job.summarize(f"> {sentence}")
    private = is_private(job)
    if not private:
        job.say(
            "notice",
            "This repository is public, where everybody signed in to GitHub can read artifacts: "
            "evidence and Allure's report are not kept.",
        )
    job.give(
        locations=json.dumps({"include": matrix}),
        evidence=str(private).lower(),
        lag_s=f"{kept.lag.total_seconds():.0f}" if kept else "",
        missed=str(len(kept.missing)) if kept else "",
    )
    return 0


def check_target(url: str, setting: str) -> None:
    """Raises :class:`CannotGoOn` without a web address that may be written into every record."""
    if not url:
        raise CannotGoOn(
            f"There is no target: set {setting}; the stand-in is never used in its place."
        )
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        bare = not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        good = bare = False
    plain = url.isprintable() and len(url) <= _LONGEST and not set(url) & _ODD
    if not good or not bare or not plain:
        raise CannotGoOn(
            "The target should be a web address such as https://staging.example.org, without "
            "user name, password, ? or #."
        )


def check_suite(suite: str) -> None:
    """Raises :class:`CannotGoOn` for another suite than there is."""
    if suite not in SUITES:
        raise CannotGoOn(f"The suite should be {' or '.join(SUITES)}.")


def locations(text: str) -> list[dict[str, Any]]:
    """Rows of the matrix from ``name`` or ``name=label+label`` (of runners), with commas between.

    Without any it is one, ``github``, on a runner of GitHub's.
    """
    rows = []
    for one in filter(None, map(str.strip, (text or "github").split(","))):
        name, _, labels = one.partition("=")
        runs_on = labels.split("+") if labels else [RUNNER]
        if not _NAME.fullmatch(name) or not all(map(_LABEL.fullmatch, runs_on)):
            raise CannotGoOn(
                "SYNTHETIC_LOCATIONS should be names with the labels of their runners, such as "
                "github,frankfurt=self-hosted+frankfurt."
            )
        rows.append({"location": name, "runs_on": runs_on})
    names = [row["location"] for row in rows]
    if len(set(names)) < len(names) or not names:
        raise CannotGoOn("SYNTHETIC_LOCATIONS should name each location once.")
    return rows


def chosen(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """All locations, or the one of a name; raises :class:`CannotGoOn` where there is none."""
    found = [row for row in rows if not name or row["location"] == name]
    if not found:
        known = ", ".join(row["location"] for row in rows)
        raise CannotGoOn(f"There is no such location; known are {known} (SYNTHETIC_LOCATIONS).")
    return found


def is_private(job: Job) -> bool:
    """Whether only those whom the repository lets in can read what is kept."""
    told = job.event.get("repository") or {}
    if "private" not in told:  # an event of the schedule need not say
        try:
            told = job.api.get(job.repository)
        except ApiError:
            return False
    return told.get("private") is True


def _kept(job: Job, now: datetime) -> Punctuality | None:
    cron = job.event.get("schedule")
    again = job["GITHUB_RUN_ATTEMPT"] not in ("", "1")  # by hand, whenever somebody liked
    if job["GITHUB_EVENT_NAME"] != "schedule" or not isinstance(cron, str) or again:
        return None
    try:
        return punctuality(cron, now, _others(job))
    except (ApiError, ValueError, KeyError, TypeError) as error:
        job.say("warning", f"Whether the schedule was kept is unknown: {error}.")
        return None


def _others(job: Job) -> Iterator[datetime]:
    path = f"{job.repository}/actions/workflows/{WORKFLOW}/runs"
    for run in job.api.get(path, event="schedule", per_page=_RECENT)["workflow_runs"]:
        replaced = run.get("conclusion") == "cancelled"  # by a later one, while it waited
        if str(run["id"]) != job["GITHUB_RUN_ID"] and not replaced:
            yield moment(run["created_at"])


if __name__ == "__main__":
    sys.exit(main(Job.here(), datetime.now(UTC)))
