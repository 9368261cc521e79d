"""While PostgreSQL is away a job goes on, keeps what it cannot store, and publishes nothing."""

from __future__ import annotations

import io
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthetic.after_run import follow
from synthetic.cli import main as cli
from synthetic.github import gather, keep
from synthetic.github.job import Job
from synthetic.results import Run
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from tests.services.github_server import GitHubServer
from tests.unit.workflows.carrying import IDS, NOW, TARGET, archive, record
from tests.unit.workflows.conftest import JobOf, outputs, said
from tests.unit.workflows.workflows import ROOT, jobs, steps

AWAY = "postgresql://127.0.0.1:1/history"


@pytest.fixture(autouse=True)
def _does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within seconds, that is, for which it would be waited."""
    at_once = SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    monkeypatch.setattr("synthetic.store.database.time", at_once)


@pytest.fixture
def gathers(job: JobOf, monkeypatch: pytest.MonkeyPatch) -> JobOf:
    """Gathers on a new machine, about a target, with a server that answers or does not."""

    def run(arguments: Sequence[str], given: str) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        return cli(list(arguments))

    def gathers(server: str, target: str = TARGET, **more: str) -> Job:
        shutil.rmtree("reports", ignore_errors=True)
        shutil.rmtree("kept", ignore_errors=True)
        settings = {"SYNTHETIC_STORE_URL": server, "SYNTHETIC_BASE_URL": target}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        here = job(LOCATIONS="github", **settings, **more)
        assert gather.main(here, run, NOW) == 0
        return here

    return gathers


def leaves(job: JobOf, github: GitHubServer, server: str) -> str:
    """What a job keeps of what the server lacks, as an artifact of that name."""
    Path(job()["GITHUB_OUTPUT"]).unlink(missing_ok=True)
    here = job(SYNTHETIC_STORE_URL=server)
    assert keep.main(here) == 0
    left, name = Path("kept/undelivered"), outputs(here)["undelivered"]
    if name:
        files = [one for one in left.rglob("*") if one.is_file()]
        content = {str(one.relative_to(left)): one.read_bytes() for one in files}
        github.add_artifact(name, archive(content))
    return name


def figures(database: Path) -> list[tuple[str, float]]:
    wanted = (
        "SELECT metric, value FROM series JOIN samples ON samples.series = series.id ORDER BY 1"
    )
    with closing(sqlite3.connect(database)) as opened:
        return [row for row in opened.execute(wanted) if row[0].startswith("watch_")]


def test_how_late_a_run_began_is_stored_by_the_next_run_of_its_target(
    job: JobOf, gathers: JobOf, github: GitHubServer, tmp_path: Path
) -> None:
    here = gathers(AWAY, LAG_S="2220", MISSED="2")
    [line] = said(here).splitlines()
    assert line.startswith("::warning::How late a run began could not be stored")
    assert leaves(job, github, AWAY) == "undelivered-github-4711-1"
    back = f"sqlite:///{tmp_path / 'server.db'}"
    assert said(gathers(back, "https://other.example.org")) == ""
    assert leaves(job, github, back) == "", "where it is kept it stays for its own target"
    assert said(gathers(back, f"{TARGET}/", GITHUB_RUN_ATTEMPT="2", LAG_S="2220")) == ""
    assert leaves(job, github, back) == ""
    assert figures(tmp_path / "server.db") == [("watch_lag_s", 2220.0), ("watch_skipped", 2.0)]
    gathers(back)
    assert len(figures(tmp_path / "server.db")) == 2, "however often it is brought"


def test_damaged_figures_are_said_and_stop_nothing(
    gathers: JobOf, github: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gathers(AWAY, LAG_S="2220")
    [name] = [one.name for one in Path("reports/figures").iterdir()]
    for number, content in enumerate((b"\xff\xfe{", b"[" * 9000)):
        brought = archive({f"figures/{name.replace('4711', str(number))}": content})
        github.add_artifact(f"undelivered-github-{number + 1}-1", brought)
    gathers(f"sqlite:///{tmp_path / 'server.db'}", LAG_S="30")
    assert figures(tmp_path / "server.db") == [("watch_lag_s", 30.0)]
    assert "line" in capsys.readouterr().err


def test_a_run_that_ends_while_it_is_away_is_stored_by_the_next_run(
    job: JobOf, gathers: JobOf, github: GitHubServer, tmp_path: Path
) -> None:
    gathers(AWAY)
    for number, server in enumerate((AWAY, f"sqlite:///{tmp_path / 'server.db'}")):
        run = Run.from_json(record(IDS[number]))
        folder = RunFolder.create(Path("reports"), run)
        settings = Settings.model_validate({"store_url": server})
        follow(run, settings, folder, clock=lambda: NOW, show=lambda _: None)
        assert bool(leaves(job, github, server)) == (number == 0)
        gathers(server)
    with Store.open(server, tmp_path) as store:
        assert all(store.run(one) for one in IDS[:2])


def test_the_public_page_stays_as_it_was(
    gathers: JobOf, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its job fails in a sentence, and nothing is handed to Pages."""
    gathers(AWAY)
    [command] = [one.run for one in steps() if " dashboard " in one.run]
    assert cli(command.partition(" synthetic ")[2].split()) == 2
    assert not Path("site").exists()
    assert "does not answer; see that the server runs" in capsys.readouterr().err
    page = jobs(ROOT / ".github" / "workflows" / "page.yml")
    assert not any("if" in step for step in page["page"]["steps"])
    assert (page["deploy"]["needs"], "if" in page["deploy"]) == ("page", False)
