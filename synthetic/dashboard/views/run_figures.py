"""What a run measured and told, as rows: media, requests, notifications. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from synthetic.reports.document import State, clean
from synthetic.reports.words import figure, percent
from synthetic.results import Identity, Media, Run
from synthetic.wording import milliseconds

_IDENTITIES: dict[Identity, tuple[State, str]] = {
    "match": ("ok", "seen"),
    "mismatch": ("failed", "somebody else"),
    "absent": ("failed", "absent"),
}
_STATUSES: dict[str, State] = {"sent": "ok", "shown": "unknown", "undelivered": "failed"}


@dataclass(frozen=True)
class Heard:
    """What one person had of another; a figure that was not measured is empty."""

    state: State
    word: str
    kind: str
    from_: str
    to: str
    step: str
    attempt: int
    fps: str
    size: str
    bitrate: str
    delay: str
    lost: str
    remark: str


@dataclass(frozen=True)
class Answered:
    """A request, seconds after the run began, and its answer."""

    at: str
    actor: str
    what: str
    state: State
    status: str
    took: str
    step: str


@dataclass(frozen=True)
class Sent:
    """A message about the run, and what became of it."""

    channel: str
    state: State
    status: str
    at: datetime
    detail: str


def heard(run: Run) -> tuple[Heard, ...]:
    """All media that was judged, in the order of the record."""
    return tuple(map(_heard, run.media))


def _heard(one: Media) -> Heard:
    state, word = _IDENTITIES[one.identity]
    if one.kind == "microphone" and one.identity == "match":
        word = "heard"
    delay = one.glass_to_glass_ms
    late = milliseconds(delay.p50) if delay else ""
    if one.mouth_to_ear_ms is not None:
        late = milliseconds(one.mouth_to_ear_ms)
    return Heard(
        state=state,
        word=word,
        kind=one.kind,
        from_=clean(one.from_, 24),
        to=clean(one.to, 24),
        step=clean(one.step, 60),
        attempt=one.attempt,
        fps="" if one.fps is None else figure(one.fps, "fps"),
        size=f"{one.width}×{one.height}" if one.width and one.height else "",
        bitrate="" if one.bitrate_kbps is None else figure(one.bitrate_kbps, "kbps"),
        delay=late,
        lost="" if one.packet_loss is None else percent(100 * one.packet_loss),
        remark=_remark(one),
    )


def _remark(one: Media) -> str:
    said = []
    if one.limited_by and one.limited_by != "none":
        side = f" of the {clean(one.limited_side, 24)}" if one.limited_side else ""
        said.append(f"held back by {clean(one.limited_by, 24)}{side}")
    if one.interruptions:
        said.append(f"{one.interruptions} interruptions")
    if one.impaired:
        said.append(f"broken on purpose: {clean(one.impaired, 60)}")
    return ", ".join(said)


def answered(run: Run) -> tuple[Answered, ...]:
    """All requests to the product's endpoints, in the order of time."""
    return tuple(
        Answered(
            at=f"+{(one.at - run.started_at).total_seconds():.1f} s",
            actor=clean(one.actor, 24),
            what=clean(f"{one.method} {one.endpoint}", 100),
            state="ok" if one.expected else "failed",
            status="no answer" if one.status is None else str(one.status),
            took="" if one.duration_ms is None else milliseconds(one.duration_ms),
            step=clean(one.step or "", 60),
        )
        for one in run.requests
    )


def sent(run: Run) -> tuple[Sent, ...]:
    """The messages that were due after the run."""
    return tuple(
        Sent(
            channel=clean(one.channel, 40),
            state=_STATUSES[one.status],
            status=one.status,
            at=one.at,
            detail=clean(one.detail or "", 200),
        )
        for one in run.notifications
    )
