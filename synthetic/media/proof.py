"""From what a page logged to who saw and heard whom: pure functions.

A *snapshot* is what ``__synthetic.snapshot`` returns: for each picture its entries ``[at, data,
width, height, seen]`` (``data`` the 24 bits of a mark, -1 unreadable), ``[at, data]`` of what came
``before``, and in whose tile it is, for each sounding element its entries ``[at, role]`` (-1
nobody, -2 muted) and ``levels``, and the statistics of every peer connection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synthetic.media.delays import percentiles, picture_delays
from synthetic.media.mark import FPS, FRAMES, ROLES
from synthetic.media.transport import Snapshot, frames_decoded, received_videos
from synthetic.results import Identity, Latency, MediaKind

UNREADABLE, MUTED = -1, -2
_HEARD_SHARE = 0.25  # of 50 ms looks; the pulses of a voice fill two thirds of its time
_DRAWN_SHARE, _ARRIVED_SHARE = 0.9, 0.6
_FLOWING_FPS, _DEAD_FPS = 5.0, 1.5


@dataclass(frozen=True)
class Wanted:
    """Whose media, of which run: the role's index, and camera or screen."""

    role: int
    screen: bool
    nonce: int

    def names(self, data: int) -> bool:
        """Whether a mark's 24 bits name it."""
        return data >= 0 and data >> 8 == (self.role << 13 | self.screen << 12 | self.nonce)


@dataclass(frozen=True)
class Picture:
    """One person's picture as another received it; rate and gap count new pictures only.

    Lost frames are those whose number was passed over, repeated and out-of-order ones those whose
    number does not follow.
    """

    identity: Identity
    track: str | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    longest_gap_ms: float | None = None
    frames_seen: int = 0
    frames_unreadable: int = 0
    frames_misread: int = 0
    frames_lost: int = 0
    frames_repeated: int = 0
    frames_out_of_order: int = 0
    glass_to_glass_ms: Latency | None = None


def picture(
    received: Snapshot, wanted: Wanted, shown: Mapping[int, Sequence[float]], since_ms: float
) -> Picture:
    """Judge how ``wanted`` arrived; ``shown`` is when its owner's side showed each frame."""
    elements = received["pictures"]
    mine = max(elements, key=lambda one: _prominence(one, wanted), default=None)
    if mine is None or not _naming(mine, wanted):
        readable = any(entry[1] >= 0 for one in elements for entry in one["entries"])
        return Picture("mismatch" if readable else "absent")
    entries = sorted(mine["entries"], key=lambda entry: entry[0])
    named = [(entry[0], entry[1] & 0xFF) for entry in entries if wanted.names(entry[1])]
    unreadable = sum(entry[1] == UNREADABLE for entry in entries)
    misread = len(entries) - unreadable - len(named)
    seen_share = sum(entry[4] for entry in entries) / len(entries)
    elsewhere = mine["owner"] is not None and mine["owner"] != wanted.role
    window_ms = received["at"] - since_ms
    fresh = _fresh(entries)
    moments = [since_ms, *fresh, received["at"]]
    lost, repeated, backward = _sequence([frame for _, frame in named])
    return Picture(
        identity="match" if seen_share > 0.5 and not misread and not elsewhere else "mismatch",
        track=mine["track"],
        fps=round(len(fresh) / window_ms * 1000, 1),
        width=entries[-1][2],
        height=entries[-1][3],
        longest_gap_ms=round(max(b - a for a, b in pairwise(moments)), 1),
        frames_seen=len(entries),
        frames_unreadable=unreadable,
        frames_misread=misread,
        frames_lost=lost,
        frames_repeated=repeated,
        frames_out_of_order=backward,
        glass_to_glass_ms=percentiles(picture_delays(named, shown)),
    )


