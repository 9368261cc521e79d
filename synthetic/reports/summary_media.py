"""What each actor saw and heard, from a page's own log: figures in words, and charts. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from synthetic.media.mark import ROLES
from synthetic.plan.targets import media_targets
from synthetic.reports.summary_evidence import ActorEvidence, Connection, Picture, Snapshot
from synthetic.reports.summary_timeline import all_pictures, owner_of_mark

WIDTH, HEIGHT = 320, 112
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 6, 24, 16
_MOST_POINTS = 600
_LONGEST_S = 3600
_MUTED = -2
_LARGEST = 1e15
_HEARD_SHARE = 0.25  # as in media/proof.py: the pulses of a voice fill two thirds of its time


@dataclass(frozen=True)
class Chart:
    """A line over seconds since the journey's start, ready to be drawn in a box of ``WIDTH``.

    ``lines`` are polylines, apart where nothing is known; ``alert_y`` is where the plan's alert
    line lies.
    """

    title: str
    unit: str
    lines: tuple[Markup, ...]
    top: float
    last: float
    least: float
    most: float
    from_s: float
    to_s: float
    alert: float | None = None
    alert_y: float | None = None


@dataclass(frozen=True)
class Seen:
    """One picture or voice as an actor's page had it; ``good`` is None where that is not known."""

    title: str
    said: str
    good: bool | None
    charts: tuple[Chart, ...] = ()


Points = Sequence[tuple[float, float]]


def seen_by(side: ActorEvidence, start: datetime | None) -> list[Seen]:
    """Every picture, voice and received stream of an actor's page, what came from others first."""
    zero_ms = start.timestamp() * 1000 if start else _earliest_ms(side)
    pictures = [one for one in all_pictures(side) if one.track not in _own_tracks(side)]
    own = [one for one in all_pictures(side) if one not in pictures]
    return [
        *(_picture(side, number, one, zero_ms) for number, one in enumerate(pictures, 1)),
        *_voices(side),
        *_streams(side.snapshots, zero_ms, {one.track for one in pictures}),
        *(_preview(number, one) for number, one in enumerate(own, 1)),
    ]


def _earliest_ms(side: ActorEvidence) -> float:
    moments = [one.entries[0][0] for one in all_pictures(side) if one.entries]
    return min([*moments, *(one.at for one in side.snapshots)], default=0)


def _own_tracks(side: ActorEvidence) -> set[str | None]:
    """The tracks of this person's own camera and screen."""
    return {
        stats["trackIdentifier"]
        for snapshot in side.snapshots
        for connection in snapshot.connections
        for stats in connection.stats
        if stats.get("type") == "media-source" and isinstance(stats.get("trackIdentifier"), str)
    }


def _picture(side: ActorEvidence, number: int, one: Picture, zero_ms: float) -> Seen:
    tile = _role(one.owner)
    title = f"Picture {number}" + (f", in the tile of {tile}" if tile else "")
    if not one.entries:
        return Seen(title, "showed no frame at all", good=False)
    who, said = _shown(one)
    hidden = not any(entry[4] for entry in one.entries)
    if hidden:
        said += "; nobody could see it on the page"
    wrong = not who or hidden or (tile is not None and not who.startswith(tile))
    moments = [entry[0] for entry in one.entries]
    ends = [snapshot.at for snapshot in side.snapshots[-1:]]
    chart = _chart("frames read", "frames/s", _per_second(moments, zero_ms, max([*moments, *ends])))
    themselves = who == side.actor and tile is None
    said += ", themselves: a preview, unless it stands in the other's place" if themselves else ""
    good = None if themselves else not wrong
    return Seen(title, said, good=good, charts=tuple(one for one in [chart] if one))


def _preview(number: int, one: Picture) -> Seen:
    tile = _role(one.owner)
    where = f"; stands in the tile of {tile}" if tile else ""
    said = _shown(one)[1] if one.entries else "showed no frame at all"
    return Seen(f"Own preview {number}", said + where, good=None)


def _shown(one: Picture) -> tuple[str, str]:
    """Whom most frames of a picture name (empty: nobody), and that in words."""
    named = Counter(owner_of_mark(entry[1]) for entry in one.entries)
    who, count = named.most_common(1)[0]
    total = len(one.entries)
    wide, high = one.entries[-1][2:4]
    size = f", {wide:.0f}×{high:.0f}" if wide and high else ""
    if who:
        return who, f"shows {who} ({count} of {total} frames read{size})"
    return "", f"{count} of {total} frames name nobody: black, covered or not ours{size}"


def _role(index: int | None) -> str | None:
    return ROLES[index] if index is not None and 0 <= index < len(ROLES) else None


def _voices(side: ActorEvidence) -> Iterator[Seen]:
    last = side.snapshots[-1].voices if side.snapshots else ()
    for number, voice in enumerate((one for one in last if not one.own), 1):
        heard = Counter(role for _, role in voice.entries)
        total = len(voice.entries)
        if total and heard[_MUTED] == total:
            yield Seen(f"Sound {number}", "muted, as one's own is", good=None)
            continue
        shares = {ROLES[role]: n / total for role, n in heard.items() if 0 <= role < len(ROLES)}
        loud = {who: share for who, share in shares.items() if share >= _HEARD_SHARE}
        said = ", ".join(
            f"{who} is heard ({heard[ROLES.index(who)]} of {total} looks)" for who in loud
        )
        yield Seen(f"Sound {number}", said or f"nobody is heard ({total} looks)", good=bool(loud))


