"""What one run leaves the next one finds, whatever became of it meanwhile."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from synthetic.cli import main as cli
from synthetic.github import gather, keep
from synthetic.github.carried import Unusable, unpacked
from synthetic.store.history import Store
from tests.services.github_server import FORK, OURS, GitHubServer
from tests.services.vendor import Fault
from tests.unit.workflows.carrying import (
    IDS,
    NOW,
    TARGET,
    Command,
    archive,
    go,
    history,
    record,
    records,
)
from tests.unit.workflows.conftest import JobOf, outputs, said
from tests.unit.workflows.workflows import steps


def gathered() -> list[str]:
    return sorted(path.parent.name for path in Path("reports").glob("runs/*/run.json"))


def indexed() -> list[str]:
    with Store.open(None, Path("reports")) as store:
        heads = store.runs(TARGET, datetime(2026, 1, 1, tzinfo=UTC), NOW)
        return sorted(one.run_id for one in heads)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Command:
    """``synthetic`` in this very process."""

    def run(arguments: Sequence[str], given: str) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        return cli(list(arguments))

    return run


def never(arguments: Sequence[str], _: str) -> int:
    raise AssertionError(arguments)


def test_the_first_run_finds_nothing_and_says_nothing(job: JobOf) -> None:
    assert said(go(job)) == ""
    assert gathered() == []


def test_records_that_the_history_lacks_are_read_one_by_one(
    job: JobOf, github: GitHubServer, real: Command
) -> None:
    """As when two schedules overlap: neither replaces what the other left."""
    github.add_artifact("records-github-1-1", records(IDS[0]))
    github.add_artifact("history-github-1-1", history(IDS[0], holds=["records-github-1-1"]))
    github.add_artifact("records-github-2-1", records(IDS[1]))
    github.add_artifact("records-github-3-1", records(IDS[2]))
    github.calls.clear()
    assert said(go(job, real)) == ""
    assert gathered() == indexed() == IDS[:3]
    assert "GET /repos/acme/monitor/actions/artifacts/500/zip" not in github.calls


def test_a_deleted_history_is_made_again_from_the_records(
    job: JobOf, github: GitHubServer, real: Command
) -> None:
    github.add_artifact("records-github-1-1", records(IDS[0]))
    github.add_artifact("records-github-2-1", records(IDS[1]))
    go(job, real)
    assert indexed() == IDS[:2]


@pytest.mark.parametrize("broken", [b"no archive", b"", archive({"evil.txt": b""})])
def test_a_damaged_history_is_passed_over_for_an_older_one_and_said(
    job: JobOf, github: GitHubServer, broken: bytes
) -> None:
    github.add_artifact("history-github-1-1", history(IDS[0]), "2026-11-26T00:00:00Z")
    github.add_artifact("history-github-2-1", broken, "2026-11-26T02:00:00Z")
    github.add_artifact("records-github-2-1", records(IDS[1]), "2026-11-26T02:00:00Z")
    here = go(job)
    assert "history-github-2-1 is passed over: it " in said(here)
    assert gathered() == IDS[:2]


def test_a_database_that_is_damaged_or_too_new_costs_no_record(
    job: JobOf, github: GitHubServer, real: Command, tmp_path: Path
) -> None:
    Store.open(None, tmp_path).close()
    newer = tmp_path / "history.db"
    with closing(sqlite3.connect(newer)) as database, database:
        database.execute("UPDATE about SET value = 99 WHERE name = 'version'")
    for content, sentence in ((b"garbage" * 999, ""), (newer.read_bytes(), "newer version")):
        github.artifacts.clear()
        github.add_artifact("history-github-1-1", history(IDS[0], more={"history.db": content}))
        here = go(job, real)
        assert sentence in said(here)
        assert indexed() == IDS[:1]
        for path in Path("reports").glob("history.db"):
            path.unlink()


def test_what_others_named_so_is_not_taken(job: JobOf, github: GitHubServer) -> None:
    """A fork's pull request may leave an artifact of any name, also from a branch called main."""
    github.add_artifact("records-github-1-1", records(IDS[0]), head_repository_id=FORK)
    github.add_artifact("records-github-2-1", records(IDS[1]), head_branch="evil")
    github.add_artifact(
        "records-github-3-1", records(IDS[2]), repository_id=None, head_repository_id=None
    )
    github.add_artifact("records-github-4-1-x", records(IDS[3]))
    github.add_artifact("records-oslo-5-1", records(IDS[4]))
    github.add_artifact("records-github-6-1", records(IDS[5]), head_repository_id=OURS)
    go(job)
    assert gathered() == IDS[5:]


def test_an_archive_brings_only_what_belongs_there() -> None:
    hostile = {
        "../../.ssh/authorized_keys": b"",
        "/etc/passwd": b"",
        "runs/../x/run.json": b"",
        f"runs/{IDS[0]}/evidence/trace.zip": b"",
        "runs/20260101T000000Z-0000/run.json": b"too old",
        f"runs/{IDS[1]}/run.json": b"{}",
    }
    assert list(unpacked(archive(hostile), NOW)) == [f"runs/{IDS[1]}/run.json"]


def test_an_archive_that_would_fill_the_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthetic.github.carried._MOST_BYTES", 1000)
    with pytest.raises(Unusable, match="larger than any of ours"):
        unpacked(archive({"history.db": bytes(1001)}), NOW)


