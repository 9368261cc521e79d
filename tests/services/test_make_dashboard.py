"""What a new user lives through: `make dashboard`, breaking the stand-in, and mending it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from synthetic.evaluate.history import Question
from synthetic.store.history import Store
from tests.runs import recorded
from tests.services.processes import eventually

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ENDS_WITHIN_S = 30.0
TARGET = "stand-in"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Quick looks, a history of its own, and no browser."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SYNTHETIC_")}
    return own | {
        "SYNTHETIC_REPORTS_DIR": str(tmp_path),
        "SYNTHETIC_BROWSER_PATH": str(tmp_path / "no-browser"),
        "SYNTHETIC_WATCH__PROBE_EVERY": "1s",
        "SYNTHETIC_WATCH__EVALUATE_EVERY": "1s",
        "SYNTHETIC_WATCH__SMOKE_EVERY": "7d",
    }


@pytest.fixture(autouse=True)
def _journeys_were_just_run(tmp_path: Path) -> None:
    """They need browsers, which is another matter."""
    now = datetime.now(UTC)
    just = {"started_at": now - timedelta(seconds=14), "finished_at": now, "run_id": "just"}
    with Store.open(None, tmp_path) as store:
        store.save_run(recorded().model_copy(update=just), now)


@pytest.fixture
def shown(environ: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running script, and what it says to begin with."""
    command = [sys.executable, str(ROOT / "scripts" / "dashboard.py")]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, (tmp_path / "log").read_text()
            said += line
        yield process, said
        process.terminate()


def test_a_new_user_breaks_the_stand_in_and_sees_it(
    shown: tuple[subprocess.Popen[str], str], environ: dict[str, str], tmp_path: Path
) -> None:
    process, said = shown
    (url,) = re.findall(r"Look at +(\S+)", said)
    breaks, status, mends = re.findall(r"it  +\S+synthetic (.+)", said)

    def typed(words: str) -> int:
        command = [str(BIN / "synthetic"), *words.split()]
        return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True).returncode

    with Store.open(None, tmp_path) as store:
        eventually(lambda: store.ask(TARGET)(Question("site_up", LONG_AGO, datetime.now(UTC))))
        eventually(lambda: typed(status) == 0)
        assert typed(breaks) == 0
        eventually(lambda: store.incidents(TARGET, open_only=True))
        assert "The site cannot be reached" in httpx.get(f"{url}alerts").text
        assert typed(status) == 1
        assert typed(mends) == 0
        eventually(lambda: not store.incidents(TARGET, open_only=True))
    assert "STAND-IN, not the product · CRITICAL: The site" in (tmp_path / "log").read_text()
    process.send_signal(signal.SIGINT)
    assert process.wait(ENDS_WITHIN_S) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
