"""What proof costs: CPU of a call with and without the page script, alternating.

Two people meet on the stand-in with their real camera feeds, in the same two browsers each time;
what all their processes use is counted from the moment both pictures play, for 30 s. *Without* has
no script of ours in the page; *proved* has it, and looks closely for one window, as a journey
does; *watched* reads every frame all the while. Goal: proved ≤ 15 % more than without.

    python -m benchmarks.proof_cost [--rounds 3] [--seconds 30]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psutil
from playwright.sync_api import Page, StorageState

from benchmarks.overhead import (
    GUEST,
    PLAYING,
    Ground,
    browsers_of,
    create_and_join,
    get_in,
    standing,
)
from benchmarks.report import Figure, progress
from synthetic.browser.page_script import page_script
from synthetic.journeys.actor import CONTEXT
from synthetic.journeys.browsers import Browsers

CALL_S = 30.0
GOAL_PERCENT = 15.0
WITHOUT, PROVED, WATCHED = "without", "proved", "watched"
WAYS = (WITHOUT, PROVED, WATCHED)
_PEOPLE = (("host", "Sign Up", "host+cost@synthetic.test"), ("guest", "Log In", GUEST))
_CLOSELY = "seconds => void __synthetic.closely(Date.now() + seconds * 1000)"
_SNAPSHOT = "async () => void (await __synthetic.snapshot(Date.now() - 1000))"


@dataclass
class Cast:
    """Both people, signed in, and their browsers."""

    ground: Ground
    browsers: Browsers
    cards: dict[str, StorageState] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Sign both in, and keep their sign-ins."""
        for role, link, email in _PEOPLE:
            context = self.browsers.of(role).browser.new_context(**CONTEXT)
            get_in(self.ground, context.new_page(), link, email)
            self.cards[role] = context.storage_state()
            context.close()

    def open(self, role: str, way: str, leaving: ExitStack) -> Page:
        """The dashboard of ``role`` in a new context."""
        context = self.browsers.of(role).browser.new_context(
            permissions=["camera", "microphone"], storage_state=self.cards[role], **CONTEXT
        )
        leaving.callback(context.close)
        if way != WITHOUT:
            context.add_init_script(page_script())
        page = context.new_page()
        page.goto(f"{self.ground.url}/dashboard")
        return page

    def used_s(self) -> float:
        """CPU seconds that all processes of both browsers have used so far."""
        processes = [psutil.Process(self.browsers.of(role).pid) for role, *_ in _PEOPLE]
        family = [one for main in processes for one in (main, *main.children(recursive=True))]
        times = [one.cpu_times() for one in family]
        return sum(one.user + one.system for one in times)


def call(cast: Cast, way: str, seconds: float) -> float:
    """CPU seconds of one call."""
    with ExitStack() as leaving:
        host, guest = (cast.open(role, way, leaving) for role, *_ in _PEOPLE)
        create_and_join(host, guest, f"cost {time.time():.0f}")
        for page in (host, guest):
            page.wait_for_function(PLAYING)
        began, used = time.monotonic(), cast.used_s()
        look(cast, (host, guest), way, seconds)
        host.wait_for_timeout((began + seconds - time.monotonic()) * 1000)
        return cast.used_s() - used


def look(cast: Cast, pages: Sequence[Page], way: str, seconds: float) -> None:
    """What a journey asks of its pages beside the call."""
    if way == WITHOUT:
        return
    settings = cast.ground.settings
    pages[0].wait_for_timeout(settings.media_warmup_s * 1000)
    closely = settings.media_watch_s if way == PROVED else seconds
    for page in pages:
        page.evaluate(_CLOSELY, closely)
        page.evaluate(_SNAPSHOT)
    pages[0].wait_for_timeout(settings.media_watch_s * 1000)
    for page in pages:
        page.evaluate(_SNAPSHOT)


def run(rounds: int, seconds: float = CALL_S) -> list[Figure]:
    """The cost of each way against none, round by round."""
    used: dict[str, list[float]] = {way: [] for way in WAYS}
    with standing() as ground:
        cast = Cast(ground, browsers_of(ground))
        try:
            cast.sign_in()
            for number in progress("proof cost", rounds * len(WAYS)):
                # Each round in another order: what warms up or drifts favours nobody.
                way = WAYS[(number + number // len(WAYS)) % len(WAYS)]
                used[way].append(call(cast, way, seconds))
        finally:
            cast.browsers.close()
    return _figures(used, seconds)


def _figures(used: dict[str, list[float]], seconds: float) -> list[Figure]:
    def more(way: str) -> list[float]:
        pairs = zip(used[way], used[WITHOUT], strict=True)
        return [100 * (ours / theirs - 1) for ours, theirs in pairs]

    count = len(used[WITHOUT])
    proved = more(PROVED)
    cores = statistics.median(used[WITHOUT]) / seconds
    return [
        Figure(
            "proved, CPU more than without, median",
            statistics.median(proved),
            "%",
            GOAL_PERCENT,
            count,
        ),
        Figure("proved, least", min(proved), "%", None, count),
        Figure("proved, most", max(proved), "%", None, count),
        Figure(
            "watched, CPU more than without, median",
            statistics.median(more(WATCHED)),
            "%",
            None,
            count,
        ),
        Figure("call without", cores, "cores", None, count),
    ]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=CALL_S)
    arguments = parser.parse_args()
    for figure in run(arguments.rounds, arguments.seconds):
        print(figure)


if __name__ == "__main__":
    _main()
