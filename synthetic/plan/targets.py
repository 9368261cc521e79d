"""What a single run is held to: rows of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from synthetic.plan.load import load
from synthetic.plan.model import Row
from synthetic.plan.model import Span as Range
from synthetic.results import Feature, Latency, Media, MediaKind

_GOOD, _SLOW = "a-ladder-p95-good", "a-ladder-p95-investigate"
_SITE = "f-site-2s"
_RECONNECTS = "a-video-stability"
_CERTIFICATE = "f-certificate"
_MEDIA: tuple[tuple[str, str, str, MediaKind], ...] = (  # row, field of Media, unit, kind
    ("d-video-bitrate", "bitrate_kbps", "kbps", "camera"),
    ("d-frame-rate", "fps", "fps", "camera"),
    ("f-camera-height", "height", "px high", "camera"),
    ("f-camera-delay", "glass_to_glass_ms", "ms late", "camera"),
    ("d-screen-share-quality", "height", "px high", "screen"),
    ("f-screen-delay", "glass_to_glass_ms", "ms late", "screen"),
)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepTarget(_Entry):
    """What a step may take; ``source`` cites the plan."""

    source: str
    target_ms: float
    alert_ms: float


class Span(_Entry):
    """From ``min`` to ``max``, either open."""

    min: float = float("-inf")
    max: float = float("inf")

    def holds(self, value: float) -> bool:
        """Whether the value lies within."""
        return self.min <= value <= self.max


class MediaTarget(_Entry):
    """What a media figure should be, and beyond what it is an alert."""

    source: str
    unit: str
    target: Span
    alert: Span


@cache
def step_target(feature: Feature) -> StepTarget:
    """The target of a feature's steps: one step is held to what P95 is held to at the launch."""
    good, alert_s = _row(_SITE if feature == "site" else _GOOD), _number(_row(_SLOW).alert)
    target_s = _number(good.target)
    return StepTarget(source=_cited(good), target_ms=target_s * 1000, alert_ms=alert_s * 1000)


@cache
def reconnect_alert_share() -> float:
    """The share (0–1) of pictures whose connection may be lost in a call before it is an alert."""
    return _number(_row(_RECONNECTS).alert) / 100


@cache
def certificate_alert_days() -> float:
    """How many days a certificate must last, else it is an alert."""
    return _number(_row(_CERTIFICATE).alert)


@cache
def media_targets(kind: MediaKind) -> Mapping[str, MediaTarget]:
    """Targets of one kind of media, by field of :class:`~synthetic.results.Media`."""
    return {field: _media(row_id, unit) for row_id, field, unit, of in _MEDIA if of == kind}


def held_to(media: Media) -> Iterator[tuple[float, MediaTarget]]:
    """Each figure that is there, of percentiles the median, and what it is held to."""
    for field, target in media_targets(media.kind).items():
        figure: float | Latency | None = getattr(media, field)
        value = figure.p50 if isinstance(figure, Latency) else figure
        if value is not None:
            yield value, target


def _media(row_id: str, unit: str) -> MediaTarget:
    row = _row(row_id)
    return MediaTarget(
        source=_cited(row),
        unit=unit,
        target=_span(row.target, row.compare),
        alert=_span(row.alert, row.compare),
    )


def _row(row_id: str) -> Row:
    return next(row for row in load().rows if row.id == row_id)


def _cited(row: Row) -> str:
    return f"Part {row.part}, {row.heading}, {row.item}"


def _number(line: float | Range | None) -> float:
    assert isinstance(line, int | float), "the shipped plan has a number there"
    return float(line)


def _span(line: float | Range | None, bad: str | None) -> Span:
    """A range; where what is ``bad`` lies above (``>``), a number is the most that is good."""
    if isinstance(line, Range):
        return Span(**line.model_dump(exclude_none=True))
    most = bad is not None and bad.startswith(">")
    return Span(max=_number(line)) if most else Span(min=_number(line))
