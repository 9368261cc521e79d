"""What a job leaves, and that it never covers what another one left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synthetic.after_run import follow
from synthetic.github import keep
from synthetic.results import Run
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.old_folders import UNSTORED
from synthetic.store.run_folder import RunFolder
from tests.services.github_server import GitHubServer
from tests.unit.workflows.carrying import IDS, NOW, archive, go, history, record
from tests.unit.workflows.conftest import JobOf, outputs, said


def left(job: JobOf) -> tuple[str, str]:
    """The records and the history that a job with one run of its own leaves."""
    own = Path("reports", "runs", IDS[5])
    own.mkdir(parents=True)
    (own / "run.json").write_bytes(record(IDS[5]))
    here = job()
    assert keep.main(here) == 0
    return outputs(here)["records"], outputs(here)["history"]


OURS_ALONE = ("records-github-4711-1", "")


def test_a_list_that_cannot_be_had_leaves_the_history_to_the_next_run(
    job: JobOf, github: GitHubServer
) -> None:
    github.scopes.clear()
    go(job, code=1)
    assert left(job) == OURS_ALONE


@pytest.mark.parametrize("lost", [{500}, {500, 501, 502}])
def test_a_newer_history_than_ours_would_be_is_not_covered(
    job: JobOf, github: GitHubServer, lost: set[int]
) -> None:
    """What it alone holds, as which incidents are open, is there for the next run."""
    for hour, number in ((6, 3), (4, 2), (2, 1)):
        github.add_artifact(f"history-github-{number}-1", history(), f"2026-11-26T0{hour}:00:00Z")
    github.lost = lost
    assert "::error::What earlier runs left cannot be had: GitHub answers 503" in said(
        go(job, code=1)
    )
    assert left(job) == OURS_ALONE


def test_a_history_that_is_gone_for_good_is_replaced(job: JobOf, github: GitHubServer) -> None:
    github.archives.pop(github.add_artifact("history-github-1-1", history()))
    assert "is passed over: GitHub answers 410" in said(go(job))
    assert left(job) == ("records-github-4711-1", "history-github-4711-1")


def test_where_gathering_did_not_end_no_history_is_left(job: JobOf) -> None:
    assert left(job) == OURS_ALONE


def test_what_a_server_did_not_take_is_kept_for_the_next_run(job: JobOf) -> None:
    for one in IDS[:2]:
        place = Path("reports", "runs", one)
        place.mkdir(parents=True)
        (place / "run.json").write_bytes(record(one))
    Path("reports", "runs", IDS[0], "unstored").touch()
    here = job(SYNTHETIC_STORE_URL="postgresql://server/history")
    assert keep.main(here) == 0
    assert outputs(here)["history"] == ""
    assert outputs(here)["undelivered"] == "undelivered-github-4711-1"
    assert [path.name for path in Path("kept/undelivered/runs").iterdir()] == IDS[:1]


def test_what_a_server_missed_is_delivered_by_the_next_run(
    job: JobOf, github: GitHubServer, tmp_path: Path
) -> None:
    """Each run is on a machine of its own; the server is away while the first one ends."""
    server = f"sqlite:///{tmp_path / 'server.db'}"
    missed = RunFolder.create(Path("reports"), Run.from_json(record(IDS[0])))
    (missed.path / UNSTORED).touch()
    here = job(SYNTHETIC_STORE_URL=server)
    assert keep.main(here) == 0
    left = Path("kept/undelivered")
    files = {str(one.relative_to(left)): one.read_bytes() for one in left.rglob("*.*")}
    files |= {str(one.relative_to(left)): b"" for one in left.rglob("unstored")}
    github.add_artifact(outputs(here)["undelivered"], archive(files))
    shutil.rmtree("reports")
    shutil.rmtree("kept")
    go(job, SYNTHETIC_STORE_URL=server)
    later = Run.from_json(record(IDS[1]))
    settings = Settings.model_validate({"store_url": server})
    folder = RunFolder.create(Path("reports"), later)
    _, troubles = follow(later, settings, folder, clock=lambda: NOW, show=lambda _: None)
    assert troubles == []
    with Store.open(server, Path("reports")) as store:
        assert [store.run(one) is not None for one in IDS[:2]] == [True, True]
    here = job(SYNTHETIC_STORE_URL=server)
    assert keep.main(here) == 0
    assert outputs(here)["undelivered"] == ""
