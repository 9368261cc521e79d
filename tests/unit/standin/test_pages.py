"""The pages in real browsers: two people meet, by mouse and by keyboard; faults show."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Playwright,
    ViewportSize,
    WebSocketRoute,
    expect,
)

from synthetic.browser.launch import browser_choice
from synthetic.errors import BrowserMissing
from synthetic.standin.recordings import WEBM

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
PHONE: ViewportSize = {"width": 390, "height": 844}

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


@pytest.fixture(scope="module")
def browsers(playwright: Playwright) -> Iterator[list[Browser]]:
    """One browser for each of two people."""
    asked = os.environ.get("SYNTHETIC_BROWSER_PATH")
    try:
        own = Path(playwright.chromium.executable_path)
        choice = browser_choice(Path(asked) if asked else None, own)
    except BrowserMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    started = [playwright.chromium.launch(args=SWITCHES, **choice) for _ in "hg"]
    yield started
    for browser in started:
        browser.close()


@pytest.fixture
def window(browsers: list[Browser]) -> Iterator[Callable[[int], Page]]:
    """Opens a page of person 0 or 1; a script error on any page fails the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_page(person: int) -> Page:
            context = stack.enter_context(browsers[person].new_context(viewport=DESKTOP))
            page = context.new_page()
            page.set_default_timeout(8000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield open_page
    assert errors == []


@pytest.fixture
def meeting(window: Callable[[int], Page], standin: Any) -> tuple[Page, Page]:
    """A host and a guest in one room."""
    return meet(window, standin)


def enter(page: Page, standin: Any, person: Any, session: str) -> None:
    (cookie,) = person.cookies.jar
    page.context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": standin.url}])
    page.goto(f"{standin.url}/session/{session}")


def meet(
    window: Callable[[int], Page],
    standin: Any,
    before: Callable[[Page], None] = lambda _page: None,
) -> tuple[Page, Page]:
    people = [standin.person(f"{n}+{standin.clock()}@synthetic.test") for n in ("host", "guest")]
    answer = people[0].post("/api/sessions/create", json={"title": "Design review"})
    pages = window(0), window(1)
    for page, person in zip(pages, people, strict=True):
        before(page)
        enter(page, standin, person, answer.json()["session"]["id"])
        expect(page.get_by_role("group", name=re.compile(r" \(you\)$"))).to_be_visible()
    return pages


def video(page: Page, tile: str) -> Locator:
    return page.get_by_role("group", name=tile, exact=True).locator("video")


def plays(page: Page, tile: str, frames: int = 5) -> None:
    """Wait until that tile's video has shown some frames."""
    element = video(page, tile).element_handle()
    seen = f"v => v.videoWidth > 0 && v.getVideoPlaybackQuality().totalVideoFrames > {frames}"
    page.wait_for_function(seen, arg=element)


def look(page: Page, tile: str) -> list[int]:
    seen: list[int] = video(page, tile).evaluate(LOOK)
    return seen


def moved(page: Page, tile: str) -> int:
    """The largest change of a pixel within the next 20 frames."""
    shown = "v => v.getVideoPlaybackQuality().totalVideoFrames"
    first, frames = look(page, tile), video(page, tile).evaluate(shown)
    plays(page, tile, frames=frames + 20)
    return max(abs(a - b) for a, b in zip(first, look(page, tile), strict=True))


def participants(page: Page) -> Locator:
    return page.get_by_role("list", name="Participants").get_by_role("listitem")


def test_two_people_see_and_list_each_other(meeting: tuple[Page, Page]) -> None:
    host, guest = meeting
    expect(participants(host)).to_have_text(["host (you)", "guest"])
    expect(participants(guest)).to_have_text(["guest (you)", "host"])
    for page, other in ((host, "guest"), (guest, "host")):
        plays(page, other)
        assert moved(page, other) > 60
        assert video(page, other).evaluate(LOUDNESS) > 0.01


def test_chat_goes_both_ways_as_text(meeting: tuple[Page, Page]) -> None:
    for author, page, other in (("host", *meeting), ("guest", *meeting[::-1])):
        page.get_by_label("Message").fill(f"<b>hello</b> from {author}")
        page.get_by_label("Message").press("Enter")
        said = other.get_by_role("log", name="Chat").get_by_role("article").last
        expect(said).to_contain_text(author)
        expect(said).to_contain_text(f"<b>hello</b> from {author}")


def test_a_shared_screen_comes_and_goes_and_comes_again(meeting: tuple[Page, Page]) -> None:
    host, guest = meeting
    plays(guest, "host")
    for _ in range(2):
        host.get_by_role("button", name="Share screen").click()
        expect(host.get_by_role("group", name="host's screen (you)")).to_be_visible()
        plays(guest, "host's screen", frames=1)
        host.get_by_role("button", name="Stop sharing").click()
        expect(guest.get_by_role("group", name="host's screen")).to_have_count(0)
    plays(guest, "host", frames=30)


def test_every_tile_is_whole_without_scrolling(meeting: tuple[Page, Page]) -> None:
    host, guest = meeting
    host.get_by_role("button", name="Share screen").click()
    plays(guest, "host's screen", frames=1)
    box = "e => Math.max(e.scrollWidth - innerWidth, e.scrollHeight - innerHeight)"
    for size in (DESKTOP, PHONE):
        guest.set_viewport_size(size)
        for tile in guest.get_by_role("group").all():
            expect(tile).to_be_in_viewport(ratio=1)
        assert guest.locator("html").evaluate(box) <= 0


def test_muting_and_switching_off_show_in_the_controls(meeting: tuple[Page, Page]) -> None:
    host, guest = meeting
    plays(guest, "host")
    host.get_by_role("button", name="Mute microphone").click()
    host.get_by_role("button", name="Turn camera off").click()
    expect(video(guest, "host")).to_be_hidden()
    host.get_by_role("button", name="Turn camera on").click()
    expect(video(guest, "host")).to_be_visible()
    expect(host.get_by_role("button", name="Unmute microphone")).to_be_visible()
    assert video(guest, "host").evaluate(LOUDNESS) < 0.01


def test_leaving_shows_on_the_other_side_and_one_can_come_back(
    meeting: tuple[Page, Page],
) -> None:
    host, guest = meeting
    guest.get_by_role("button", name="Leave").click()
    guest.wait_for_url("**/dashboard")
    expect(participants(host)).to_have_text(["host (you)"])
    expect(host.get_by_role("group", name="guest")).to_have_count(0)
    guest.get_by_role("link", name="Design review").click()
    plays(host, "guest")
    plays(guest, "host")


def test_a_closed_page_is_gone_and_an_end_is_everybodys(meeting: tuple[Page, Page]) -> None:
    host, guest = meeting
    expect(participants(host)).to_have_count(2)
    url = guest.url
    guest.goto("about:blank")
    expect(participants(host)).to_have_text(["host (you)"])
    guest.goto(url)
    expect(participants(host)).to_have_count(2)
    host.get_by_role("button", name="End session").click()
    for page in meeting:
        page.wait_for_url("**/dashboard")
        expect(page.get_by_text("No sessions yet")).to_be_visible()


def test_a_lost_connection_comes_back_by_itself(
    window: Callable[[int], Page], standin: Any
) -> None:
    servers: list[WebSocketRoute] = []

    def route(page: Page) -> None:
        page.route_web_socket("**/socket", lambda ws: servers.append(ws.connect_to_server()))

    host, guest = meet(window, standin, before=route)
    plays(host, "guest")
    servers[-1].close()
    expect(participants(host)).to_have_count(1)
    expect(participants(host)).to_have_count(2)
    expect(guest.get_by_role("alert")).to_be_empty()
    plays(host, "guest")
    plays(guest, "host")


def test_a_recording_can_be_downloaded(meeting: tuple[Page, Page]) -> None:
    host, _ = meeting
    plays(host, "guest")
    host.get_by_role("button", name="Start recording").click()
    with host.expect_response("**/chunks/1"):
        pass
    host.get_by_role("button", name="Stop recording").click()
    with host.expect_download() as download:
        host.get_by_role("link", name="Download").click()
    media = Path(download.value.path()).read_bytes()
    assert media.startswith(WEBM)
    assert len(media) > 10_000


def test_the_keyboard_alone_is_enough(window: Callable[[int], Page], standin: Any) -> None:
    page, email = window(0), f"keys+{standin.clock()}@synthetic.test"

    def tab_to(role: Any, name: str) -> None:
        wanted = page.get_by_role(role, name=name, exact=True)
        expect(wanted).to_be_enabled()
        for _ in range(25):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches the {role} {name}")

    page.goto(standin.url)
    tab_to("link", "Sign Up")
    page.keyboard.press("Enter")
    tab_to("textbox", "E-mail")
    page.keyboard.type(email)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(standin.code(email))
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    tab_to("textbox", "Session title")
    page.keyboard.type("By keyboard")
    tab_to("button", "Create session")
    page.keyboard.press("Space")
    page.wait_for_url("**/session/*")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()
    tab_to("textbox", "Message")
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("typed")
    tab_to("button", "Leave")
    page.keyboard.press("Space")
    page.wait_for_url("**/dashboard")
    expect(page.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(1)
    tab_to("button", "Log out")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Log In")).to_be_visible()


def test_a_refusal_is_shown_as_an_alert(window: Callable[[int], Page], standin: Any) -> None:
    page = window(0)
    page.goto(f"{standin.url}/login")
    page.get_by_label("E-mail").fill("nobody@synthetic.test")
    page.get_by_role("button", name="Request OTP").click()
    expect(page.get_by_role("alert")).to_contain_text("sign up first")


def test_a_lobby_stands_before_the_room(
    window: Callable[[int], Page], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving(front="lobby")
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Lobby"}).json()["session"]["id"]
    page = window(0)
    enter(page, standin, host, session)
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.get_by_role("button", name="Enter room").click()
    expect(participants(page)).to_have_count(1)


def test_a_room_can_be_in_a_frame(
    window: Callable[[int], Page], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving(front="embedded")
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Frame"}).json()["session"]["id"]
    page = window(0)
    enter(page, standin, host, session)
    room = page.frame_locator("iframe[title=Room]")
    expect(room.get_by_role("list", name="Participants").get_by_role("listitem")).to_have_count(1)
    room.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/dashboard")


def black(guest: Page, tile: str) -> bool:
    plays(guest, tile)
    # A decoder's black is not always 0.
    return max(look(guest, tile)) < 8


def shares_black(host: Page, guest: Page) -> bool:
    host.get_by_role("button", name="Share screen").click()
    return black(guest, "host's screen")


def silent(guest: Page) -> bool:
    plays(guest, "host")
    return bool(video(guest, "host").evaluate(LOUDNESS) < 0.001)


def frozen(guest: Page) -> bool:
    plays(guest, "host", frames=30)
    # The encoder sharpens a still picture; nothing in it moves.
    return moved(guest, "host") < 40


def covered(guest: Page) -> bool:
    plays(guest, "host")
    tile = guest.get_by_role("group", name="host", exact=True)
    return bool(tile.evaluate("e => getComputedStyle(e, '::after').content !== 'none'"))


def shows_oneself(guest: Page) -> bool:
    plays(guest, "host")
    streams = [
        video(guest, tile).evaluate("v => v.srcObject.id") for tile in ("host", "guest (you)")
    ]
    return bool(streams[0] == streams[1])


def unlisted(host: Page) -> bool:
    plays(host, "guest")
    return participants(host).count() == 1


SEEN: dict[str, Callable[[tuple[Page, Page]], bool]] = {
    "video-black": lambda pages: black(pages[1], "host"),
    "video-frozen": lambda pages: frozen(pages[1]),
    "video-covered": lambda pages: covered(pages[1]),
    "video-self": lambda pages: shows_oneself(pages[1]),
    "audio-silent": lambda pages: silent(pages[1]),
    "share-black": lambda pages: shares_black(*pages),
    "join-not-listed": lambda pages: unlisted(pages[0]),
}


@pytest.mark.parametrize(
    "faults",
    [
        ("video-black", "video-covered", "audio-silent"),
        ("video-frozen", "share-black", "join-not-listed"),
        ("video-self",),
    ],
)
def test_faults_show_in_the_room(
    window: Callable[[int], Page], misbehaving: Callable[..., Any], faults: tuple[str, ...]
) -> None:
    pages = meet(window, misbehaving(*faults))
    assert [name for name in faults if SEEN[name](pages)] == [*faults]


def test_no_fault_shows_unasked(meeting: tuple[Page, Page]) -> None:
    assert [name for name, seen in SEEN.items() if seen(meeting)] == []


def test_the_create_button_can_be_missing(
    window: Callable[[int], Page], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving("dashboard-no-create")
    page = window(0)
    enter(page, standin, standin.person(), "none")
    page.goto(f"{standin.url}/dashboard")
    expect(page.get_by_role("button", name="Join session")).to_be_visible()
    expect(page.get_by_role("button", name="Create session")).to_have_count(0)