def _sequence(frames: Sequence[int]) -> tuple[int, int, int]:
    """How many numbers were passed over, came again, and came too late; the feed is a round."""
    steps = [(later - earlier) % FRAMES for earlier, later in pairwise(frames)]
    forward = [step for step in steps if 0 < step <= FRAMES // 2]
    repeated = steps.count(0)
    return sum(step - 1 for step in forward), repeated, len(steps) - len(forward) - repeated


def voice(heard: Snapshot, role: int) -> tuple[Identity, str | None, float | None]:
    """Whether ``role`` is heard, on which track, and its longest silence in milliseconds."""
    best: tuple[float, Mapping[str, Any]] | None = None
    others = 0
    for one in heard["voices"]:
        counts = Counter(entry[1] for entry in one["entries"])
        share = counts[role] / max(1, len(one["entries"]))
        others += sum(count for who, count in counts.items() if who >= 0 and who != role)
        if best is None or share > best[0]:
            best = (share, one)
    if best is None or best[0] < _HEARD_SHARE:
        return ("mismatch" if others else "absent"), None, None
    moments = [entry[0] for entry in best[1]["entries"] if entry[1] == role]
    gaps = [b - a for a, b in zip(moments, [*moments[1:], heard["at"]], strict=True)]
    return "match", best[1]["track"], round(max(gaps), 1)


def shown_frames(sender: Snapshot, wanted: Wanted) -> dict[int, list[float]]:
    """When the sender's own preview showed each frame number, ascending."""
    shown: dict[int, list[float]] = {}
    for one in sender["pictures"]:
        for at, data, *_ in (*one["before"], *one["entries"]):
            if wanted.names(data):
                shown.setdefault(data & 0xFF, []).append(at)
    return {frame: sorted(moments) for frame, moments in shown.items()}


def previews_of(sender: Snapshot, wanted: Wanted) -> frozenset[str]:
    """The local tracks in which the sender's own page shows ``wanted``."""
    showing = (one["track"] for one in sender["pictures"] if _naming(one, wanted))
    return frozenset(track for track in showing if track is not None)


def held_back(previews: Sequence[Picture], received: Picture) -> bool:
    """Whether our own browsers, not the way between, kept a camera from its rate.

    A preview of oneself crosses no network: where the slower of the two people's is slow too, and
    not much faster than what arrived, our machine was too busy to draw.
    """
    drawn = [preview.fps for preview in previews if preview.fps]
    if not drawn or not received.fps:
        return False
    return min(drawn) < _DRAWN_SHARE * FPS and received.fps > _ARRIVED_SHARE * min(drawn)


def describe(snapshot: Snapshot) -> str:
    """What there was instead of a picture or a voice, in one clause."""
    if not snapshot["pictures"]:
        return "the page plays no video at all"
    return "; ".join(
        f"video {number} " + _describe(one["entries"])
        for number, one in enumerate(snapshot["pictures"], start=1)
    )


def strangers(snapshot: Snapshot, nonce: int) -> frozenset[MediaKind]:
    """The kinds of media in which somebody outside of this run was seen or heard."""
    marks = {
        entry[1] >> 8 for one in snapshot["pictures"] for entry in one["entries"] if entry[1] >= 0
    }
    foreign = {mark for mark in marks if mark & 0xFFF != nonce or mark >> 13 >= len(ROLES)}
    speakers = {entry[1] for one in snapshot["voices"] for entry in one["entries"]}
    found: set[MediaKind] = {"screen" if mark >> 12 & 1 else "camera" for mark in foreign}
    return frozenset(found | ({"microphone"} if max(speakers, default=0) >= len(ROLES) else set()))


def contradictions(before: Snapshot, after: Snapshot, role: int, since_ms: float) -> list[str]:
    """Where the statistics of a page of ``role`` and its pixels tell different stories."""
    window_ms = after["at"] - since_ms
    received = received_videos(after)
    claims = {track: frames_decoded(before, after, track) or 0 for track in received}
    stories = []
    for number, one in enumerate(after["pictures"], start=1):
        fresh = len(_fresh(one["entries"])) / window_ms * 1000
        claimed = claims.get(one["track"], 0) / window_ms * 1000
        others = any(entry[1] >= 0 and entry[1] >> 21 != role for entry in one["entries"])
        if claimed >= _FLOWING_FPS and fresh <= _DEAD_FPS:
            stories.append(
                f"the statistics claim {claimed:.0f} frames/s for video {number}, "
                "but no new picture was to be seen"
            )
        elif others and fresh >= _FLOWING_FPS and claimed <= _DEAD_FPS:
            stories.append(
                f"video {number} shows {fresh:.0f} new pictures/s of somebody, "
                "but no connection's statistics carry them"
            )
    return stories


def _describe(entries: Sequence[Sequence[Any]]) -> str:
    if not entries:
        return "shows no frame"
    named = Counter(entry[1] >> 21 for entry in entries if entry[1] >= 0)
    if not named:
        return f"shows {len(entries)} frames that name nobody"
    role = named.most_common(1)[0][0]
    who = ROLES[role] if role < len(ROLES) else "a stranger"
    hidden = "" if any(entry[4] for entry in entries) else ", where nobody can see it"
    return f"shows {who} ({len(entries)} frames{hidden})"


def _fresh(entries: Sequence[Sequence[Any]]) -> list[float]:
    """When a new picture came: the same one sent again is frozen, however often it is sent."""
    ordered = sorted(entries, key=lambda entry: entry[0])
    numbers = [None, *(entry[1] for entry in ordered)]
    return [entry[0] for entry, last in zip(ordered, numbers, strict=False) if entry[1] != last]


def _naming(element: Mapping[str, Any], wanted: Wanted) -> int:
    return sum(wanted.names(entry[1]) for entry in element["entries"])


def _prominence(element: Mapping[str, Any], wanted: Wanted) -> tuple[int, int]:
    """Of two elements that show one person, such as a hidden video and the canvas that it is
    drawn on, the one that can be seen counts.
    """
    visible = sum(bool(entry[4]) and wanted.names(entry[1]) for entry in element["entries"])
    return visible, _naming(element, wanted)
