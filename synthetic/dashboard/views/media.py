"""Media: did they see and hear each other? Who by whom, each with its verdict and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import get_args

from synthetic.dashboard.charts import RANGES, Chart, Range
from synthetic.dashboard.figures import Reading
from synthetic.dashboard.glance import RANGE, Glance
from synthetic.dashboard.health import SILENCE, Standing, worst
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.watched import Watched
from synthetic.plan.targets import held_to
from synthetic.reports.document import State, clean
from synthetic.reports.words import figure
from synthetic.results import APART, Media, MediaKind, Run

_LOOKS_BACK = timedelta(days=7)
_MOST_RUNS = 8  # of each location are opened to find what it saw last
_MOST_LOCATIONS = 4
_LONGEST_NAME = 40
_WORST: tuple[State, ...] = ("failed", "degraded", "ok")
_NAMES: dict[MediaKind, str] = {"camera": "Picture", "microphone": "Sound", "screen": "Screen"}


@dataclass(frozen=True)
class Seen:
    """What one person had of another, of one kind: a verdict, and the figures behind it."""

    kind: str
    state: State
    word: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """The latest run of a location that had media: ``cells`` by sender, then by receiver.

    ``blocked`` is whether later ones did not get so far; what an old one saw is unknown now.
    """

    location: str
    run_id: str
    at: datetime
    state: State
    blocked: bool
    people: tuple[str, ...]
    cells: tuple[tuple[tuple[Seen, ...], ...], ...]


@dataclass(frozen=True)
class MediaSeen:
    """What the page shows."""

    standing: Standing
    matrices: tuple[Matrix, ...]
    reconnects: Reading
    charts: tuple[Chart, ...]
    range: Range
    ranges: tuple[Range, ...]


def view(watched: Watched, asked: Asked) -> MediaSeen:
    """The page now."""
    glance = Glance.now(watched, asked)
    matrices = tuple(_matrix(run, blocked, glance.at) for run, blocked in _latest(glance))
    return MediaSeen(
        _standing(matrices),
        matrices,
        glance.reading("reconnect_rate"),
        (
            glance.chart("video_bitrate"),
            glance.chart("frame_rate"),
            glance.chart("video_latency", title="Glass to glass, P50"),
            glance.chart("screen_share_height"),
        ),
        glance.range,
        tuple(RANGES.values()),
    )


def _standing(matrices: tuple[Matrix, ...]) -> Standing:
    """The answer: the first that did not come, or that all did."""
    heard_at = max((one.at for one in matrices), default=None)
    state = worst(one.state for one in matrices) or "unknown"
    blocked = [one for one in matrices if one.blocked]
    bad = [
        f"{seen.kind} from {one.people[sender]} to {one.people[receiver]} ({one.location}): "
        f"{seen.word}"
        for one in matrices
        for sender, row in enumerate(one.cells)
        for receiver, cell in enumerate(row)
        for seen in cell
        if seen.state == state
    ]
    if state in ("ok", "unknown") and blocked:
        first = blocked[0]
        said = f"nobody got as far as meeting ({first.location})"
        return Standing("unknown", said, first.at if first.people else None, (), heard_at)
    if state == "unknown":
        return Standing(state, "nobody has met of late", heard_at, (), heard_at)
    if state == "ok":
        return Standing(state, "everybody saw and heard each other", None, (), heard_at)
    more = (f"{len(bad) - 1} more like it",) if len(bad) > 1 else ()
    return Standing(state, bad[0], None, more, heard_at)


def _latest(glance: Glance) -> Iterator[tuple[Run, bool]]:
    """The newest run of each location in which somebody was to be seen or heard, and whether a
    later one, of late, did not get so far; without any such run, the newest that did not."""
    store, target = glance.watched.store, glance.watched.target
    heads: dict[str, list[Run]] = {}
    for head in reversed(store.runs(target, glance.at - _LOOKS_BACK, glance.at)):
        if head.finished_at is not None and head.trigger not in APART:
            heads.setdefault(head.location, []).append(head)
    for each in islice(heads.values(), _MOST_LOCATIONS):
        opened = filter(None, (store.run(head.run_id) for head in each[:_MOST_RUNS]))
        short: Run | None = None
        for run in opened:
            if run.media:
                yield run, short is not None
                break
            if run.verdict != "passed" and glance.at - run.started_at <= SILENCE:
                short = short or run
        else:
            if short is not None:
                yield short, True


def _matrix(run: Run, blocked: bool, at: datetime) -> Matrix:
    last = {one.journey: one.attempt for one in sorted(run.media, key=lambda one: one.attempt)}
    media = [one for one in run.media if one.attempt == last[one.journey] and not one.impaired]
    media = media or list(run.media)
    ended = run.finished_at or run.started_at
    old = blocked or at - ended > SILENCE
    people = tuple(dict.fromkeys(name for one in media for name in (one.from_, one.to)))[:6]
    cells = tuple(
        tuple(tuple(_between(media, sender, receiver, old)) for receiver in people)
        for sender in people
    )
    states = [seen.state for row in cells for cell in row for seen in cell]
    return Matrix(
        clean(run.location, _LONGEST_NAME), run.run_id, ended, worst(states) or "unknown",
        blocked, tuple(clean(name, _LONGEST_NAME) for name in people), cells,
    )  # fmt: skip


def _between(media: list[Media], sender: str, receiver: str, old: bool) -> Iterator[Seen]:
    """What each kind came to: in the worst of all journeys that it was part of."""
    for kind in get_args(MediaKind):
        found = [one for one in media if (one.kind, one.from_, one.to) == (kind, sender, receiver)]
        if found:
            seen = min(map(_seen, reversed(found)), key=lambda one: _WORST.index(one.state))
            yield replace(seen, state="unknown", word=f"then {seen.word}") if old else seen


def _seen(one: Media) -> Seen:
    name = _NAMES[one.kind]
    if one.identity != "match":
        said = "came from somebody else" if one.identity == "mismatch" else "never came"
        return Seen(name, "failed", said, ())
    state = worst(_judged(one)) or "ok"
    word = {"ok": "as it should be", "degraded": "misses a target", "failed": "past an alert line"}
    return Seen(name, state, word[state], tuple(_figures(one)))


def _judged(one: Media) -> Iterator[State]:
    """How each figure stands; what our own processors held back is held against nobody."""
    if one.limited_by == "cpu":
        return
    for value, target in held_to(one):
        if not target.alert.holds(value):
            yield "failed"
        else:
            yield "ok" if target.target.holds(value) else "degraded"


def _figures(one: Media) -> Iterator[str]:
    if one.fps is not None:
        yield f"{figure(one.fps, 'fps')}"
    if one.bitrate_kbps is not None:
        yield f"{figure(one.bitrate_kbps, 'kbps')}"
    if one.width and one.height:
        yield f"{one.width}×{one.height}"
    if one.glass_to_glass_ms:
        yield f"{figure(one.glass_to_glass_ms.p50, 'ms')} glass to glass"
    if one.mouth_to_ear_ms is not None:
        yield f"{figure(one.mouth_to_ear_ms, 'ms')} mouth to ear"
    if one.interruptions is not None:
        yield f"{one.interruptions} reconnect{'' if one.interruptions == 1 else 's'}"


PAGE = Page("/media", "Media", "media.html", view, RANGE, charts=True)
