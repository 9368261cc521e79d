"""The plan's targets for what a journey measures, from ``targets.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from synthetic.results import Feature, MediaKind


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
def _table() -> dict[str, Any]:
    text = resources.files("synthetic.plan").joinpath("targets.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def step_target(feature: Feature) -> StepTarget:
    """The target of a feature's steps."""
    table = _table()["step"]
    general = {key: value for key, value in table.items() if key != "features"}
    return StepTarget.model_validate(table["features"].get(feature, general))


@cache
def reconnect_alert_share() -> float:
    """The share (0–1) of pictures whose connection may be lost in a call before it is an alert."""
    return float(_table()["reconnects"]["alert_share"])


@cache
def media_targets() -> dict[str, MediaTarget]:
    """Targets by name."""
    return {name: MediaTarget.model_validate(row) for name, row in _table()["media"].items()}
