"""What lies beside old records is removed, and in the end the records; nothing else is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synthetic.store.old_folders import UNSTORED, outlived, tidy

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
Leave = Callable[..., Path]


@pytest.fixture
def leave(tmp_path: Path) -> Leave:
    """A run's folder, so many days old."""

    def leave(days: float, *more: str) -> Path:
        folder = tmp_path / f"{NOW - timedelta(days=days):%Y%m%dT%H%M%SZ}-3f9c"
        (folder / "evidence" / "two-people-meet-1").mkdir(parents=True)
        for name in ("run.json", "evidence/two-people-meet-1/video.webm", *more):
            (folder / name).write_text("{}")
        return folder

    return leave


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_of_an_old_run_the_record_stays_for_as_long_as_the_history_knows_it(
    leave: Leave, tmp_path: Path
) -> None:
    forgotten, old, young, newest = leave(401), leave(30.1, "summary.txt"), leave(29.9), leave(0)
    tidy(tmp_path, NOW, MONTH, MONTH)
    tidy(tmp_path, NOW, MONTH, MONTH)
    assert [left(one) for one in (forgotten, old)] == [set(), {"run.json"}]
    assert left(young) == left(newest) == {"run.json", "evidence"}
    assert not forgotten.exists()


def test_the_newest_run_and_one_that_is_not_stored_stay_whole(leave: Leave, tmp_path: Path) -> None:
    unstored, newest = leave(500, UNSTORED), leave(450)
    tidy(tmp_path, NOW, MONTH, MONTH)
    assert left(unstored) == {"run.json", "evidence", UNSTORED}
    assert left(newest) == {"run.json", "evidence"}


def test_evidence_that_is_to_outlive_the_history_does(leave: Leave, tmp_path: Path) -> None:
    old, _ = leave(450), leave(0)
    tidy(tmp_path, NOW, timedelta(days=1000), MONTH)
    assert left(old) == {"run.json", "evidence"}


def test_what_failed_runs_left_is_kept_for_longer(leave: Leave, tmp_path: Path) -> None:
    verdicts = ("failed", "failed", "passed", "inconclusive")
    worn, failed, passed, nobody_knows = (leave(days) for days in (90.1, 60, 50, 40))
    for folder, verdict in zip((worn, failed, passed, nobody_knows), verdicts, strict=True):
        (folder / "run.json").write_text(json.dumps({"verdict": verdict}))
    damaged, _ = leave(45), leave(0)
    (damaged / "run.json").write_text('["failed"')
    for _ in range(2):
        tidy(tmp_path, NOW, MONTH, 3 * MONTH)
        assert left(failed) == {"run.json", "evidence"}
        assert all(left(one) == {"run.json"} for one in (worn, passed, nobody_knows, damaged))


def test_what_is_no_folder_of_a_run_is_left_alone(leave: Leave, tmp_path: Path) -> None:
    leave(0)
    assert not list(outlived(["good", "20200101", "notes-20200101T000000Z-3f9c"], NOW))
    tidy(tmp_path / "nowhere", NOW, MONTH, MONTH)


def test_a_link_is_removed_and_not_what_it_leads_to(leave: Leave, tmp_path: Path) -> None:
    old, newest = leave(40), leave(0)
    (old / "link").symlink_to(newest)
    tidy(tmp_path, NOW, MONTH, MONTH)
    assert (left(old), left(newest)) == ({"run.json"}, {"run.json", "evidence"})


def test_what_cannot_be_removed_is_said_and_keeps_no_other(
    leave: Leave,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    held, other, _ = leave(50), leave(40), leave(0)
    unlink = Path.unlink

    def refusing(path: Path, missing_ok: bool = False) -> None:
        if path.parent == held:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    (held / "video.webm").touch()
    monkeypatch.setattr(Path, "unlink", refusing)
    with caplog.at_level(logging.WARNING):
        tidy(tmp_path, NOW, MONTH, MONTH)
    assert caplog.messages == [f"{held} is old and stays: Permission denied"]
    assert left(other) == {"run.json"}
