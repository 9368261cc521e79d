"""Records that cannot be written: told in one sentence, before or during the run."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.conftest import Smoke, Standin, Start, needs

SENTENCE = "cannot be written"
CURE = "free some space, make the folder writable, or point SYNTHETIC_REPORTS_DIR elsewhere"


def test_a_file_in_place_of_the_folder(smoke: Smoke, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    run = smoke()
    assert run.code == 4
    run.tells("ERROR:", SENTENCE, CURE)


def test_a_read_only_folder(smoke: Smoke, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    run = smoke(reports=disk)
    assert run.code == 4
    run.tells("ERROR:", SENTENCE, "Read-only file system", CURE)


def test_a_full_disk(smoke: Smoke, disk: Path) -> None:
    fill(disk)
    run = smoke(reports=disk)
    assert run.code == 4
    run.tells("ERROR:", SENTENCE, "No space left on device", CURE)


@pytest.mark.fault("disk-full", "the disk fills up in the run", "inconclusive | runner")
def test_a_disk_that_fills_up_during_the_run(start: Start, standin: Standin, disk: Path) -> None:
    running = start(env=standin.env, reports=disk)
    running.passes("log in")
    fill(disk)
    run = running.finish()
    assert run.code == 6, run.output
    assert (run.record.verdict, run.record.origin) == ("inconclusive", "runner")
    run.tells("ReportsNotWritable", "No space left on device", CURE)


def fill(disk: Path) -> None:
    """Write until nothing more fits."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (4096, 1):
            try:
                while filler.write(b"\0" * size):
                    pass
            except OSError:
                continue


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    may_mount = os.geteuid() == 0 and shutil.which("mount") is not None
    needs(may_mount, "a small disk can only be mounted as root: sudo make test")
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    needs(mounted.returncode == 0, f"a small disk cannot be mounted here: {mounted.stderr}")
    with ExitStack() as ends:
        ends.callback(subprocess.run, ["umount", "--lazy", str(path)], check=True)
        yield path
