"""A gate that said something, and the pull request that it was about."""

from __future__ import annotations

from typing import Any

from synthetic.github import gate
from synthetic.github.job import Job
from tests.services.github_server import REPOSITORY
from tests.unit.workflows.conftest import JobOf

TARGET = "https://preview.example.org"
HOSTILE = '$(id)`id`";::error::{{7*7}}'


def pull_request(repository: str = REPOSITORY) -> dict[str, Any]:
    head = {"repo": {"full_name": repository}, "ref": HOSTILE}
    return {
        "repository": {"full_name": REPOSITORY, "private": True},
        "pull_request": {"number": 7, "title": HOSTILE, "head": head},
    }


CODES: dict[str, int] = {"failed": 1, "inconclusive": 3}


def decision(verdict: str = "passed", **more: Any) -> dict[str, Any]:
    """What the command prints of it."""
    told = {"verdict": verdict, "head": "HEAD", "exit_code": CODES.get(verdict, 0)}
    return {**told, "why": ["All journeys worked."], "notes": [], "comparison": None, **more}


def gated(job: JobOf, code: int, output: str, **more: str) -> tuple[Job, list[str]]:
    asked: list[str] = []

    def run(command: list[str]) -> tuple[int, bytes]:
        asked.extend(command)
        return code, output.encode()

    here = job(pull_request(), **{"TARGET": TARGET, "SUITE": "smoke", **more})
    assert gate.main(here, run) == 0
    return here, asked
