"""Janus, the SFU, as a process of the stand-in's own that nobody else can reach."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.sync.client import unix_connect

from synthetic.standin.interface import NoSfu, loopback_interface

PROTOCOL = "janus-protocol"
PLUGIN = "janus.plugin.videoroom"
START_LIMIT_S = 15.0
END_LIMIT_S = 2.0
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True)
class Janus:
    """A running Janus: its WebSocket, and the key without which nobody makes a room."""

    socket: Path
    admin_key: str
    process: subprocess.Popen[bytes]


@contextmanager
def janus_running() -> Iterator[Janus]:
    """A Janus that answers, until the block ends or this process does; raises :class:`NoSfu`."""
    program = shutil.which("janus")
    if program is None:
        raise NoSfu("There is no SFU without Janus; install the package janus.")
    with loopback_interface() as interface, tempfile.TemporaryDirectory(prefix="janus-") as folder:
        home, admin_key = Path(folder), secrets.token_urlsafe(16)
        _configure(home, Path(program), interface, admin_key)
        # With us it goes even where we are killed. A file takes in what it says, a pipe might fill.
        command = ["setpriv", "--pdeathsig", "KILL", program, "-F", folder]
        with (
            (home / "log").open("wb") as log,
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
        ):
            try:
                janus = Janus(home / "socket", admin_key, process)
                _wait(janus, home / "log")
                yield janus
            finally:
                _end(process)


def _configure(home: Path, program: Path, interface: str, admin_key: str) -> None:
    """Write the configuration; folders of one link each keep every other module out."""
    for folder, module in (
        ("plugins", "libjanus_videoroom.so"),
        ("transports", "libjanus_websockets.so"),
    ):
        (home / folder).mkdir()
        (home / folder / module).symlink_to(_module(program, folder, module))
    (home / "none").mkdir()
    files = {
        "janus.jcfg": f"""
            general: {{
              configs_folder = "{home}"
              plugins_folder = "{home}/plugins"
              transports_folder = "{home}/transports"
              events_folder = "{home}/none"
              loggers_folder = "{home}/none"
              debug_level = 2
              debug_colors = false
              session_timeout = 0
            }}
            nat: {{ ice_enforce_list = "{interface}" }}
            media: {{ ipv6 = false, slowlink_threshold = 4 }}
        """,
        "janus.plugin.videoroom.jcfg": f"""
            general: {{ admin_key = "{admin_key}", string_ids = true }}
        """,
        "janus.transport.websockets.jcfg": f"""
            general: {{ json = "compact", ws = true, ws_unix = "{home}/socket" }}
        """,
    }
    for name, text in files.items():
        (home / name).write_text(text, "utf-8")


def _module(program: Path, folder: str, module: str) -> Path:
    """Where the package has put a module: below the folder that holds ``bin``."""
    root = program.resolve().parents[1]
    for place in ("lib", "lib/*", "lib64"):
        for found in root.glob(f"{place}/janus/{folder}/{module}"):
            return found
    raise NoSfu(f"Janus is here without {module}; install the package janus again.")


def _wait(janus: Janus, log: Path) -> None:
    """Until it answers; raises :class:`NoSfu` when it ends or takes too long."""
    deadline = time.monotonic() + START_LIMIT_S
    while janus.process.poll() is None and time.monotonic() < deadline:
        with (
            suppress(OSError, WebSocketException, TimeoutError),
            unix_connect(str(janus.socket), uri="ws://janus/", subprotocols=[PROTOCOL]) as socket,
        ):
            socket.send(json.dumps({"janus": "ping", "transaction": "ready"}))
            socket.recv(timeout=START_LIMIT_S)
            return
        time.sleep(_LOOK_EVERY_S)
    said = log.read_text("utf-8", "replace").strip().splitlines()
    last = f" its last line: {said[-1]}" if said else " it said nothing"
    raise NoSfu(f"Janus did not start;{last}; look whether it runs by hand.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
