"""From what a page logged to who saw and heard whom, and how well: pure functions.

A *snapshot* is what ``proof.js`` returns: for each video element its entries ``[at, data, width,
height, seen]`` (``data`` the 24 bits of a mark, -1 unreadable), for each sounding element its
entries ``[at, role]`` (-1 nobody, -2 muted), and the statistics of every peer connection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synthetic.media.mark import FPS, ROLES
from synthetic.results import Identity, Latency

UNREADABLE, MUTED = -1, -2
_LONGEST_LATENCY_MS = 4000  # half of the feed's length: a longer one could be the next round
_HEARD_SHARE = 0.25  # of 50 ms looks; the pulses of a voice fill three quarters of its time

_DRAWN_SHARE, _ARRIVED_SHARE = 0.9, 0.6

Snapshot = Mapping[str, Any]


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
    """One person's picture as another received it; rate and gap count new pictures only."""

    identity: Identity
    track: str | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    longest_gap_ms: float | None = None
    frames_seen: int = 0
    frames_unreadable: int = 0
    frames_misread: int = 0
    glass_to_glass_ms: Latency | None = None


@dataclass(frozen=True)
class Transport:
    """What the connections' statistics say of one received track, between two snapshots."""

    bitrate_kbps: float | None = None
    packet_loss: float | None = None
    round_trip_ms: float | None = None
    jitter_ms: float | None = None


def picture(
    received: Snapshot, wanted: Wanted, shown: Mapping[int, Sequence[float]], since_ms: float
) -> Picture:
    """Judge how ``wanted`` arrived; ``shown`` is when its owner's side showed each frame."""
    elements = received["pictures"]
    mine = max(elements, key=lambda one: _naming(one, wanted), default=None)
    if mine is None or not _naming(mine, wanted):
        readable = any(entry[1] >= 0 for one in elements for entry in one["entries"])
        return Picture("mismatch" if readable else "absent")
    entries = mine["entries"]
    seen_share = sum(entry[4] for entry in entries) / len(entries)
    window_ms = received["at"] - since_ms
    fresh = _fresh(entries)
    moments = [since_ms, *fresh, received["at"]]
    unreadable = sum(entry[1] == UNREADABLE for entry in entries)
    misread = len(entries) - unreadable - _naming(mine, wanted)
    return Picture(
        identity="match" if seen_share > 0.5 and misread == 0 else "mismatch",
        track=mine["track"],
        fps=round(len(fresh) / window_ms * 1000, 1),
        width=entries[-1][2],
        height=entries[-1][3],
        longest_gap_ms=round(max(b - a for a, b in pairwise(moments)), 1),
        frames_seen=len(entries),
        frames_unreadable=unreadable,
        frames_misread=misread,
        glass_to_glass_ms=percentiles(_delays(entries, wanted, shown)),
    )


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
        for at, data, *_ in one["entries"]:
            if wanted.names(data):
                shown.setdefault(data & 0xFF, []).append(at)
    return {frame: sorted(moments) for frame, moments in shown.items()}


def transport(before: Snapshot, after: Snapshot, track: str | None) -> Transport:
    """The received track's figures between two snapshots of one page."""
    first, last = _inbound(before, track), _inbound(after, track)
    if last is None:
        return Transport()
    stats, pair = last
    old = first[0] if first else {"timestamp": stats["timestamp"], "bytesReceived": 0}
    elapsed_ms = stats["timestamp"] - old["timestamp"]
    lost = stats.get("packetsLost", 0) - old.get("packetsLost", 0)
    arrived = stats.get("packetsReceived", 0) - old.get("packetsReceived", 0)
    octets = stats.get("bytesReceived", 0) - old.get("bytesReceived", 0)
    return Transport(
        bitrate_kbps=round(octets * 8 / elapsed_ms, 1) if elapsed_ms > 0 else None,
        packet_loss=round(max(0, lost) / (arrived + max(0, lost)), 4) if arrived > 0 else None,
        round_trip_ms=_milliseconds(pair.get("currentRoundTripTime")),
        jitter_ms=_milliseconds(stats.get("jitter")),
    )


def received_videos(snapshot: Snapshot) -> list[str]:
    """The tracks of all video that a page receives."""
    return [
        stats["trackIdentifier"]
        for connection in snapshot["connections"]
        for stats in _of(connection, "inbound-rtp")
        if stats.get("kind") == "video" and stats.get("trackIdentifier")
    ]


def limited_by(sender: Snapshot, wanted: Wanted) -> str | None:
    """What the sender says held its quality back: ``none``, ``cpu``, ``bandwidth``, ``other``."""
    previews = {one["track"] for one in sender["pictures"] if _naming(one, wanted)}
    outbound = [
        (stats, sources.get(stats.get("mediaSourceId"), {}))
        for connection in sender["connections"]
        for sources in [{s["id"]: s for s in _of(connection, "media-source")}]
        for stats in _of(connection, "outbound-rtp")
        if stats.get("kind") == "video"
    ]
    mine = [stats for stats, source in outbound if source.get("trackIdentifier") in previews]
    for stats in mine or ([outbound[0][0]] if len(outbound) == 1 else []):
        reason: str | None = stats.get("qualityLimitationReason")
        return reason
    return None


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


def percentiles(delays: Sequence[float]) -> Latency | None:
    """P50 and P95 by nearest rank; None without delays."""
    if not delays:
        return None
    ranked = sorted(delays)
    p50, p95 = (ranked[min(len(ranked) - 1, int(share * len(ranked)))] for share in (0.5, 0.95))
    return Latency(p50=round(p50, 1), p95=round(p95, 1))


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


def _delays(
    entries: Iterable[Sequence[Any]], wanted: Wanted, shown: Mapping[int, Sequence[float]]
) -> list[float]:
    delays = []
    for at, data, *_ in entries:
        moments = shown.get(data & 0xFF, ()) if wanted.names(data) else ()
        position = bisect_right(moments, at)
        if position and at - moments[position - 1] < _LONGEST_LATENCY_MS:
            delays.append(at - moments[position - 1])
    return delays


def _of(connection: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (stats for stats in connection["stats"] if stats["type"] == kind)


def _inbound(
    snapshot: Snapshot, track: str | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    for connection in snapshot["connections"]:
        for stats in _of(connection, "inbound-rtp"):
            if track is not None and stats.get("trackIdentifier") == track:
                return stats, _selected_pair(connection)
    return None


def _selected_pair(connection: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = {stats.get("selectedCandidatePairId") for stats in _of(connection, "transport")}
    return next((s for s in _of(connection, "candidate-pair") if s["id"] in chosen), {})


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
