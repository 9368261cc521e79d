"""The faults of the room, as the people in it see and hear them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.unit.standin.noticing import SEEN, seen, spied

GROUPS = [
    ("video-black", "video-covered", "recording-without-one", "recording-not-completed"),
    ("video-frozen", "audio-silent", "share-black", "join-not-listed"),
    ("video-self", "share-tiny", "share-not-stopped"),
    ("video-stranger", "video-no-size", "audio-stranger", "share-not-shown"),
    ("video-5-fps", "video-160x90", "video-transparent", "camera-off-ignored", "mute-ignored"),
    ("video-freezes=1", "video-one-way", "audio-one-way", "chat-unescaped"),
    ("video-100-kbps", "video-late=2"),
]


def test_every_check_has_its_turn() -> None:
    assert sorted(name for group in GROUPS for name in group) == sorted(SEEN)


@pytest.mark.parametrize("faults", GROUPS, ids=lambda group: group[0])
def test_faults_show_in_the_room(
    meet: Callable[..., Any], misbehaving: Callable[..., Any], faults: tuple[str, ...]
) -> None:
    assert seen(faults, meet(misbehaving(*faults), spied)) == [*faults]


def test_no_fault_shows_unasked(meet: Callable[..., Any], standin: Any) -> None:
    assert seen(tuple(SEEN), meet(standin, spied)) == []


def test_two_others_can_be_swapped(
    meet: Callable[..., Any], window: Callable[[int], Any], misbehaving: Callable[..., Any]
) -> None:
    standin = misbehaving("video-swapped")
    host, guest = meet(standin)
    third = window(0)
    third.enter(standin, standin.person(), host.page.url.rpartition("/")[2])
    stream = "v => v.srcObject.id"
    for tile, shown in (("host", guest), ("guest", host)):
        third.plays(tile)
        assert third.video(tile).evaluate(stream) == shown.page.get_by_role(
            "group", name="(you)"
        ).locator("video").evaluate(stream)


def test_a_lost_connection_can_stay_lost(
    meet: Callable[..., Any], misbehaving: Callable[..., Any]
) -> None:
    servers: list[WebSocketRoute] = []

    def route(page: Page) -> None:
        spied(page)
        page.route_web_socket("**/socket", lambda ws: servers.append(ws.connect_to_server()))

    host, guest = meet(misbehaving("reconnect-never"), route)
    host.plays("guest")
    host.page.evaluate(
        """() => {
          const [connection] = opened;
          Object.defineProperty(connection, "iceConnectionState", { value: "disconnected" });
          connection.dispatchEvent(new Event("iceconnectionstatechange"));
        }"""
    )
    host.page.wait_for_function("() => opened[0].signalingState === 'closed'")
    with pytest.raises(PlaywrightTimeout), guest.page.expect_request("**/token", timeout=1000):
        servers[-1].close()
    expect(host.participants).to_have_text(["host (you)"])
