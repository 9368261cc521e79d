"""The watch as a process: it survives ``kill -9``, drains on SIGTERM, and serves what it sees."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from synthetic.rounds import alone
from synthetic.store.history import Store
from synthetic.watch.process import utc_now
from tests.services import slack_server
from tests.services.slack_server import CHANNEL, TOKEN, SlackServer

ROOT = Path(__file__).parents[2]
TARGET = "http://127.0.0.1:9/"  # nobody listens there
DOWN = "e-database-unreachable"
WITHIN_S = 30


def soon(holds: Callable[[], Any]) -> Any:
    """What holds, once it does."""
    end = time.monotonic() + WITHIN_S
    while not (found := holds()):
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)
    return found


class Watching:
    """A watcher's process, and the line by which it said that it is ready."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.log = (folder / "log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.watching", str(folder)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    @property
    def url(self) -> str:
        """Where it serves."""
        assert self.process.stdout
        found: str = json.loads(self.process.stdout.readline())["url"]
        return found

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Its exit code, and what else it wrote to standard output."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=WITHIN_S)
        return self.process.returncode, rest

    def gone(self) -> None:
        """Let nothing of it stay behind."""
        self.process.kill()
        self.process.communicate()
        self.log.close()


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server.serving() as server:
        yield server


@pytest.fixture
def begin(tmp_path: Path, slack: SlackServer) -> Iterator[Callable[..., Watching]]:
    """Begins watchers over one folder."""
    environ = {name: value for name, value in os.environ.items() if "SYNTHETIC_" not in name} | {
        "SYNTHETIC_BASE_URL": TARGET,
        "SYNTHETIC_REPORTS_DIR": str(tmp_path / "reports"),
        "SYNTHETIC_LOCATION": "home",
        "SYNTHETIC_SLACK__API_URL": slack.api_url,
        "SYNTHETIC_SLACK__BOT_TOKEN": TOKEN,
        "SYNTHETIC_SLACK__CHANNEL": CHANNEL,
        "SYNTHETIC_WATCH__PROBE_EVERY": "1s",
        "SYNTHETIC_WATCH__EVALUATE_EVERY": "1s",
        "PYTHONUNBUFFERED": "1",
    }
    with ExitStack() as stack:

        def begun() -> Watching:
            watching = Watching(tmp_path, environ)
            stack.callback(watching.gone)
            return watching

        yield begun


def alerts(folder: Path) -> dict[str, Any]:
    """What fires, as the history has it: rule and since when."""
    if not (folder / "reports" / "history.db").exists():
        return {}
    with Store.open(None, folder / "reports") as store:
        return {one.rule: one.since for one in store.alerts(TARGET) if one.state == "firing"}


@contextmanager
def between_rounds(folder: Path) -> Iterator[None]:
    """No round goes on meanwhile."""
    with Store.open(None, folder / "reports") as store, alone(store, TARGET, utc_now):
        yield


def finds(folder: Path, **figures: float) -> None:
    """Let probes find these from now on."""
    new = folder / "figures.new"
    new.write_text(json.dumps(figures))
    new.rename(folder / "figures.json")


def test_killed_and_begun_again_it_says_nothing_twice_and_ends_in_order(
    tmp_path: Path, slack: SlackServer, begin: Callable[[], Watching]
) -> None:
    finds(tmp_path, error_rate=12.0)
    first = begin()
    assert first.url
    soon(lambda: "e-critical-error-rate" in alerts(tmp_path) and slack.by_key)
    before = alerts(tmp_path)

    second = begin()  # over the same folder, while the first lives
    assert second.process.wait(WITHIN_S) == 2
    assert "is watched from home already, by process" in (tmp_path / "log").read_text()

    with between_rounds(tmp_path):  # a killed round would be waited for, for a minute
        first.end(signal.SIGKILL)
    finds(tmp_path, error_rate=12.0, database_reachable=0.0)
    third = begin()
    url = third.url
    after = soon(lambda: DOWN in (now := alerts(tmp_path)) and now)
    assert {rule: after[rule] for rule in before} == before
    metrics = soon(
        lambda: "synthetic_alert{" in (page := httpx.get(f"{url}/metrics").text) and page
    )
    assert 'rule="e-critical-error-rate"' in metrics
    assert 'synthetic_watch_lag_seconds{location="home",task="probe"}' in metrics
    assert httpx.get(f"{url}/healthz").json()["state"] == "watches"
    assert httpx.get(f"{url}/").status_code == 200

    finds(tmp_path, error_rate=0.1, database_reachable=1.0)
    soon(lambda: not alerts(tmp_path) and any("resolved" in key for key in slack.by_key))
    journeys = tmp_path / "journeys.txt"
    soon(lambda: journeys.read_text().count("smoke"))
    assert third.end(signal.SIGTERM) == (0, "")
    assert journeys.read_text().splitlines()[-1] == "ended in order"
    assert set(slack.by_key.values()) == {1}
    events = [key.rpartition("/")[2].partition("@")[0].partition("-")[0] for key in slack.by_key]
    assert sorted(events) == ["opened", "raised", "resolved"]
