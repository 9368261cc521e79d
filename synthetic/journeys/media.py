"""Media proof of a journey: who arrived at whom, over a window after warm-up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthetic.browser.stopwatch import Lap
from synthetic.errors import Leak, Overloaded, WrongPicture
from synthetic.journeys.actor import Actor
from synthetic.journeys.headroom import busy_share, reading
from synthetic.journeys.journey import Journey
from synthetic.media.delays import levels_of, voice_delay
from synthetic.media.proof import (
    Picture,
    Wanted,
    contradictions,
    describe,
    held_back,
    picture,
    previews_of,
    shown_frames,
    strangers,
    voice,
)
from synthetic.media.transport import (
    Snapshot,
    interruptions,
    limited_by,
    received_videos,
    transport,
)
from synthetic.results import Media, MediaKind

STILL_MS = 1000.0  # a person says that it froze
IMPAIRED_STILL_MS = 4000.0
STEADY_FRAMES = 8  # in a window of about a second
NOTHING_LEFT = 0.95  # of all processors: what is late then may be late by us


_MOST_WINDOWS = 10  # an estimate that one busy moment cut down climbs 8 % a second


@dataclass(frozen=True)
class Window:
    """What each page logged between two moments: by role, before and after."""

    lap: Lap
    """The wait that brought the media."""
    since_ms: float
    before: Mapping[str, Snapshot]
    after: Mapping[str, Snapshot]
    busy: float
    """The share of this machine's processors that was taken, by whom we might wait for."""


def observe(
    journey: Journey,
    actors: Sequence[Actor],
    after: Lap,
    *,
    until_kbps: float = 0,
    seconds: float | None = None,
) -> Window:
    """Look on for a while once ``after`` is over and the connections have warmed up.

    Senders begin low and climb as their estimate of the way allows: with ``until_kbps``, warm-up
    lasts until every received video has climbed that far, for at most ten windows. ``seconds``
    is how long, if not as settings say.
    """
    watch_s = seconds or journey.watch_s
    window = _look_on(actors, after, after.ended_ms + journey.warmup_s * 1000, watch_s)
    for _ in range(_MOST_WINDOWS - 1):
        rates = [rate for actor in actors for rate in video_rates(window, actor.role)]
        if min(rates, default=until_kbps) >= until_kbps:
            break
        window = _look_on(actors, after, window.after[actors[0].role]["at"], watch_s)
    for actor in actors:
        before, later = window.before[actor.role], window.after[actor.role]
        for story in contradictions(before, later, actor.index, window.since_ms):
            journey.tell("statistics", actor.role, story)
    return window


def video_rates(window: Window, role: str) -> list[float]:
    """What each video that ``role`` received carried over the window, in kbps."""
    before, after = window.before[role], window.after[role]
    figures = [transport(before, after, track) for track in received_videos(after)]
    return [figure.bitrate_kbps for figure in figures if figure.bitrate_kbps is not None]


def _look_on(actors: Sequence[Actor], after: Lap, since_ms: float, watch_s: float) -> Window:
    # Earlier frames were not all read: a picture that is known is sampled until somebody looks.
    since_ms = max(since_ms, time.time() * 1000)
    until_ms = since_ms + watch_s * 1000
    for actor in actors:
        actor.look_closely(until_ms)
    actors[0].dwell(since_ms)
    began = reading()

    def snapshots() -> dict[str, Snapshot]:
        return {actor.role: actor.snapshot(since_ms, people=actors) for actor in actors}

    before = snapshots()
    actors[0].dwell(until_ms)
    return Window(after, since_ms, before, snapshots(), busy=busy_share(began, reading()))


def prove(
    journey: Journey,
    window: Window,
    *,
    sender: Actor,
    receiver: Actor,
    kinds: Sequence[MediaKind],
    impaired: str | None = None,
    may_freeze: bool = False,
) -> list[Media]:
    """Record what ``receiver`` had of ``sender``.

    ``impaired`` says what was done to the network or asked of our machine; what lags then is
    nobody's fault, within :data:`IMPAIRED_STILL_MS`, or for as long as it lasts where it
    ``may_freeze``: where so much is lost that a decoder waits for its next whole key picture.
    Raises :class:`WrongPicture` if it was not theirs or stood still, :class:`Leak` if it was that
    of somebody outside of the session, and :class:`Overloaded` if it stood still while this machine
    had nothing left to give.
    """
    proofs = [
        _judged(journey, window, sender, receiver, kind).model_copy(update={"impaired": impaired})
        for kind in kinds
    ]
    still_ms = IMPAIRED_STILL_MS if impaired else STILL_MS
    for media in proofs:
        journey.witness.media_seen(media)
        if media.identity != "match":
            here = window.after[receiver.role]
            leaked = media.kind in strangers(here, sender.nonce)
            raise (Leak if leaked else WrongPicture)(
                f"{receiver.role} lost the {media.kind} of {sender.role} ({media.identity}): "
                + describe(here)
            )
        gap_ms = media.longest_gap_ms
        if gap_ms is not None and gap_ms > still_ms and not may_freeze:
            _stood_still(media, window)
    return proofs


