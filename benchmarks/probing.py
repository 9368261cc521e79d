"""Probe timing: what a probe says an answer took, against a server that knows.

A server in a process of its own takes its time before the head and before the rest of the body of
each answer, at random, and says in its last line how long it really took. The error is how far the
measured time is from that, beside curl's own ``time_total`` for requests to the same server in
between. Every request has a fresh connection, whose making counts in both. Where the system lets
us, all three go before whatever else the machine does, which would delay each of them. Goal: P95
≤ 3 ms.

    python -m benchmarks.probing [--requests 100]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socketserver
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx

from benchmarks.report import Figure, progress
from synthetic.probes.fetching import fetch
from synthetic.probes.transport import TimedTransport

GOALS_MS = {"probe": 3.0}
REQUESTS = 100
_MOST_MS = 200
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Asked = Callable[[str], tuple[float, float]]
"""Asks an address: what was measured and what was true, in milliseconds."""


def run(requests: int = REQUESTS, seed: int = 1) -> Sequence[Figure]:
    """Each way of asking in turn, request by request."""
    asking: dict[str, Asked] = {"probe": probed}
    if shutil.which("curl"):
        asking["curl"] = curled
    else:
        print("curl is not installed: there is nothing to stand beside", file=sys.stderr)
    random_ = random.Random(seed)
    errors: dict[str, list[float]] = {name: [] for name in asking}
    with _undisturbed(), served() as url:
        for ask in asking.values():
            ask(f"{url}/1/1")  # what is first is slower
        for _ in progress("probing", requests):
            place = f"{url}/{random_.uniform(1, _MOST_MS)}/{random_.uniform(1, _MOST_MS)}"
            for name, ask in asking.items():
                measured, true = ask(place)
                errors[name].append(abs(measured - true))
    return [
        figure
        for name, found in errors.items()
        for figure in (
            Figure(f"{name}, error, P95", _p95(found), "ms", GOALS_MS.get(name), requests),
            Figure(f"{name}, error, median", statistics.median(found), "ms", None, requests),
        )
    ]


def probed(url: str) -> tuple[float, float]:
    """As probes ask."""

    async def once() -> tuple[float, float]:
        async with TimedTransport(_NO_TLS) as transport:
            answer = await fetch(httpx.AsyncClient(transport=transport), url, timeout_s=10)
            return answer.timing.total_ms, float(answer.body.split()[-1])

    return asyncio.run(once())


def curled(url: str) -> tuple[float, float]:
    """As curl asks."""
    command = ["curl", "--silent", "--noproxy", "*", "--write-out", "\\n%{time_total}", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return 1000 * float(said[-1]), float(said[-2])


def serve() -> None:
    """The server: prints its port, serves until its input ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked = self.request.recv(65_536)
            began = time.perf_counter()
            head_ms, body_ms = (float(one) for one in asked.split()[1].split(b"/")[1:3])
            time.sleep(head_ms / 1000)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nslowly\n")
            time.sleep(body_ms / 1000)
            self.request.sendall(b"%.3f" % (1000 * (time.perf_counter() - began)))

    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


@contextmanager
def served() -> Iterator[str]:
    """The server in a process of its own; its address."""
    command = [sys.executable, "-c", "from benchmarks.probing import serve; serve()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """This thread, and the processes that it starts, go first."""
    before = os.sched_getscheduler(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("measured beside whatever else this machine does", file=sys.stderr)
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probing", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    for figure in run(parser.parse_args().requests):
        print(figure)


if __name__ == "__main__":
    main()
