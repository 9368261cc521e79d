"""Watches the target and shows it: ``make dashboard``. Without a target, a stand-in to break.

Everything that it starts ends with it. Exit code 1 and one sentence when it can't.
"""

from __future__ import annotations

import json
import os
import queue
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from synthetic.errors import SyntheticError
from synthetic.settings import PREFIX, Settings, load
from synthetic.standin import DEFAULT_PORT

DASHBOARD_PORT = 7681
BREAKS = "--break landing-500 --break health-html"
"""Nobody can overlook it, and it is over when it is mended: an error rate lasts for minutes."""
QUICK = {"probe_every": "5s", "evaluate_every": "5s", "smoke_every": "3m"}
"""What a stand-in is watched by, unless settings say otherwise."""
READY_WITHIN_S = 60.0
ENDS_WITHIN_S = 120.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotShow(Exception):
    """Something only a person can mend; the message is the sentence that says what."""


def main() -> int:
    """Watch and show until a signal; the exit code."""
    ends = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda *_: ends.set())
    try:
        given = load()
        with ExitStack() as stack:
            environ, standin = dict(os.environ), None
            if given.base_url is None:
                ready = stack.enter_context(started(standin_command()))
                standin = str(ready["url"])
                environ |= {**quick(given), **ready["env"]}
            port = str(free_port(DASHBOARD_PORT))
            command = [tool("synthetic"), "watch", "--port", port]
            watch = stack.enter_context(started(command, environ))
            print(told(str(watch["url"]), str(watch["target"]), standin), flush=True)
            while not ends.wait(0.2) and watch["process"].poll() is None:
                pass
            if not ends.is_set():
                raise CannotShow("The watch ended by itself: see above.")
    except (CannotShow, SyntheticError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def quick(given: Settings) -> dict[str, str]:
    """Variables for what no setting says; one would beat what files say."""
    unset = (name for name in QUICK if getattr(given.watch, name) is None)
    return {f"{PREFIX}WATCH__{name.upper()}": QUICK[name] for name in unset}


def standin_command() -> list[str]:
    """How a stand-in is started that can be broken, and that ends with us."""
    port = str(free_port(DEFAULT_PORT))
    return [tool("synthetic"), "standin", "--breakable", "--with-parent", "--port", port]


def told(url: str, target: str, standin: str | None) -> str:
    """Where to look, and what to type next."""
    synthetic = shlex.quote(os.path.relpath(tool("synthetic")))
    if standin is None:
        head = [f"Watching  {target}", f"Look at   {url}/"]
        return "\n".join(["", *head, "", f"Next:     {synthetic} status", "Ctrl-C ends it.", ""])
    at = "" if standin.endswith(f":{DEFAULT_PORT}") else f" --at {standin}"
    lines = [
        f"Watching  a stand-in, not the product: {standin}/",
        f"Look at   {url}/",
        "",
        "Next, in another terminal:",
        f"  break it  {synthetic} standin{at} {BREAKS}",
        f"  see it    {synthetic} status",
        f"  mend it   {synthetic} standin{at} --mend",
        "Ctrl-C ends both.",
    ]
    return "\n".join(["", *lines, ""])


@contextmanager
def started(
    command: list[str], environ: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """A process that said that it is ready, in JSON, beside ``process``; ended at the end."""
    # A session of its own: Ctrl-C reaches us alone, and we end one after the other.
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield {**_ready(process), "process": process}
        finally:
            process.terminate()
            try:
                process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    lines: queue.Queue[str] = queue.Queue()
    output = process.stdout
    assert output is not None
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    name = " ".join(map(str, process.args)) if isinstance(process.args, list) else "It"
    try:
        found: dict[str, Any] = json.loads(lines.get(timeout=READY_WITHIN_S))
    except (queue.Empty, json.JSONDecodeError):
        raise CannotShow(f"{name} did not come up: see above.") from None
    return found


def free_port(wanted: int) -> int:
    """The port that is wanted, or else 0, which is any."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def tool(name: str) -> str:
    """A command of the virtual environment that runs this."""
    return str(Path(sys.executable).parent / name)


if __name__ == "__main__":
    sys.exit(main())
