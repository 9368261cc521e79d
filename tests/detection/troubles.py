"""What can break on our own side, or in a service of ours, made to happen for real."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil
import pytest

from synthetic.browser.launch import browser_choice
from tests.journeys.conftest import Answer, says
from tests.journeys.running import Running

NO_CALLS_BY_UDP = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
MAILBOX_SLOW_S = 7
_MB = 1_000_000
_SPINS = """
import os, sys
os.sched_setaffinity(0, map(int, sys.argv[2:]))
os.nice(int(sys.argv[1]))
while True: pass
"""
_JUMPS = """
import os, time
real = time.time
time.time = lambda: real() + (3600 if os.path.exists({sign!r}) else 0)
"""


def browser_with(folder: Path, switch: str) -> str:
    """A browser that always gets this switch as well."""
    found = browser_choice(None, Path("nowhere"))["executable_path"]
    wrapper = folder / "browser"
    wrapper.write_text(f'#!/bin/sh\nexec {found} "$@" {switch}\n')
    wrapper.chmod(0o755)
    return str(wrapper)


def clock_that_jumps(folder: Path, sign: Path) -> str:
    """What ``PYTHONPATH`` is to be, so that a process's clock is an hour ahead once ``sign`` is."""
    (folder / "sitecustomize.py").write_text(_JUMPS.format(sign=str(sign)))
    return str(folder)


@contextmanager
def hogs(cores: Iterable[Collection[int]], nice: int = 0) -> Iterator[None]:
    """A process for each of these sets of processors, which takes what it can get of them."""
    with ExitStack() as ends:
        for allowed in cores:
            asked = [str(nice), *map(str, allowed)]
            hog = subprocess.Popen([sys.executable, "-c", _SPINS, *asked])
            ends.callback(hog.wait)
            ends.callback(hog.kill)
        yield


def no_more_files(running: Running) -> None:
    """The run may open no file any more."""
    psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_NOFILE, (3, 3))


def browser_of(running: Running, role: str) -> psutil.Process:
    """The main process of an actor's browser, known by the camera it was given."""
    for process in running.family():
        arguments = process.cmdline() if process.is_running() else []
        camera = any(argument.endswith(f"/{role}.mjpeg") for argument in arguments)
        if camera and not any(argument.startswith("--type=") for argument in arguments):
            return process
    pytest.fail(f"no browser of {role} among {running.family()}")


def page_of(running: Running, role: str) -> psutil.Process:
    """The process of an actor's page: of all that draw pages, the one that has worked most."""
    pages = [
        process
        for process in browser_of(running, role).children(recursive=True)
        if "--type=renderer" in process.cmdline()
    ]
    return max(pages, key=lambda process: sum(process.cpu_times()[:2]))


def browser_dies(running: Running, role: str = "host") -> None:
    """An actor's browser is no more."""
    browser_of(running, role).kill()


def page_out_of_memory(running: Running, role: str = "host") -> None:
    """An actor's page gets no more memory."""
    no_more_memory(page_of(running, role))


def no_more_memory(process: psutil.Process) -> None:
    """The process gets no more memory than it has."""
    process.rlimit(psutil.RLIMIT_AS, (_MB, _MB))


def all_cores() -> frozenset[int]:
    """The processors that we may use."""
    return frozenset(os.sched_getaffinity(0))


def late(handler: BaseHTTPRequestHandler) -> None:
    """An empty mailbox, which takes its time to say so."""
    threading.Event().wait(MAILBOX_SLOW_S)
    says(200, b'{"messages": []}')(handler)


REFUSES: Answer = says(500, b"no mail today")
"""A mailbox that is broken."""
