"""Two pages that call each other over a network that a test can break."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from synthetic.media.relay import BINDING, Network

SCRIPT = (
    "(() => { const synthetic = globalThis.__relayed = {};"
    f"({resources.files('synthetic.media').joinpath('relay.js').read_text('utf-8')})(synthetic);"
    "})();"
)
CALLER = (Path(__file__).parent / "caller.js").read_text("utf-8")


@dataclass(frozen=True)
class Person:
    """Somebody in a call."""

    role: str
    page: Page

    def frames(self) -> list[float]:
        """When each frame of the other person was shown (milliseconds since the epoch)."""
        shown: list[float] = self.page.evaluate("frames")
        return shown

    def sees_new_frames(self, since_ms: float, limit_ms: float = 10_000) -> float:
        """Wait for a frame that is newer; returns its moment."""
        newer = "since => frames.find(at => at > since)"
        handle = self.page.wait_for_function(newer, arg=since_ms, timeout=limit_ms)
        return float(handle.json_value())

    def inbound(self) -> dict[str, Any]:
        """The statistics of the received picture."""
        report: dict[str, Any] = self.page.evaluate("inbound()")
        return report


@contextmanager
def person(
    browser: Browser, network: Network, role: str, url: str = "about:blank"
) -> Iterator[Person]:
    """A page in a context with a network of its own."""
    context = browser.new_context(
        proxy={"server": network.proxy_of(role)}, permissions=["camera", "microphone"]
    )
    context.expose_binding(BINDING, lambda _, *asked: network.answer(role, *asked))
    context.add_init_script(SCRIPT)
    page = context.new_page()
    page.goto(url)
    page.add_script_tag(content=CALLER)
    yield Person(role, page)
    context.close()


def connect(host: Person, guest: Person, connection: str = "RTCPeerConnection") -> None:
    """Host calls guest: candidates inside the offer one way, one by one the other way."""
    for one in (host, guest):
        one.page.evaluate(f"open({connection})")
    offer = host.page.evaluate("described()")
    guest.page.evaluate("offer => pc.setRemoteDescription(offer)", offer)
    answer = guest.page.evaluate("described()")
    host.page.evaluate("trickle", [answer, guest.page.evaluate("candidates")])
    for one in (host, guest):
        one.sees_new_frames(0)


def seeded() -> Network:
    """A network whose losses are the same each time."""
    return Network(random.Random(4).random)
