"""What the connections of a page say of the media they carry: pure functions over snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Snapshot = Mapping[str, Any]
Stats = Mapping[str, Any]
Path = Literal["host", "reflexive", "relay"]

_REACHED = ("connected", "completed")
_LOST = ("disconnected", "failed")


@dataclass(frozen=True)
class Transport:
    """What the statistics say of one received track, between two snapshots of a page.

    ``packet_loss`` and ``concealed`` are shares (0-1) of packets and of sounding samples.
    """

    bitrate_kbps: float | None = None
    packet_loss: float | None = None
    round_trip_ms: float | None = None
    jitter_ms: float | None = None
    concealed: float | None = None
    codec: str | None = None
    path: Path | None = None
    ice_ms: float | None = None


def transport(before: Snapshot, after: Snapshot, track: str | None) -> Transport:
    """The received track's figures."""
    found = _inbound(after, track)
    if found is None:
        return Transport()
    stats, connection = found
    first = _inbound(before, track)
    old = first[0] if first else {"timestamp": stats["timestamp"]}

    def rise(name: str) -> float:
        return float(stats.get(name, 0)) - float(old.get(name, 0))

    pair = _selected_pair(connection)
    elapsed_ms = stats["timestamp"] - old["timestamp"]
    lost, arrived = max(0.0, rise("packetsLost")), rise("packetsReceived")
    sounding = rise("totalSamplesReceived")
    hidden = rise("concealedSamples") - rise("silentConcealedSamples")
    return Transport(
        bitrate_kbps=round(rise("bytesReceived") * 8 / elapsed_ms, 1) if elapsed_ms > 0 else None,
        packet_loss=round(lost / (arrived + lost), 4) if arrived > 0 else None,
        round_trip_ms=_milliseconds(pair.get("currentRoundTripTime")),
        jitter_ms=_milliseconds(stats.get("jitter")),
        concealed=round(max(0.0, hidden) / sounding, 4) if sounding > 0 else None,
        codec=_codec(connection, stats),
        path=_path(connection, pair),
        ice_ms=ice_ms(connection["states"]),
    )


def frames_decoded(before: Snapshot, after: Snapshot, track: str | None) -> int | None:
    """How many frames the statistics claim to have decoded; None when no connection has it."""
    last, first = _inbound(after, track), _inbound(before, track)
    if last is None:
        return None
    earlier = first[0] if first else {}
    return int(last[0].get("framesDecoded", 0)) - int(earlier.get("framesDecoded", 0))


def received_videos(snapshot: Snapshot) -> list[str]:
    """The tracks of all video that a page receives."""
    return [
        stats["trackIdentifier"]
        for connection in snapshot["connections"]
        for stats in _of(connection, "inbound-rtp")
        if stats.get("kind") == "video" and stats.get("trackIdentifier")
    ]


def limited_by(sender: Snapshot, previews: frozenset[str]) -> str | None:
    """What the sender says held its quality back: ``none``, ``cpu``, ``bandwidth``, ``other``.

    ``previews`` are the local tracks that show what is sent. Of several layers the best counts.
    """
    outbound = [
        (stats, sources.get(stats.get("mediaSourceId"), {}))
        for connection in sender["connections"]
        for sources in [{s["id"]: s for s in _of(connection, "media-source")}]
        for stats in _of(connection, "outbound-rtp")
        if stats.get("kind") == "video"
    ]
    mine = [stats for stats, source in outbound if source.get("trackIdentifier") in previews]
    if not mine and len({source.get("trackIdentifier") for _, source in outbound}) == 1:
        mine = [stats for stats, _ in outbound]
    best = max(mine, key=lambda stats: stats.get("frameWidth", 0), default=None)
    return best.get("qualityLimitationReason") if best else None


def ice_ms(states: Sequence[Sequence[Any]]) -> float | None:
    """From the first check to the first connection, in milliseconds."""
    began = next((at for at, state in states if state == "checking"), None)
    reached = next((at for at, state in states if state in _REACHED), None)
    return None if began is None or reached is None else round(reached - began, 1)


def interruptions(snapshot: Snapshot, since_ms: float) -> int:
    """How often a connection of the page that stood was lost since then."""
    return sum(
        one[1] in _REACHED and other[1] in _LOST and other[0] >= since_ms
        for connection in snapshot["connections"]
        for one, other in pairwise(connection["states"])
    )


def _of(connection: Mapping[str, Any], kind: str) -> Iterator[Stats]:
    return (stats for stats in connection["stats"] if stats["type"] == kind)


def _inbound(snapshot: Snapshot, track: str | None) -> tuple[Stats, Mapping[str, Any]] | None:
    for connection in snapshot["connections"]:
        for stats in _of(connection, "inbound-rtp"):
            if track is not None and stats.get("trackIdentifier") == track:
                return stats, connection
    return None


def _selected_pair(connection: Mapping[str, Any]) -> Stats:
    chosen = {stats.get("selectedCandidatePairId") for stats in _of(connection, "transport")}
    return next((s for s in _of(connection, "candidate-pair") if s["id"] in chosen), {})


def _codec(connection: Mapping[str, Any], stats: Stats) -> str | None:
    for codec in _of(connection, "codec"):
        if codec["id"] == stats.get("codecId"):
            return str(codec["mimeType"]).rpartition("/")[2]
    return None


def _path(connection: Mapping[str, Any], pair: Stats) -> Path | None:
    """How the pair's packets go; a remote ``prflx`` is a host whose packet outran its candidate."""
    ends = (pair.get("localCandidateId"), pair.get("remoteCandidateId"))
    kinds = {
        stats.get("candidateType")
        for kind in ("local-candidate", "remote-candidate")
        for stats in _of(connection, kind)
        if stats["id"] in ends
    }
    if not kinds:
        return None
    if "relay" in kinds:
        return "relay"
    own = next((s for s in _of(connection, "local-candidate") if s["id"] == ends[0]), {})
    reflexive = "srflx" in kinds or own.get("candidateType") == "prflx"
    return "reflexive" if reflexive else "host"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
