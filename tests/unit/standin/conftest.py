"""The real stand-in, on a clock that tests can turn; and real browsers to visit it with."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, ViewportSize, expect

from synthetic.standin.app import create_app
from synthetic.standin.faults import parse
from synthetic.standin.interface import NoSfu
from synthetic.standin.janus import Janus, janus_running
from synthetic.standin.serving import Server, listen
from tests.unit.conftest import found_browser

# Loading the certificate authorities takes longer than most requests here, none of which uses TLS.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ADDRESSES = (f"person-{n}@synthetic.test" for n in itertools.count(1))


SWITCHES = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream=display-media-type=browser,fps=30",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
DESKTOP: ViewportSize = {"width": 1280, "height": 720}

# The green of a tile's video, 64 by 36 values from 0 to 255 (Chromium's fake camera is all green).
LOOK = """video => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return [...context.getImageData(0, 0, 64, 36).data].filter((_, i) => i % 4 === 1);
}"""
LOUDNESS = """async video => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(video.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (let i = 0; i < 60; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples.map(Math.abs));
  }
  return loudest;
}"""


@dataclass
class Clock:
    """The time of day, plus what a test turned it on by (seconds)."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Standin:
    """A running stand-in."""

    url: str
    clock: Clock
    clients: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.reader = self.client()

    def client(self) -> httpx.Client:
        """Somebody who is not signed in."""
        return self.clients.enter_context(httpx.Client(base_url=self.url, verify=NO_TLS))

    def mails(self, email: str) -> list[dict[str, str]]:
        """The mails to ``email``, newest first."""
        query = {"query": f'to:"{email}"'}
        answer = self.reader.get("/mail/api/v1/search", params=query).json()
        found: list[dict[str, str]] = answer["messages"]
        return found

    def code(self, email: str) -> str:
        """The code in the newest mail to ``email``."""
        newest = self.mails(email)[0]["ID"]
        text = self.reader.get(f"/mail/api/v1/message/{newest}").json()["Text"]
        (code,) = re.findall(r"\b\d{6}\b", text)
        return str(code)

    def person(self, email: str | None = None) -> httpx.Client:
        """Somebody new (or called ``email``), signed in."""
        client, email = self.client(), email or next(ADDRESSES)
        assert client.post("/api/auth/signup", json={"email": email}).status_code == 202
        answer = {"email": email, "code": self.code(email)}
        assert client.post("/api/auth/verify-otp", json=answer).status_code == 200
        return client


@contextmanager
def serving(
    *faults: str,
    front: str = "plain",
    janus: Janus | None = None,
    breakable: bool = False,
    chance: float = 1.0,
    random: Callable[[], float] = lambda: 0.0,
) -> Iterator[Standin]:
    """A stand-in for as long as the context lasts."""
    clock, ready = Clock(), threading.Event()
    listener = listen(0)
    wrong = parse(faults, chance, random)
    app = create_app(faults=wrong, front=front, clock=clock, janus=janus, breakable=breakable)
    server = Server(app, ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert ready.wait(10)
    standin = Standin(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    try:
        with standin.clients:
            yield standin
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    """A faultless stand-in, shared by a file's tests."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def janus() -> Iterator[Janus]:
    """A Janus, shared by a file's tests; they are skipped where there can be none, save in CI."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(janus_running())
        except NoSfu as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield running


@pytest.fixture
def misbehaving() -> Iterator[Callable[..., Standin]]:
    """Starts stand-ins with faults."""
    with ExitStack() as stack:
        yield lambda *faults, **options: stack.enter_context(serving(*faults, **options))


@dataclass
class Visitor:
    """A person looking at a room."""

    page: Page

    def enter(self, standin: Standin, person: httpx.Client, session: str) -> None:
        """Go to the room, signed in as ``person``."""
        (cookie,) = person.cookies.jar
        self.page.context.add_cookies(
            [{"name": cookie.name, "value": cookie.value or "", "url": standin.url}]
        )
        self.page.goto(f"{standin.url}/session/{session}")

    @property
    def participants(self) -> Locator:
        return self.page.get_by_role("list", name="Participants").get_by_role("listitem")

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).click()

    def tile(self, name: str) -> Locator:
        return self.page.get_by_role("group", name=name, exact=True)

    def video(self, tile: str) -> Locator:
        return self.tile(tile).locator("video")

    def plays(self, tile: str, frames: int = 5) -> None:
        """Wait until that tile's video has shown some frames."""
        seen = f"v => v.videoWidth > 0 && v.getVideoPlaybackQuality().totalVideoFrames > {frames}"
        self.page.wait_for_function(seen, arg=self.video(tile).element_handle())

    def look(self, tile: str) -> list[int]:
        seen: list[int] = self.video(tile).evaluate(LOOK)
        return seen

    def moved(self, tile: str) -> int:
        """The largest change of a pixel within the next 20 frames."""
        shown = "v => v.getVideoPlaybackQuality().totalVideoFrames"
        first, frames = self.look(tile), self.video(tile).evaluate(shown)
        self.plays(tile, frames=frames + 20)
        return max(abs(a - b) for a, b in zip(first, self.look(tile), strict=True))

    def loudness(self, tile: str) -> float:
        """The largest amplitude within a second and a half, from 0 to 1."""
        return float(self.video(tile).evaluate(LOUDNESS))


@pytest.fixture(scope="module")
def browsers(driver: Playwright) -> Iterator[list[Browser]]:
    """One browser for each of two people."""
    started = [driver.chromium.launch(args=SWITCHES, **found_browser(driver)) for _ in "hg"]
    yield started
    for browser in started:
        browser.close()


@pytest.fixture
def window(browsers: list[Browser]) -> Iterator[Callable[[int], Visitor]]:
    """Opens a page of person 0 or 1; a script error on any page fails the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_page(person: int) -> Visitor:
            context = stack.enter_context(browsers[person].new_context(viewport=DESKTOP))
            page = context.new_page()
            page.set_default_timeout(8000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            return Visitor(page)

        yield open_page
    assert errors == []


@pytest.fixture
def meet(window: Callable[[int], Visitor]) -> Callable[..., tuple[Visitor, Visitor]]:
    """Brings a host and a guest into one room; ``before`` gets each page first."""

    def bring(
        standin: Standin, before: Callable[[Page], object] = lambda _page: None
    ) -> tuple[Visitor, Visitor]:
        addresses = [f"{name}+{standin.clock()}@synthetic.test" for name in ("host", "guest")]
        people = [standin.person(address) for address in addresses]
        answer = people[0].post("/api/sessions/create", json={"title": "Design review"})
        visitors = window(0), window(1)
        for visitor, person in zip(visitors, people, strict=True):
            before(visitor.page)
            visitor.enter(standin, person, answer.json()["session"]["id"])
            own = visitor.page.get_by_role("group", name=re.compile(r" \(you\)$"))
            expect(own).to_be_visible(timeout=20_000)  # the first call wakes everything
        return visitors

    return bring


@pytest.fixture
def meeting(
    meet: Callable[..., tuple[Visitor, Visitor]], standin: Standin
) -> tuple[Visitor, Visitor]:
    """A host and a guest in one room of a faultless stand-in."""
    return meet(standin)
