"""The faults of the room, as the people in it see and hear them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def black(guest: Any, tile: str) -> bool:
    guest.plays(tile)
    # A decoder's black is not always 0.
    return bool(max(guest.look(tile)) < 8)


def shares_black(host: Any, guest: Any) -> bool:
    host.press("Share screen")
    return black(guest, "host's screen")


def silent(guest: Any) -> bool:
    guest.plays("host")
    return bool(guest.loudness("host") < 0.001)


def frozen(guest: Any) -> bool:
    guest.plays("host", frames=30)
    # The encoder sharpens a still picture; nothing in it moves.
    return bool(guest.moved("host") < 40)


def covered(guest: Any) -> bool:
    guest.plays("host")
    tile = guest.page.get_by_role("group", name="host", exact=True)
    return bool(tile.evaluate("e => getComputedStyle(e, '::after').content !== 'none'"))


def shows_oneself(guest: Any) -> bool:
    guest.plays("host")
    streams = [
        guest.video(tile).evaluate("v => v.srcObject.id") for tile in ("host", "guest (you)")
    ]
    return bool(streams[0] == streams[1])


def unlisted(host: Any) -> bool:
    host.plays("guest")
    return bool(host.participants.count() == 1)


SEEN: dict[str, Callable[[tuple[Any, Any]], bool]] = {
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
    meet: Callable[..., Any], misbehaving: Callable[..., Any], faults: tuple[str, ...]
) -> None:
    pages = meet(misbehaving(*faults))
    assert [name for name in faults if SEEN[name](pages)] == [*faults]


def test_no_fault_shows_unasked(meeting: tuple[Any, Any]) -> None:
    assert [name for name, seen in SEEN.items() if seen(meeting)] == []
