"""What a single run is held to: rows of the plan, and ``targets.toml`` where it gives no figure."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from synthetic.plan.load import load
from synthetic.plan.model import Row
from synthetic.plan.model import Span as Range
from synthetic.results import Feature, MediaKind

_GOOD, _SLOW = "a-ladder-p95-good", "a-ladder-p95-investigate"
_SITE = "f-site-2s"
_RECONNECTS = "a-video-stability"
_CERTIFICATE = "f-certificate"
_MEDIA: dict[str, tuple[str, str, MediaKind]] = {  # by field of Media: row, unit, kind
    "bitrate_kbps": ("d-video-bitrate", "kbps", "camera"),
    "fps": ("d-frame-rate", "fps", "camera"),
    "height": ("d-screen-share-quality", "px high", "screen"),
}


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
    """What a media figure should be, and beyond what it is an alert.

    ``figure`` is the field of :class:`~synthetic.results.Media` that it judges, where the target
    is not named after it; of percentiles it judges the median.
    """

    figure: str | None = None
    source: str
    unit: str
    kinds: tuple[MediaKind, ...]
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
def media_targets() -> dict[str, MediaTarget]:
    """Targets by name."""
    of_plan = {name: _media(*where) for name, where in _MEDIA.items()}
    return of_plan | {name: MediaTarget.model_validate(row) for name, row in _unsaid().items()}


def _media(row_id: str, unit: str, kind: MediaKind) -> MediaTarget:
    row = _row(row_id)
    return MediaTarget(
        source=_cited(row),
        unit=unit,
        kinds=(kind,),
        target=_span(row.target),
        alert=_span(row.alert),
    )


def _row(row_id: str) -> Row:
    return next(row for row in load().rows if row.id == row_id)


def _cited(row: Row) -> str:
    return f"Part {row.part}, {row.heading}, {row.item}"


def _number(line: float | Range | None) -> float:
    assert isinstance(line, int | float), "the shipped plan has a number there"
    return float(line)


def _span(line: float | Range | None) -> Span:
    """A range; a single number is the least that is good."""
    if isinstance(line, Range):
        return Span(**line.model_dump(exclude_none=True))
    return Span(min=_number(line))


def _unsaid() -> dict[str, Any]:
    text = resources.files("synthetic.plan").joinpath("targets.toml").read_text("utf-8")
    return tomllib.loads(text)
