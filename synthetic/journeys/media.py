"""Media proof of a journey: who arrived at whom, over a window after warm-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from synthetic.browser.stopwatch import Lap
from synthetic.errors import Overloaded, WrongPicture
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.media.proof import (
    Picture,
    Snapshot,
    Wanted,
    describe,
    held_back,
    limited_by,
    picture,
    received_videos,
    shown_frames,
    transport,
    voice,
)
from synthetic.results import Media, MediaKind

STILL_MS = 1000.0  # a person says that it froze
STEADY_FRAMES = 8  # in a window of about a second
NOTHING_LEFT = 0.95  # of all processors: what is late then may be late by us


_MOST_WINDOWS = 3


@dataclass(frozen=True)
class Window:
    """What each page logged between two moments: by role, before and after."""

    since_ms: float
    before: Mapping[str, Snapshot]
    after: Mapping[str, Snapshot]
    busy: float
    """The share of this machine's processors that was taken meanwhile, by anybody."""


def observe(
    journey: Journey, actors: Sequence[Actor], after: Lap, *, until_kbps: float = 0
) -> Window:
    """Look on for a while once ``after`` is over and the connections have warmed up.

    Senders begin low and climb as their estimate of the way allows: with ``until_kbps``, warm-up
    lasts until every received video has climbed that far, for at most three windows.
    """
    window = _look_on(journey, actors, after.ended_ms + journey.warmup_s * 1000)
    for _ in range(_MOST_WINDOWS - 1):
        rates = [rate for actor in actors for rate in video_rates(window, actor.role)]
        if min(rates, default=until_kbps) >= until_kbps:
            break
        window = _look_on(journey, actors, window.after[actors[0].role]["at"])
    return window


def video_rates(window: Window, role: str) -> list[float]:
    """What each video that ``role`` received carried over the window, in kbps."""
    before, after = window.before[role], window.after[role]
    figures = [transport(before, after, track) for track in received_videos(after)]
    return [figure.bitrate_kbps for figure in figures if figure.bitrate_kbps is not None]


def _look_on(journey: Journey, actors: Sequence[Actor], since_ms: float) -> Window:
    actors[0].dwell(since_ms)
    psutil.cpu_percent()
    before = {actor.role: actor.snapshot(since_ms) for actor in actors}
    actors[0].dwell(since_ms + journey.watch_s * 1000)
    after = {actor.role: actor.snapshot(since_ms) for actor in actors}
    return Window(since_ms, before, after, busy=psutil.cpu_percent() / 100)


def prove(
    journey: Journey,
    window: Window,
    *,
    sender: Actor,
    receiver: Actor,
    kinds: Sequence[MediaKind],
) -> None:
    """Record what ``receiver`` had of ``sender``.

    Raises :class:`WrongPicture` if it was not theirs or stood still, and :class:`Overloaded` if it
    stood still while this machine had nothing left to give.
    """
    for kind in kinds:
        figures = _JUDGES[kind](window, sender, receiver)
        media = Media.model_validate(
            {
                "kind": kind,
                "from": sender.role,
                "to": receiver.role,
                "journey": journey.name,
                "attempt": journey.attempt,
                "step": journey.current,
                **figures,
            }
        )
        journey.witness.media_seen(media)
        if media.identity != "match":
            raise WrongPicture(
                f"{receiver.role} lost the {kind} of {sender.role} ({media.identity}): "
                + describe(window.after[receiver.role])
            )
        if media.longest_gap_ms is not None and media.longest_gap_ms > STILL_MS:
            _stood_still(media, window)


def _stood_still(media: Media, window: Window) -> None:
    said = f"{media.to} had nothing new of the {media.kind} of {media.from_} for "
    said += f"{(media.longest_gap_ms or 0) / 1000:.1f} s"
    # Frames that keep coming and show nothing new are no matter of our speed.
    if window.busy >= NOTHING_LEFT and (media.frames_seen or 0) < STEADY_FRAMES:
        raise Overloaded(f"{said}, but this machine was {window.busy:.0%} busy; run on a freer one")
    raise WrongPicture(f"{said}: {describe(window.after[media.to])}")


def _camera(window: Window, sender: Actor, receiver: Actor) -> dict[str, Any]:
    wanted = Wanted(sender.index, False, sender.nonce)
    there, here = window.after[sender.role], window.after[receiver.role]
    seen = picture(here, wanted, shown_frames(there, wanted), window.since_ms)
    oneself = Wanted(receiver.index, False, receiver.nonce)
    previews = [
        picture(there, wanted, {}, window.since_ms),
        picture(here, oneself, {}, window.since_ms),
    ]
    figures = _figures(window, sender, receiver, wanted, seen)
    ours = window.busy >= NOTHING_LEFT or held_back(previews, seen)
    return {**figures, "limited_by": "cpu"} if ours else figures


def _screen(window: Window, sender: Actor, receiver: Actor) -> dict[str, Any]:
    wanted = Wanted(sender.index, True, sender.nonce)
    here = window.after[receiver.role]
    seen = picture(here, wanted, sender.drawn_frames(), window.since_ms)
    return _figures(window, sender, receiver, wanted, seen)


def _figures(
    window: Window, sender: Actor, receiver: Actor, wanted: Wanted, seen: Picture
) -> dict[str, Any]:
    carried = transport(window.before[receiver.role], window.after[receiver.role], seen.track)
    figures = {**vars(seen), **vars(carried)}
    del figures["track"]
    return {**figures, "limited_by": limited_by(window.after[sender.role], wanted)}


def _microphone(window: Window, sender: Actor, receiver: Actor) -> dict[str, Any]:
    identity, track, gap = voice(window.after[receiver.role], sender.index)
    carried = transport(window.before[receiver.role], window.after[receiver.role], track)
    return {"identity": identity, "longest_gap_ms": gap, **vars(carried)}


_JUDGES: dict[MediaKind, Callable[[Window, Actor, Actor], dict[str, Any]]] = {
    "camera": _camera,
    "microphone": _microphone,
    "screen": _screen,
}
