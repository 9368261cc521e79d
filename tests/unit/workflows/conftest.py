"""GitHub's API on this machine, and a job as GitHub would describe it to a step."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synthetic.github.job import Job
from tests.services import github_server
from tests.services.github_server import BRANCH, REPOSITORY, TOKEN, GitHubServer

JobOf = Callable[..., Job]


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """Serves until the test ends."""
    with github_server.serving() as server:
        yield server


@pytest.fixture
def job(github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobOf:
    """Makes a job of the variables that GitHub sets, and more; the work is done in a folder."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def make(event: dict[str, Any] | None = None, **more: str) -> Job:
        (tmp_path / "event.json").write_text(json.dumps(event or {}))
        return Job(environment(tmp_path, github, **more), io.StringIO(), wait=lambda _: None)

    return make


def environment(folder: Path, github: GitHubServer, **more: str) -> dict[str, str]:
    """The variables that GitHub sets for every step."""
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "someone",
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REF_NAME": BRANCH,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "4711",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_WORKFLOW": "Monitor",
        "SYNTHETIC_LOCATION": "github",
        **more,
    }


def said(job: Job) -> str:
    """All annotations so far."""
    assert isinstance(job.out, io.StringIO)
    return job.out.getvalue()


def outputs(job: Job) -> dict[str, str]:
    """The outputs that the step gave, as GitHub reads them."""
    path = Path(job["GITHUB_OUTPUT"])
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines)


def summary(job: Job) -> str:
    """What stands on the run's page."""
    path = Path(job["GITHUB_STEP_SUMMARY"])
    return path.read_text() if path.exists() else ""
