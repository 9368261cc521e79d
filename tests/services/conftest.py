"""Real servers: found on this machine, run on loopback, stopped afterwards."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services import postgresql as postgresql_server

pytest.register_assert_rewrite(
    "tests.asking_contract", "tests.history_contract", "tests.states_contract"
)

SYSTEM_FOLDERS = ":/usr/local/sbin:/usr/sbin:/sbin"  # where daemons live, often not on PATH


@pytest.fixture(scope="session")
def server() -> Callable[[str, str], Path]:
    """Finds a server's binary by its name and the Debian package that has it.

    Without the binary a test skips, saying how to install it; in CI it fails.
    """

    def find(name: str, package: str) -> Path:
        found = shutil.which(name, path=os.environ.get("PATH", "") + SYSTEM_FOLDERS)
        if found:
            return Path(found)
        advice = f"{name} is not installed: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)

    return find


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Ports of 127.0.0.1 that nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


@pytest.fixture(scope="session")
def postgresql(server: Callable[[str, str], Path]) -> Iterator[postgresql_server.PostgreSQL]:
    """A PostgreSQL of our own; each test that asks it for ``new_database()`` has its own."""
    if postgresql_server.binaries() is None:
        server("initdb", "postgresql")
    with postgresql_server.running() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def still(steady_network: None) -> None:
    """Each test of this folder has browsers beside it, maybe another process's."""
