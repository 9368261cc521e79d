"""Detection: how soon black, frozen, swapped, self-viewed, muted and one-way media is told.

Two pages in a call of their own, with marked pictures and voices. At a known moment one thing goes
wrong; every 100 ms the receiver's last 1.5 s are judged as a journey judges them. Goal: each told
20 times of 20, within 2 s of its onset. Before each onset all must be well, which is judged alike.

    python -m benchmarks.detection [--onsets 20] [--seed 1]
"""

from __future__ import annotations

import argparse
import base64
import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

from benchmarks.report import Figure, blank_page, progress
from synthetic.browser.page_script import page_script
from synthetic.journeys.media import STILL_MS
from synthetic.media import microphone
from synthetic.media.mark import CELLS_PER_HEIGHT, FRAMES, ROLES, TOP_CELLS, Mark, cells_of
from synthetic.media.proof import Wanted, picture, voice
from synthetic.media.transport import Snapshot

NONCE = 0x5A5
HOST, GUEST, STRANGER = 0, 1, 2
WINDOW_MS, WELL_MS, POLL_MS = 1500, 800, 100
GOAL_S, PATIENCE_S = 2.0, 15.0
# What goes wrong, and at whose end: the host sends, the guest receives and judges.
FAULTS = {
    "black": HOST,
    "frozen": HOST,
    "self-view": GUEST,
    "swapped": HOST,
    "muted": HOST,
    "one-way": HOST,
}


@dataclass
class Call:
    """Both pages, and how the receiver's media is judged."""

    sender: Page
    receiver: Page
    calm_looks: int = 0
    false_alarms: int = 0

    def set(self, fault: str, on: bool) -> float:
        """Switch a fault; the moment it happened (milliseconds since the epoch)."""
        page = self.sender if FAULTS[fault] == HOST else self.receiver
        at: float = page.evaluate("([name, on]) => bench.set(name, on)", [fault, on])
        return at

    def told(self, window_ms: float, not_before: float) -> bool:
        """Whether a journey would fail on what the receiver had lately."""
        since, snapshot = self.receiver.evaluate(
            "([window, notBefore]) => bench.look(window, notBefore)", [window_ms, not_before]
        )
        return wrong(snapshot, since)

    def await_well(self) -> float:
        """Wait until a whole window is well; since when (milliseconds since the epoch)."""
        deadline = time.monotonic() + PATIENCE_S
        since = time.time() * 1000
        while time.monotonic() < deadline:
            self._pause(WELL_MS)
            if not self.told(WELL_MS, since):
                return time.time() * 1000 - WELL_MS
        raise SystemExit(f"the call was not well within {PATIENCE_S:g} s; run on a freer machine")

    def time_to_tell(self, fault: str, calm_ms: float) -> float:
        """Seconds from the onset of ``fault`` until it is told."""
        well_since = self.await_well()
        until = time.time() * 1000 + calm_ms
        while time.time() * 1000 < until:
            self._pause(POLL_MS)
            self.calm_looks += 1
            self.false_alarms += self.told(WINDOW_MS, well_since)
        onset = self.set(fault, True)
        while time.time() * 1000 < onset + PATIENCE_S * 1000:
            if self.told(WINDOW_MS, well_since):
                break
            self._pause(POLL_MS)
        took = time.time() * 1000 - onset
        self.set(fault, False)
        return took / 1000

    def _pause(self, milliseconds: float) -> None:
        self.sender.wait_for_timeout(milliseconds)


def wrong(snapshot: Snapshot, since_ms: float) -> bool:
    """What :func:`synthetic.journeys.media.prove` fails on, for the host as the guest has them."""
    seen = picture(snapshot, Wanted(HOST, False, NONCE), {}, since_ms)
    heard, _, silence_ms = voice(snapshot, HOST)
    still_ms = max(seen.longest_gap_ms or 0, silence_ms or 0)
    return (seen.identity, heard) != ("match", "match") or still_ms > STILL_MS


def open_call(playwright: Playwright, leaving: ExitStack) -> Call:
    """Two browsers with a call between them."""
    pages = [leaving.enter_context(blank_page(playwright, page_script())) for _ in range(2)]
    asked = {
        "cards": [_cards(role) for role in (HOST, GUEST, STRANGER)],
        "voices": _voices(),
        "cellsPerHeight": CELLS_PER_HEIGHT,
        "topCells": TOP_CELLS,
        "other": STRANGER,
    }
    script = Path(__file__).with_suffix(".js").read_text("utf-8")
    for role, page in enumerate(pages):
        page.evaluate(script, {**asked, "self": role})
    sender, receiver = pages
    offer = sender.evaluate("bench.offer()")
    answer = receiver.evaluate("offer => bench.answer(offer)", offer)
    sender.evaluate("answer => bench.accept(answer)", answer)
    return Call(sender, receiver)


def _cards(role: int) -> list[str]:
    marks = (Mark(role, False, NONCE, frame) for frame in range(FRAMES))
    return ["".join(str(cell) for row in cells_of(mark) for cell in row) for mark in marks]


def _voices() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        feeds = [microphone.cached_feed(role, Path(folder)).read_bytes() for role in ROLES[:2]]
    return [f"data:audio/wav;base64,{base64.b64encode(feed).decode()}" for feed in feeds]


def run(onsets: int, seed: int) -> list[Figure]:
    """How many of the onsets of each fault were told in time, and how soon."""
    randomness = random.Random(seed)
    figures = []
    with sync_playwright() as playwright, ExitStack() as leaving:
        call = open_call(playwright, leaving)
        for fault in FAULTS:
            took = [
                call.time_to_tell(fault, randomness.uniform(100, 500))
                for _ in progress(fault, onsets)
            ]
            figures += _figures(fault, took)
        alarms = Figure(
            "told while all was well", call.false_alarms, "looks", None, call.calm_looks
        )
    return [*figures, alarms]


def _figures(fault: str, took: list[float]) -> list[Figure]:
    late = sum(one > GOAL_S for one in took)
    slow = sorted(took)[min(len(took) - 1, int(0.95 * len(took)))]
    return [
        Figure(f"{fault}: not told within {GOAL_S:g} s", late, "onsets", 0, len(took)),
        Figure(f"{fault}: time to tell, P95", slow, "s", None, len(took)),
    ]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onsets", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for figure in run(arguments.onsets, arguments.seed):
        print(figure)


if __name__ == "__main__":
    _main()
