"""Timing truth: how far a step's latency is from what the page itself knows to be true.

Random delays of 50–3000 ms in one document, across a navigation and across two actors, and the
first frame of a marked picture. Beside it, in the same run, a Python clock around ``expect`` and
``wait_for``. Goals: |reported − true| P95 ≤ 5 ms and at worst ≤ 25 ms; for pictures ≤ 34 ms.

    python -m benchmarks.timing [--delays 210]
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.report import Figure, launch, progress
from synthetic.browser.locator import Locator
from synthetic.browser.page_script import page_script
from synthetic.browser.stopwatch import Condition, measure
from synthetic.browser.view import View
from synthetic.media.mark import FRAMES, Mark, cells_of

NONCE = 0x5A5
GO = Locator("bench.go", role="button", name="^go$")
DONE = Locator("bench.done", role="heading", name="^done$")
SHORTEST_MS, LONGEST_MS = 50, 3000
PICTURES = 20
GOAL_P95_MS, GOAL_WORST_MS, GOAL_PICTURE_MS = 5.0, 25.0, 34.0


@dataclass
class Truth:
    """What the pages told of themselves, and the relay between two of them."""

    told: queue.Queue[dict[str, float]] = field(default_factory=queue.Queue)
    relay: queue.Queue[int] = field(default_factory=queue.Queue)

    def true_ms(self) -> float:
        """The true length of the latest wait."""
        moments = dict(self._next() for _ in range(2))
        return moments["effect"] - moments["click"]

    def _next(self) -> tuple[str, float]:
        moment = self.told.get(timeout=10)
        return str(moment["what"]), moment["at"]


def serve(truth: Truth) -> ThreadingHTTPServer:
    """The page with known delays, on loopback."""
    page = Path(__file__).with_name("timing.html").read_bytes()
    marks = (Mark(0, screen=False, nonce=NONCE, frame=frame) for frame in range(FRAMES))
    cards = json.dumps([["".join(map(str, row)) for row in cells_of(mark)] for mark in marks])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers: dict[str, Callable[[], bytes]] = {
                "/page": lambda: page,
                "/cards": cards.encode,
                "/told": lambda: json.dumps({"delay": truth.relay.get(timeout=10)}).encode(),
            }
            self._answer(answers.get(urlsplit(self.path).path, lambda: b""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/truth":
                truth.told.put(json.loads(body))
            else:
                truth.relay.put(int(parse_qs(urlsplit(self.path).query)["delay"][0]))
            self._answer(lambda: b"{}")

        def _answer(self, content: Callable[[], bytes]) -> None:
            body = content()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def view_of(browser: Browser, who: str) -> View:
    """A page with the clock in it."""
    context = browser.new_context()
    context.add_init_script(page_script())
    page = context.new_page()
    view = View(page, who, 20)
    context.expose_binding("__syntheticInput", lambda _, kind, at: view.inputs.append((kind, at)))
    return view


def ours(form: str, delay: int, url: str, acting: View, observing: View, truth: Truth) -> float:
    """The error in ms of our clock for one delay."""
    acting.page.goto(f"{url}?form={form}&delay={delay}")
    watching, condition = acting, Condition(acting, "the heading", DONE)
    if form == "actors":
        observing.page.goto(f"{url}?form=observer")
        watching, condition = observing, Condition(observing, "the heading", DONE)
    if form == "picture":
        acting.page.get_by_text("playing").wait_for()
        picture = {"role": 0, "screen": False, "nonce": NONCE}
        condition = Condition(watching, "the picture", picture=picture)
    lap = measure(acting, lambda: acting.click(GO), [condition], limit_s=20)
    return abs(lap.latency_ms - truth.true_ms())


def theirs(wait: Callable[[Page], object], delay: int, url: str, page: Page, truth: Truth) -> float:
    """The error in ms of a Python clock around an ordinary wait for one delay."""
    page.goto(f"{url}?form=document&delay={delay}")
    started = time.perf_counter()
    page.get_by_role("button", name="Go").click()
    wait(page)
    return abs((time.perf_counter() - started) * 1000 - truth.true_ms())


def _expect(page: Page) -> None:
    expect(page.get_by_role("heading", name="Done")).to_be_visible()


def _wait_for(page: Page) -> None:
    page.get_by_role("heading", name="Done").wait_for()


def run(delays: int, seed: int) -> list[Figure]:
    """All errors, as figures with their goals."""
    randomness = random.Random(seed)
    truth = Truth()
    server = serve(truth)
    url = f"http://127.0.0.1:{server.server_port}/page"
    per_form = max(1, delays // 3)
    errors: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        one, other = launch(playwright), launch(playwright)
        acting, observing = view_of(one, "acting"), view_of(other, "observing")
        counts = {
            "document": per_form,
            "navigation": per_form,
            "actors": per_form,
            "picture": PICTURES,
        }
        for form, count in counts.items():
            for _ in progress(form, count):
                delay = randomness.randint(SHORTEST_MS, LONGEST_MS)
                error = ours(form, delay, url, acting, observing, truth)
                errors.setdefault(form, []).append(error)
        for name, wait in (("expect", _expect), ("wait_for", _wait_for)):
            for _ in progress(name, PICTURES):
                delay = randomness.randint(SHORTEST_MS, LONGEST_MS)
                errors.setdefault(name, []).append(theirs(wait, delay, url, observing.page, truth))
        one.close()
        other.close()
    server.shutdown()
    return _figures(errors)


def _figures(errors: dict[str, list[float]]) -> list[Figure]:
    steps = [error for form in ("document", "navigation", "actors") for error in errors[form]]
    figures = [
        Figure("steps, error P95", _p95(steps), "ms", GOAL_P95_MS, len(steps)),
        Figure("steps, worst error", max(steps), "ms", GOAL_WORST_MS, len(steps)),
    ]
    for form in ("document", "navigation", "actors"):
        figures.append(
            Figure(f"{form}, error P95", _p95(errors[form]), "ms", None, len(errors[form]))
        )
    pictures = errors["picture"]
    figures.append(
        Figure("first picture, worst error", max(pictures), "ms", GOAL_PICTURE_MS, len(pictures))
    )
    for name in ("expect", "wait_for"):
        figures.append(
            Figure(
                f"`{name}`, error P50",
                statistics.median(errors[name]),
                "ms",
                None,
                len(errors[name]),
            )
        )
        figures.append(
            Figure(f"`{name}`, error P95", _p95(errors[name]), "ms", None, len(errors[name]))
        )
    return figures


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delays", type=int, default=210)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for figure in run(arguments.delays, arguments.seed):
        print(figure)
