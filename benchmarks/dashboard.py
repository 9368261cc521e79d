"""The dashboard: what a year of history costs against a day, and how soon many viewers hear.

A year is six million samples of five locations (:mod:`benchmarks.year`). Before each
round something is written, so that no page is answered from what was rendered already; times are
medians over all pages in turn, from the request to the first byte of the answer, on loopback. Both
are told: the same pages over a longer history, and charts of a year instead of a day, the latter
also by a dashboard that has just begun and remembers nothing. Then so many
viewers hold their stream of events, one more never reads, and something is written; how late a
timer is meanwhile in the loop that serves them, which is the watch's as well, is the most that they
can make the watch lag. In a browser the largest contentful paint is taken of Production over the
year.

    python -m benchmarks.dashboard [--times 9]
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.report import Figure, launch
from benchmarks.year import END, TARGET, YEAR_DAYS, history
from synthetic.dashboard.app import create_app
from synthetic.dashboard.serving import Server, listen, settled
from synthetic.dashboard.watched import Watched
from synthetic.plan.load import load
from synthetic.settings import Settings
from synthetic.store.history import Store

GOAL_TIME, GOAL_BYTES, GOAL_HEARD_S, GOAL_PAINT_MS = 2.0, 1.5, 2.0, 500.0
GOAL_LATE_S = 0.5
"""Of a watch whose every turn is due in seconds, unnoticeable."""
_TICK_S = 0.01
TIMES = 9
VIEWERS = 200
PAGES = ("/", "/launch", "/features", "/endpoints", "/media", "/plan", "/alerts", "/runs")
RANGES = ("24h", "1y")
WITH_CHARTS = ("/", "/launch", "/media")
_PAINT = """() => new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries().at(-1).startTime)
).observe({ type: "largest-contentful-paint", buffered: true }))"""
_ASK = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class Cost:
    """Of pages: the median time to the first byte, and all bytes of one round."""

    ms: float
    sent: int


def run(times: int = TIMES) -> Sequence[Figure]:
    """A day, then a year."""
    with history(1) as (store, _), served(store) as address:
        day = measured(store, address, PAGES, times)
    late = list[float]()
    with history(YEAR_DAYS) as (store, _), served(store, late) as address:
        year = measured(store, address, PAGES, times)
        charts = [
            measured(store, address, [f"{page}?range={one}" for page in WITH_CHARTS], times)
            for one in RANGES
        ]
        fresh = [afresh(store, one, times) for one in RANGES]
        late.clear()
        heard_s = asyncio.run(heard(store, int(address.rpartition(":")[2])))
        late_s = max(late)
        painted_ms = painted(store, address, times)
    return [
        Figure("page over a year / a day, first byte", year.ms / day.ms, "×", GOAL_TIME, times),
        Figure("page over a year / a day, bytes", year.sent / day.sent, "×", GOAL_BYTES, 1),
        Figure("charts of a year / a day, first byte", charts[1].ms / charts[0].ms, "×",
               GOAL_TIME, times),
        Figure("charts of a year / a day, bytes", charts[1].sent / charts[0].sent, "×",
               GOAL_BYTES, 1),
        Figure("page over a year, first byte, median", year.ms, "ms", None, times),
        Figure("charts of a year / a day, nothing remembered, first byte", fresh[1] / fresh[0], "×",
               GOAL_TIME, times),
        Figure("charts of a year, nothing remembered, first byte, median of three pages together",
               fresh[1], "ms", None, times),
        Figure("largest contentful paint, median", painted_ms, "ms", GOAL_PAINT_MS, times),
        Figure(f"{VIEWERS} viewers hear of a change, the last", heard_s, "s", GOAL_HEARD_S, 1),
        Figure("a timer beside them, at its latest", late_s, "s", GOAL_LATE_S, 1),
    ]  # fmt: skip


@contextmanager
def served(store: Store, late: list[float] | None = None) -> Iterator[str]:
    """The dashboard over a store, on loopback; ``late`` gets by how much timers were, in s."""
    watched = Watched(store, load(), Settings(), TARGET, lambda: END)
    ready = Event()
    server = Server(create_app(watched), ready.set)
    settled()
    with listen("127.0.0.1", 0) as listener:
        thread = Thread(target=lambda: asyncio.run(_serve(server, listener, late)))
        thread.start()
        ready.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


async def _serve(server: Server, listener: socket.socket, late: list[float] | None) -> None:
    ticking = None if late is None else asyncio.create_task(_ticks(late))
    await server.serve([listener])
    if ticking:
        ticking.cancel()


async def _ticks(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + _TICK_S
        await asyncio.sleep(_TICK_S)
        late.append(time.perf_counter() - due)


def measured(store: Store, address: str, pages: Sequence[str], times: int) -> Cost:
    """What pages cost after each write; a first round is not counted."""
    took: list[float] = []
    sent = 0
    with httpx.Client(base_url=address, timeout=60) as client:
        for number in range(times + 1):
            store.keep_note("benchmark", number)  # what was rendered is out of date
            sent = 0
            for page in pages:
                ms, size = first_byte(client, page)
                sent += size
                if number:
                    took.append(ms)
    return Cost(statistics.median(took), sent)


def afresh(store: Store, range_: str, times: int) -> float:
    """What all pages with charts over a range cost together, in ms to their first bytes, of a
    dashboard that has begun and made each page over another range: the median of such."""
    took: list[float] = []
    for _ in range(times):
        with served(store) as address, httpx.Client(base_url=address, timeout=60) as client:
            for page in WITH_CHARTS:
                first_byte(client, f"{page}?range=6h")
            pages = [first_byte(client, f"{page}?range={range_}") for page in WITH_CHARTS]
            took.append(sum(ms for ms, _ in pages))
    return statistics.median(took)


def first_byte(client: httpx.Client, page: str) -> tuple[float, int]:
    """Milliseconds until an answer begins, and how many bytes it has."""
    began = time.perf_counter()
    with client.stream("GET", page) as answer:
        ms = 1000 * (time.perf_counter() - began)
        answer.raise_for_status()
        return ms, sum(len(piece) for piece in answer.iter_raw())


def painted(store: Store, address: str, times: int) -> float:
    """The largest contentful paint of Production after a write, in ms: the median of loads."""
    took: list[float] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for number in range(times):
            store.keep_note("benchmark", f"paint {number}")
            page = browser.new_page()
            page.goto(f"{address}/", wait_until="load")
            took.append(float(page.evaluate(_PAINT)))
            page.close()
        browser.close()
    return statistics.median(took)


async def heard(store: Store, port: int) -> float:
    """Seconds from a write until the last viewer heard of it."""
    _, idle = await asyncio.open_connection("127.0.0.1", port)
    idle.write(_ASK)
    viewers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(VIEWERS)]
    for _, writer in viewers:
        writer.write(_ASK)
    for reader, _ in viewers:
        await _version(reader)
    await asyncio.to_thread(store.keep_note, "benchmark", "heard")
    began = time.perf_counter()
    await asyncio.gather(*(_version(reader) for reader, _ in viewers))
    took = time.perf_counter() - began
    for writer in (idle, *(writer for _, writer in viewers)):
        writer.close()
    return took


async def _version(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"data: ")
    await reader.readline()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    for figure in run(parser.parse_args().times):
        print(figure)


if __name__ == "__main__":
    main()
