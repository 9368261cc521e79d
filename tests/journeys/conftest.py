"""Whole runs of the smoke suite as a user starts them, each a process with reports of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from synthetic.journeys.target import CODE_LIFETIME_S
from synthetic.standin.interface import NoSfu
from synthetic.standin.janus import janus_running
from tests.journeys.running import LONGEST_RUN_S, Finished, Running

REPO = Path(__file__).parents[2]
_QUICK = {
    "SYNTHETIC_STEP_TIMEOUT_S": "15",
    "SYNTHETIC_INBOX__TIMEOUT_S": "4",
    "SYNTHETIC_MEDIA_WARMUP_S": "0.2",
    "SYNTHETIC_MEDIA_WATCH_S": "0.5",
    "SYNTHETIC_SINK_TIMEOUT_S": "1",
    "SYNTHETIC_ATTEMPTS": "1",
    "SYNTHETIC_MEDIA_DIR": str(REPO / "fixtures" / "media"),
}


Start = Callable[..., Running]
Smoke = Callable[..., Finished]


def clean_environment(**chosen: str | None) -> dict[str, str]:
    """The environment of a user who has set ``chosen`` and nothing else of ours."""
    ours = ("SYNTHETIC_", "PYTEST_", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    chosen_here = {name: value for name, value in chosen.items() if value is not None}
    return {**kept, "PYTHONUNBUFFERED": "1", **chosen_here}


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Starts runs, whose reports go to ``folder`` unless told otherwise; all end with the block."""
    with ExitStack() as ends:

        def start(
            *arguments: str,
            env: Mapping[str, str | None] | None = None,
            cwd: Path = REPO,
            reports: Path = folder / "reports",
        ) -> Running:
            mark = uuid.uuid4().hex
            log = folder / f"{mark}.log"
            chosen = {**_QUICK, "SYNTHETIC_REPORTS_DIR": str(reports), **(env or {})}
            environ = clean_environment(**chosen, TROUBLE_RUN=mark)
            command = [sys.executable, "-m", "pytest", "-m", "smoke", *arguments]
            with log.open("w", encoding="utf-8") as output:
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    text=True,
                    start_new_session=True,  # a process group, as a terminal gives it
                    preexec_fn=_hears_ctrl_c,
                )
            running = Running(
                process, log, reports, mark, Path(environ["SYNTHETIC_MEDIA_DIR"]) / "runs"
            )
            ends.callback(running.end)
            return running

        yield start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a run: ``start(*arguments, env=…, cwd=…, reports=…)``."""
    with starting(tmp_path) as start:
        yield start


@pytest.fixture
def smoke(start: Start) -> Smoke:
    """Runs the suite to its end; takes what ``start`` takes."""

    def smoke(*arguments: str, within_s: float = LONGEST_RUN_S, **options: object) -> Finished:
        return start(*arguments, **options).finish(within_s)

    return smoke


@dataclass(frozen=True)
class Standin:
    """A stand-in in a process of its own: its address, and the settings to use it by."""

    url: str
    env: dict[str, str]


@contextmanager
def standin_serving(
    *faults: str, front: str = "plain", topology: str = "mesh"
) -> Iterator[Standin]:
    """A stand-in that misbehaves as told, until the block ends."""
    wrong = [part for fault in faults for part in ("--fault", fault)]
    lives = ["--with-parent", "--code-lifetime", CODE_LIFETIME_S]
    kind = ["--front", front, "--topology", topology]
    command = [sys.executable, "-m", "synthetic.standin", *lives, *kind, *wrong]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            ready = json.loads(line)
            yield Standin(ready["url"], ready["env"])
        finally:
            process.terminate()


def _hears_ctrl_c() -> None:
    """What a shell starts in the background is deaf to it, and so would be all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def serve() -> Iterator[Callable[..., Standin]]:
    """Serves stand-ins: ``serve(*faults)``; all end with the test."""
    with ExitStack() as ends:
        yield lambda *faults: ends.enter_context(standin_serving(*faults))


@pytest.fixture
def janus() -> None:
    """Skips where there can be no Janus, save in CI."""
    try:
        with janus_running():
            pass
    except NoSfu as error:
        needs(False, str(error))


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    """A stand-in that behaves, shared by the tests."""
    with standin_serving() as standin:
        yield standin


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def web() -> Iterator[Callable[[Answer], str]]:
    """Serves what is not the product: ``web(answer)`` gives its address; all end with the test."""
    with ExitStack() as ends:
        yield lambda answer: ends.enter_context(serving(answer))


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers everything like this, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is nothing to report."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def closed_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer for ``web``: always this."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def needs(available: bool, advice: str) -> None:
    """Skip with ``advice`` where something is not to be had; fail in CI."""
    if available:
        return
    if os.environ.get("CI"):
        pytest.fail(advice)
    pytest.skip(advice)


@pytest.fixture(scope="session", autouse=True)
def still(steady_network: None) -> None:
    """Each test of this folder has browsers beside it, maybe another process's."""
