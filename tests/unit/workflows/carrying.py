"""Artifacts as jobs leave them, and a job that gathers them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from synthetic.github import gather
from synthetic.github.job import Job
from tests import runs
from tests.unit.workflows.conftest import JobOf

NOW = datetime(2026, 11, 26, 8, 37, tzinfo=UTC)
IDS = [f"20261126T0{hour}0000Z-000{hour}" for hour in range(6)]
TARGET = "https://staging.example.org"
Command = Callable[[Sequence[str], str], int]


def record(run_id: str, location: str = "github") -> bytes:
    began = datetime.strptime(run_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    told = {"run_id": run_id, "target": TARGET, "location": location, "suite": "smoke"}
    times = {"started_at": began, "finished_at": began}
    return runs.recorded().model_copy(update={**told, **times}).to_json().encode()


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return packed.getvalue()


def records(*ids: str, more: dict[str, bytes] | None = None) -> bytes:
    return archive({f"runs/{one}/run.json": record(one) for one in ids} | (more or {}))


def history(*ids: str, holds: Sequence[str] = (), more: dict[str, bytes] | None = None) -> bytes:
    manifest = json.dumps({"artifacts": list(holds)}).encode()
    return records(*ids, more={"carried.json": manifest, **(more or {})})


def nothing(_: Sequence[str], __: str) -> int:
    return 0


def go(job: JobOf, run: Command = nothing, code: int = 0, **more: str) -> Job:
    here = job(LOCATIONS="github", **more)
    assert gather.main(here, run, NOW) == code
    return here