def _streams(
    snapshots: Sequence[Snapshot], zero_ms: float, shown: set[str | None]
) -> Iterator[Seen]:
    """What the statistics say of each received track; over time where they were read often."""
    tracks: dict[str, list[tuple[Mapping[str, Any], Connection]]] = defaultdict(list)
    for snapshot in snapshots:
        for connection in snapshot.connections:
            for stats in connection.stats:
                if stats.get("type") == "inbound-rtp" and _numeric(stats, "timestamp"):
                    tracks[str(stats.get("trackIdentifier"))].append((stats, connection))
    numbers: Counter[str] = Counter()
    for track, rows in tracks.items():
        last, connection = rows[-1]
        kind = "video" if last.get("kind") == "video" else "sound"
        numbers[kind] += 1
        lost = kind == "video" and track not in shown
        said = _stream_said(last, connection) + ("; no picture shows it" if lost else "")
        title = f"Received {kind} {numbers[kind]}"
        yield Seen(title, said, False if lost else None, _stream_charts(kind, rows, zero_ms))


def _stream_charts(
    kind: str, rows: Sequence[tuple[Mapping[str, Any], Connection]], zero_ms: float
) -> tuple[Chart, ...]:
    readings = [stats for stats, _ in rows]
    charts = [
        _chart("bitrate", "kbit/s", list(_rates(readings, "bytesReceived", zero_ms, 8 / 1000)))
    ]
    if kind == "video":
        frames = list(_rates(readings, "framesDecoded", zero_ms, 1))
        charts.insert(0, _chart("frames decoded", "frames/s", frames, alert="fps"))
    return tuple(one for one in charts if one)


def _stream_said(stats: Mapping[str, Any], connection: Connection) -> str:
    parts = [f"connection {connection.state}" if connection.state else "connection not known"]
    if _numeric(stats, "framesDecoded"):
        parts.append(f"{stats['framesDecoded']:.0f} frames decoded")
    reached = [at for at, state in connection.states if state in ("connected", "completed")]
    took_ms = stats["timestamp"] - reached[0] if reached else 0
    if took_ms > 0 and _numeric(stats, "bytesReceived"):
        parts.append(f"{stats['bytesReceived'] * 8 / took_ms:.0f} kbit/s on average")
    if _numeric(stats, "packetsLost") and stats["packetsLost"] > 0:
        parts.append(f"{stats['packetsLost']:.0f} packets lost")
    return "; ".join(parts)


def _numeric(stats: Mapping[str, Any], name: str) -> bool:
    value = stats.get(name)
    # What lies beyond is no figure of a call, and no computer's sum stays whole with it.
    return isinstance(value, int | float) and -_LARGEST < value < _LARGEST


def _rates(
    rows: Sequence[Mapping[str, Any]], name: str, zero_ms: float, factor: float
) -> Iterator[tuple[float, float]]:
    """How fast a counter rose between two readings, per second times ``factor``."""
    for one, other in pairwise(rows):
        if not (_numeric(one, name) and _numeric(other, name)):
            continue
        took_s = (other["timestamp"] - one["timestamp"]) / 1000
        if took_s > 0:
            rise = max(0.0, other[name] - one[name])
            yield (other["timestamp"] - zero_ms) / 1000, rise / took_s * factor


def _per_second(moments: Sequence[float], zero_ms: float, until_ms: float) -> Points:
    counts = Counter(int((at - zero_ms) // 1000) for at in moments)
    first, last = min(counts), int((until_ms - zero_ms) // 1000)
    if last - first > _LONGEST_S:  # no call of ours is that long: a clock is wrong
        return []
    whole = range(first, max(first + 1, last))  # the last second is not over
    return [(second + 0.5, float(counts[second])) for second in whole]


def _chart(title: str, unit: str, points: Points, alert: str | None = None) -> Chart | None:
    if len(points) < 2:  # a line has two ends
        return None
    points = points[-_MOST_POINTS:]
    limit = media_targets("camera")[alert].alert.min if alert else None
    values = [value for _, value in points]
    from_s, to_s = points[0][0], points[-1][0]
    top = max([*values, (limit or 0) * 1.25, 1.0])

    def y(value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM), 1)

    def x(second: float) -> float:
        span = (to_s - from_s) or 1
        return round(_LEFT + (second - from_s) / span * (WIDTH - _LEFT - _RIGHT), 1)

    return Chart(
        title=title,
        unit=unit,
        lines=tuple(
            Markup(" ".join(f"{x(at)},{y(value)}" for at, value in piece))
            for piece in _pieces(points)
        ),
        top=top,
        last=values[-1],
        least=min(values),
        most=max(values),
        from_s=from_s,
        to_s=to_s,
        alert=limit,
        alert_y=None if limit is None else y(limit),
    )


def _pieces(points: Points) -> list[list[tuple[float, float]]]:
    """The points in unbroken stretches: a gap of thrice the usual distance is drawn as one."""
    distances = sorted(later[0] - earlier[0] for earlier, later in pairwise(points))
    usual = distances[len(distances) // 2]
    pieces: list[list[tuple[float, float]]] = [[points[0]]]
    for earlier, later in pairwise(points):
        if later[0] - earlier[0] > 3 * usual:
            pieces.append([])
        pieces[-1].append(later)
    return pieces
