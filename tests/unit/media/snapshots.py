"""Hand-made snapshots of a page, as ``__synthetic.snapshot`` returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synthetic.media.mark import Mark
from synthetic.media.proof import Wanted

NONCE = 0x123
GUEST = Wanted(role=1, screen=False, nonce=NONCE)
START, END = 10_000.0, 12_000.0
Entry = list[Any]
Stats = dict[str, Any]


def mark(frame: int, role: int = 1, screen: bool = False, nonce: int = NONCE) -> int:
    """The data of a mark, the guest's camera unless said otherwise."""
    return Mark(role, screen, nonce, frame).data


def frames(count: int, every_ms: float = 33.3, seen: bool = True, **who: Any) -> list[Entry]:
    """Entries of one picture, from START on."""
    return [
        [START + number * every_ms, mark(number % 240, **who), 640, 360, seen]
        for number in range(count)
    ]


def numbered(*numbers: int) -> list[Entry]:
    """Entries of the guest's frames with these numbers, 33.3 ms apart."""
    entries = frames(len(numbers))
    for entry, number in zip(entries, numbers, strict=True):
        entry[1] = mark(number)
    return entries


def playing(
    *videos: Sequence[Entry],
    owners: Sequence[int | None] = (),
    stats: Sequence[Stats] = (),
) -> dict[str, Any]:
    """A page that plays these videos; ``track-0`` is the first, in the tile of ``owners[0]``."""
    tiles = [*owners, *[None] * len(videos)]
    pictures = [
        {
            "track": f"track-{number}",
            "owner": tiles[number],
            "entries": [entry for entry in entries if entry[0] >= START],
            "before": [entry[:2] for entry in entries if entry[0] < START],
        }
        for number, entries in enumerate(videos)
    ]
    return {"at": END, "pictures": pictures, "voices": [], "connections": connected(*stats)}


def sounding(*heard: Sequence[int]) -> dict[str, Any]:
    """A page where these voices are heard every 50 ms; ``track-0`` is the first."""
    voices = [
        {
            "own": False,
            "track": f"track-{number}",
            "entries": [[START + 50 * look, who] for look, who in enumerate(one)],
            "levels": [],
        }
        for number, one in enumerate(heard)
    ]
    return {"at": START + 50 * max(map(len, heard)), "voices": voices}


def connected(*stats: Stats, states: Sequence[tuple[float, str]] = ()) -> list[dict[str, Any]]:
    """One connection with these statistics and this history."""
    return [{"state": "connected", "states": list(states), "stats": list(stats)}]


def inbound(track: str = "track-0", **figures: Any) -> Stats:
    """The statistics of one received video."""
    return {
        "type": "inbound-rtp",
        "kind": "video",
        "trackIdentifier": track,
        "timestamp": END,
        **figures,
    }