BOTH: tuple[MediaKind, ...] = ("camera", "microphone")


def prove_nothing(
    window: Window, *, sender: Actor, receiver: Actor, kinds: Sequence[MediaKind] = BOTH
) -> None:
    """Nothing of ``sender`` reached ``receiver``; raises :class:`Leak` if it did."""
    here = window.after[receiver.role]
    for kind in kinds:
        if kind == "microphone":
            arrived = voice(here, sender.index)[0] == "match"
        else:
            wanted = Wanted(sender.index, kind == "screen", sender.nonce)
            arrived = any(
                wanted.names(entry[1]) for one in here["pictures"] for entry in one["entries"]
            )
        if arrived:
            raise Leak(
                f"{receiver.role} has the {kind} of {sender.role}, who should not be there: "
                + describe(here)
            )


def prove_both_ways(
    journey: Journey,
    window: Window,
    one: Actor,
    other: Actor,
    impaired: str | None = None,
    may_freeze: bool = False,
) -> None:
    """What each saw and heard of the other; raises as :func:`prove` does."""
    for sender, receiver in ((one, other), (other, one)):
        prove(
            journey,
            window,
            sender=sender,
            receiver=receiver,
            kinds=BOTH,
            impaired=impaired,
            may_freeze=may_freeze,
        )


def _judged(
    journey: Journey, window: Window, sender: Actor, receiver: Actor, kind: MediaKind
) -> Media:
    figures = {
        "kind": kind,
        "from": sender.role,
        "to": receiver.role,
        "journey": journey.name,
        "attempt": journey.attempt,
        "step": journey.current,
        "interruptions": interruptions(window.after[receiver.role], 0),
        "runner_busy": round(window.busy, 2),
        "first_frame_ms": _first_frame_ms(window.lap, sender, receiver, kind),
        **_JUDGES[kind](window, sender, receiver),
    }
    return Media.model_validate(figures)


def _first_frame_ms(lap: Lap, sender: Actor, receiver: Actor, kind: MediaKind) -> float | None:
    wanted = {"role": sender.index, "screen": kind == "screen", "nonce": sender.nonce}
    for held in lap.held if kind != "microphone" else ():
        if held.condition.view is receiver.view and held.condition.picture == wanted:
            return round(held.at_ms - lap.started_ms, 1)
    return None


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
    previews = {
        sender.role: picture(there, wanted, {}, window.since_ms),
        receiver.role: picture(here, oneself, {}, window.since_ms),
    }
    figures = _figures(window, sender, receiver, wanted, seen)
    if window.busy >= NOTHING_LEFT or held_back(list(previews.values()), seen):
        slower = min(previews, key=lambda role: previews[role].fps or 0)
        return {**figures, "limited_by": "cpu", "limited_side": slower}
    return figures


def _screen(window: Window, sender: Actor, receiver: Actor) -> dict[str, Any]:
    wanted = Wanted(sender.index, True, sender.nonce)
    here = window.after[receiver.role]
    seen = picture(here, wanted, sender.drawn_frames(), window.since_ms)
    return _figures(window, sender, receiver, wanted, seen)


def _figures(
    window: Window, sender: Actor, receiver: Actor, wanted: Wanted, seen: Picture
) -> dict[str, Any]:
    there = window.after[sender.role]
    carried = transport(window.before[receiver.role], window.after[receiver.role], seen.track)
    figures = {**vars(seen), **vars(carried)}
    del figures["track"]
    limit = limited_by(there, previews_of(there, wanted))
    side = sender.role if limit not in (None, "none") else None
    return {**figures, "limited_by": limit, "limited_side": side}


def _microphone(window: Window, sender: Actor, receiver: Actor) -> dict[str, Any]:
    here = window.after[receiver.role]
    identity, track, gap = voice(here, sender.index)
    carried = transport(window.before[receiver.role], here, track)
    spoken = levels_of(window.after[sender.role]["voices"], own=True)
    delay = voice_delay(spoken, levels_of(here["voices"], own=False, track=track))
    seen = _camera(window, sender, receiver)["glass_to_glass_ms"] if delay is not None else None
    return {
        "identity": identity,
        "longest_gap_ms": gap,
        "mouth_to_ear_ms": delay,
        "audio_video_offset_ms": round(delay - seen.p50, 1) if delay is not None and seen else None,
        **vars(carried),
    }


_JUDGES: dict[MediaKind, Callable[[Window, Actor, Actor], dict[str, Any]]] = {
    "camera": _camera,
    "microphone": _microphone,
    "screen": _screen,
}
