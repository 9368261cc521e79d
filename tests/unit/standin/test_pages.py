"""The pages in real browsers: two people meet, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, WebSocketRoute, expect

from synthetic.standin.recordings import WEBM

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}


def test_two_people_see_and_list_each_other(meeting: tuple[Any, Any]) -> None:
    host, guest = meeting
    expect(host.participants).to_have_text(["host (you)", "guest"])
    expect(guest.participants).to_have_text(["guest (you)", "host"])
    for visitor, other in ((host, "guest"), (guest, "host")):
        visitor.plays(other)
        assert visitor.moved(other) > 60
        assert visitor.loudness(other) > 0.01


def says(visitor: Any, text: str) -> None:
    """Sends a chat line, and sees it."""
    visitor.page.get_by_label("Message").fill(text)
    visitor.page.get_by_label("Message").press("Enter")
    expect(lines(visitor).last).to_contain_text(text)


def lines(visitor: Any) -> Locator:
    found: Locator = visitor.page.get_by_role("log", name="Chat").get_by_role("article")
    return found


def test_chat_goes_both_ways_as_text(meeting: tuple[Any, Any]) -> None:
    for author, one, other in (("host", *meeting), ("guest", *meeting[::-1])):
        says(one, f"<b>hello</b> from {author}")
        said = lines(other).last
        expect(said).to_contain_text(author)
        expect(said).to_contain_text(f"<b>hello</b> from {author}")


def test_a_shared_screen_comes_and_goes_and_comes_again(meeting: tuple[Any, Any]) -> None:
    host, guest = meeting
    guest.plays("host")
    for _ in range(2):
        host.press("Share screen")
        expect(host.page.get_by_role("group", name="host's screen (you)")).to_be_visible()
        guest.plays("host's screen", frames=1)
        host.press("Stop sharing")
        expect(guest.page.get_by_role("group", name="host's screen")).to_have_count(0)
    guest.plays("host", frames=30)


def test_every_tile_is_whole_without_scrolling(meeting: tuple[Any, Any]) -> None:
    host, guest = meeting
    host.press("Share screen")
    guest.plays("host's screen", frames=1)
    box = "e => Math.max(e.scrollWidth - innerWidth, e.scrollHeight - innerHeight)"
    for size in (DESKTOP, PHONE):
        guest.page.set_viewport_size(size)
        for tile in guest.page.get_by_role("group").all():
            expect(tile).to_be_in_viewport(ratio=1)
        assert guest.page.locator("html").evaluate(box) <= 0


def test_muting_and_switching_off_show_in_the_controls(meeting: tuple[Any, Any]) -> None:
    host, guest = meeting
    guest.plays("host")
    host.press("Mute microphone")
    host.press("Turn camera off")
    expect(guest.video("host")).to_be_hidden()
    host.press("Turn camera on")
    expect(guest.video("host")).to_be_visible()
    expect(host.page.get_by_role("button", name="Unmute microphone")).to_be_visible()
    assert guest.loudness("host") < 0.01


def test_leaving_shows_on_the_other_side_and_one_can_come_back(
    meeting: tuple[Any, Any],
) -> None:
    host, guest = meeting
    guest.press("Leave")
    guest.page.wait_for_url("**/dashboard")
    expect(host.participants).to_have_text(["host (you)"])
    expect(host.page.get_by_role("group", name="guest")).to_have_count(0)
    guest.page.get_by_role("link", name="Design review").click()
    host.plays("guest")
    guest.plays("host")


def test_a_closed_page_is_gone_and_an_end_is_everybodys(meeting: tuple[Any, Any]) -> None:
    host, guest = meeting
    expect(host.participants).to_have_count(2)
    url = guest.page.url
    guest.page.goto("about:blank")
    expect(host.participants).to_have_text(["host (you)"])
    guest.page.goto(url)
    expect(host.participants).to_have_count(2)
    host.press("End session")
    for visitor in meeting:
        visitor.page.wait_for_url("**/dashboard")
        expect(visitor.page.get_by_text("No sessions yet")).to_be_visible()


def test_a_lost_connection_comes_back_by_itself(meet: Callable[..., Any], standin: Any) -> None:
    servers: list[WebSocketRoute] = []

    def route(page: Page) -> None:
        page.route_web_socket("**/socket", lambda ws: servers.append(ws.connect_to_server()))

    host, guest = meet(standin, before=route)
    host.plays("guest")
    held: list[Route] = []
    passes = Event()

    def hold(request: Route) -> None:
        if passes.is_set():
            request.continue_()
        else:
            held.append(request)

    guest.page.route("**/api/hms/token", hold)
    servers[-1].close()
    expect(host.participants).to_have_count(1)
    says(host, "missed")
    says(host, "missed, too")

    passes.set()
    for request in held:
        request.continue_()
    expect(host.participants).to_have_count(2)
    expect(guest.page.get_by_role("alert")).to_be_empty()
    expect(lines(guest)).to_contain_text(["missed", "missed, too"])
    host.plays("guest")
    guest.plays("host")


def test_a_recording_can_be_downloaded(meeting: tuple[Any, Any]) -> None:
    host, _ = meeting
    host.plays("guest")
    host.press("Start recording")
    with host.page.expect_response("**/chunks/1"):
        pass
    host.press("Stop recording")
    with host.page.expect_download() as download:
        host.page.get_by_role("link", name="Download").click()
    media = Path(download.value.path()).read_bytes()
    assert media.startswith(WEBM)
    assert len(media) > 10_000


def test_the_keyboard_alone_is_enough(window: Callable[[int], Any], standin: Any) -> None:
    page, email = window(0).page, f"keys+{standin.clock()}@synthetic.test"

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


def test_a_refusal_is_shown_as_an_alert(window: Callable[[int], Any], standin: Any) -> None:
    visitor = window(0)
    visitor.page.goto(f"{standin.url}/login")
    visitor.page.get_by_label("E-mail").fill("nobody@synthetic.test")
    visitor.press("Request OTP")
    expect(visitor.page.get_by_role("alert")).to_contain_text("sign up first")


def test_a_lobby_stands_before_the_room(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving(front="lobby")
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Lobby"}).json()["session"]["id"]
    visitor = window(0)
    visitor.enter(standin, host, session)
    expect(visitor.page.get_by_role("toolbar")).to_be_hidden()
    visitor.press("Enter room")
    expect(visitor.participants).to_have_count(1)


def test_a_room_can_be_in_a_frame(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving(front="embedded")
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Frame"}).json()["session"]["id"]
    visitor = window(0)
    visitor.enter(standin, host, session)
    room = visitor.page.frame_locator("iframe[title=Room]")
    expect(room.get_by_role("list", name="Participants").get_by_role("listitem")).to_have_count(1)
    room.get_by_role("button", name="Leave").click()
    visitor.page.wait_for_url("**/dashboard")


def test_the_create_button_can_be_missing(
    window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving("dashboard-no-create")
    visitor = window(0)
    visitor.enter(standin, standin.person(), "none")
    visitor.page.goto(f"{standin.url}/dashboard")
    expect(visitor.page.get_by_role("button", name="Join session")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Create session")).to_have_count(0)
