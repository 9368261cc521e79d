"""A network of our own that changes while browsers wait for connections, and nobody else's does."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

_CLONE_NEWNET = 0x40000000  # linux/sched.h
_SYN_SENT = "02"


@contextmanager
def network_apart() -> Iterator[None]:
    """This thread, and all that it starts meanwhile, have only a loopback of their own."""
    if os.geteuid() != 0 and not os.environ.get("CI"):
        pytest.skip("a network of one's own takes root")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(_CLONE_NEWNET):
            pytest.fail(f"no network of our own: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
    finally:
        libc.setns(before, _CLONE_NEWNET)
        os.close(before)


@dataclass(frozen=True)
class Gate:
    """What stands before a server; until it opens, whoever connects waits for the connection."""

    entrance: socket.socket
    behind: tuple[str, int]
    ends: ExitStack

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.entrance.getsockname()[1]}"

    def waiting(self) -> set[str]:
        """The local ends of all connections to it that were asked for and do not stand yet."""
        asked = f":{self.entrance.getsockname()[1]:04X}"
        table = Path("/proc/thread-self/net/tcp").read_text("ascii").splitlines()[1:]
        rows = (line.split() for line in table)
        return {row[1] for row in rows if row[2].endswith(asked) and row[3] == _SYN_SENT}

    def open(self) -> None:
        """Let all through from now on."""
        threading.Thread(target=self._admit, daemon=True).start()

    def _admit(self) -> None:
        with suppress(OSError):  # it was taken away
            while True:
                one = self.ends.enter_context(self.entrance.accept()[0])
                other = self.ends.enter_context(socket.create_connection(self.behind))
                for way in ((one, other), (other, one)):
                    threading.Thread(target=_carry, args=way, daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65_536):
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def gate_before(url: str) -> Iterator[Gate]:
    """A shut gate before the server at ``url``."""
    server = urlsplit(url)
    with ExitStack() as ends:
        entrance = ends.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # Of those nobody admits the kernel keeps one, and is deaf to all others.
        ends.enter_context(socket.create_connection(entrance.getsockname()))
        yield Gate(entrance, (server.hostname or "", server.port or 80), ends)
        entrance.shutdown(socket.SHUT_RDWR)  # or it would go on as long as somebody accepts