def test_a_list_that_cannot_be_had_fails_in_a_sentence(job: JobOf, github: GitHubServer) -> None:
    """Without the history what is open would be told anew, and the public page be empty."""
    github.scopes.clear()
    [line] = said(go(job, never, code=1)).splitlines()
    assert line.startswith("::error::What earlier runs left cannot be had: GitHub answers 403 to ")
    assert "nothing is run, told or published" in line
    assert github.asked == 1, "what GitHub refuses it refuses for good"


def test_a_wrong_setting_fails_before_any_history_is_put_aside(
    job: JobOf, github: GitHubServer
) -> None:
    github.add_artifact("history-github-1-1", history(IDS[0]))
    here = go(job, never, code=2, SYNTHETIC_QQQ="1", SYNTHETIC_NOTIFY__FALLBACK="sms")
    assert said(here).startswith(
        "::error::Nothing is run, since a setting is wrong: SYNTHETIC_QQQ in the environment is no "
    )


def test_wrong_locations_are_said_in_a_sentence(job: JobOf) -> None:
    here = job(LOCATIONS="Frank furt")
    assert gather.main(here, never, NOW) == 2
    assert "is wrong: SYNTHETIC_LOCATIONS should be names with" in said(here)


def test_a_list_that_makes_no_sense_fails_too(job: JobOf, github: GitHubServer) -> None:
    github.add_artifact("records-github-1-1", b"")
    del github.artifacts[0]["id"]
    assert "cannot be had: GitHub's list makes no sense (KeyError)" in said(go(job, never, code=1))


def test_what_github_cannot_answer_just_now_is_asked_again(
    job: JobOf, github: GitHubServer
) -> None:
    github.add_artifact("history-github-1-1", history(IDS[0]))
    github.fault = Fault(503, times=2)
    assert said(go(job)) == ""
    assert gathered() == IDS[:1]
    github.fault = Fault(503, times=3)
    assert "GitHub answers 503" in said(go(job, never, code=1))


def test_with_a_server_a_list_that_cannot_be_had_stops_nothing(
    job: JobOf, github: GitHubServer
) -> None:
    """It knows what is open; what it lacks is brought by a later run."""
    github.scopes.clear()
    here = go(job, never, SYNTHETIC_STORE_URL="postgresql://server/history")
    assert "::warning::What the database lacks could not be listed: GitHub answers 403" in said(
        here
    )


def test_all_pages_of_the_list_are_read(job: JobOf, github: GitHubServer) -> None:
    github.add_artifact("records-github-1-1", records(IDS[0]))
    for number in range(230):
        github.add_artifact(f"evidence-{number}", b"")
    go(job)
    assert gathered() == IDS[:1]


def test_how_late_it_is_becomes_a_figure(
    job: JobOf, real: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:9/")
    here = go(job, real, LAG_S="2220", MISSED="2")
    assert said(here) == ""
    with closing(sqlite3.connect("reports/history.db")) as database:
        names = {name for (name,) in database.execute("SELECT metric FROM series")}
    assert {"watch_lag_s", "watch_skipped"} <= names


def test_with_a_server_only_what_it_lacks_is_brought(job: JobOf, github: GitHubServer) -> None:
    mark = {f"runs/{IDS[1]}/unstored": b""}
    github.add_artifact("records-github-1-1", records(IDS[0]))
    github.add_artifact("undelivered-github-2-1", records(IDS[1], more=mark))
    go(job, never, SYNTHETIC_STORE_URL="postgresql://server/history")
    assert gathered() == IDS[1:2]
    assert Path("reports", "runs", IDS[1], "unstored").exists()


def test_what_a_run_leaves_is_what_the_next_one_finds(
    job: JobOf, github: GitHubServer, real: Command
) -> None:
    github.add_artifact("records-github-1-1", records(IDS[0]))
    go(job, real)
    run = Path("reports", "runs", IDS[1])
    (run / "evidence").mkdir(parents=True)
    (run / "run.json").write_bytes(record(IDS[1]))
    (run / "evidence" / "trace.zip").write_bytes(b"private")
    here = job()
    assert keep.main(here) == 0
    told = outputs(here)
    assert (told["records"], told["history"]) == ("records-github-4711-1", "history-github-4711-1")
    assert told["undelivered"] == ""
    kept = sorted(str(path.relative_to("kept")) for path in Path("kept").rglob("*.*"))
    assert kept == [
        "history/carried.json",
        "history/history.db",
        f"history/runs/{IDS[0]}/run.json",
        f"history/runs/{IDS[1]}/run.json",
        f"records/runs/{IDS[1]}/run.json",
    ]
    manifest = json.loads(Path("kept/history/carried.json").read_text())
    assert manifest == {"artifacts": ["records-github-1-1", "records-github-4711-1"]}


def test_the_public_page_is_made_of_what_all_locations_left(
    job: JobOf, github: GitHubServer, real: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)
    github.add_artifact("records-github-1-1", records(IDS[0]))
    oslo = {f"runs/{IDS[1]}/run.json": record(IDS[1], "oslo")}
    github.add_artifact("records-oslo-1-1", archive(oslo))
    assert gather.main(job(LOCATIONS="github,oslo=self-hosted"), real, NOW) == 0
    assert indexed() == IDS[:2]
    [command] = [one.run for one in steps() if " dashboard " in one.run]
    assert cli(command.partition(" synthetic ")[2].split()) == 0
    assert Path("site/index.html").exists()
    assert "evidence" not in Path("site/index.html").read_text()
