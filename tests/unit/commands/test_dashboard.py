"""``synthetic dashboard`` as a process: one line, pages, a quiet end; and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from synthetic.cli import main
from synthetic.store.history import Store
from tests import lives
from tests.runs import run

RUN = "import sys; from synthetic.cli import main; sys.exit(main())"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SYNTHETIC_")},
    "PYTHONPATH": str(Path(__file__).parents[3]),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def serving(
    folder: Path, *options: str, **environ: str
) -> Iterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    command = [sys.executable, "-c", RUN, "dashboard", *options]
    process = subprocess.Popen(
        command, cwd=folder, env={**ENVIRONMENT, **environ}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()), process
    finally:
        process.kill()
        process.communicate()


def known(*targets: str) -> None:
    with Store.open(None, Path("reports")) as store:
        store.save_again(
            [run(run_id=f"run-{n}", target=one) for n, one in enumerate(targets)], lives.NOW
        )


def test_it_says_where_it_is_once_and_serves_until_it_is_ended(tmp_path: Path) -> None:
    known("https://kulti.test/")
    with serving(tmp_path) as (said, process):
        assert said["target"] == "https://kulti.test/", "the only one that is known"
        for path in ("/alerts", "/runs/run-0", "/status"):
            assert httpx.get(said["url"] + path).status_code == 200, path
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in errors


def test_an_export_says_where_it_is_and_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known("https://kulti.test/")
    assert main(["dashboard", "--export", "site"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "url": (tmp_path / "site" / "index.html").as_uri(),
        "export": str(tmp_path / "site"),
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--host", "0.0.0.0"), "set SYNTHETIC_DASHBOARD__TOKEN to 16 characters or more"),
        (("--internal",), "give --export DIR as well"),
        (("--target", "https://kulti.tst/"), "did you mean https://kulti.test/?"),
        ((), "say which you mean by --target; known are https://kulti.test/, https://other.test/"),
    ],
)
def test_what_it_refuses(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    known("https://kulti.test/", "https://other.test/")
    if "--host" in arguments:
        monkeypatch.setenv("SYNTHETIC_BASE_URL", "https://other.test/")
        arguments = (*arguments, "--target", "https://other.test/")
    assert main(["dashboard", *arguments]) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert not printed.out


def test_a_history_of_a_newer_version_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    known("https://kulti.test/")
    with Store.open(None, Path("reports")) as store:
        newer = text("UPDATE about SET value = 99 WHERE name = 'version'")
        store.database.write(lambda connection: connection.execute(newer))
    assert main(["dashboard", "--port", "0"]) == 2
    printed = capsys.readouterr()
    assert "has version 99, and this synthetic knows up to" in printed.err
    assert "Traceback" not in printed.err
    assert not printed.out
