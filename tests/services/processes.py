"""A real server of a test's own: started, waited for, ended."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

READY_WITHIN_S = 20
Found = TypeVar("Found")


@contextmanager
def started(command: Sequence[object], ready: str, log: Path) -> Iterator[None]:
    """Run a server from the moment when ``ready`` answers 200; ``log`` is what it wrote."""
    with (
        log.open("wb") as output,
        subprocess.Popen([*map(str, command)], stdout=output, stderr=output) as process,
    ):
        try:
            eventually(lambda: process.poll() is not None or _answers(ready))
            if process.poll() is not None:
                pytest.fail(f"{command[0]} did not start: {log.read_text()[-2000:]}")
            yield
        finally:
            process.kill()  # nothing that it keeps is needed


def eventually(ask: Callable[[], Found], within_s: float = READY_WITHIN_S) -> Found:
    """What ``ask`` answers once that is something."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := ask():
            return found
        threading.Event().wait(0.02)
    pytest.fail(f"it did not come within {within_s:g} s")


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=1).status_code == 200
    return False
