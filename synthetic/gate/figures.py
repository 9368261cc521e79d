"""What of a run is compared: latencies of steps and endpoints, quality of media. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from synthetic.gate.model import PROMISED, PROMISED_SHARE, Figure, Unit, Values
from synthetic.results import Media, Request, Run

_TOO_BUSY = 0.95  # above it our own processors may have spoiled what was received


def values_of(run: Run) -> Values:
    """Every figure of a run that its first attempts give."""
    return {**_steps(run), **_endpoints(run), **_media(run)}


def promised(figure: Figure, baseline: float) -> float:
    """The least difference that is promised to be found, in the figure's unit."""
    return max(PROMISED[figure.unit], PROMISED_SHARE * abs(baseline))


def _steps(run: Run) -> Values:
    return {
        Figure("step", journey.name, f"{step.actor}: {step.name}", "ms"): step.latency_ms
        for journey in run.journeys
        if journey.attempt == 1
        for step in journey.steps
        if step.status == "passed" and step.latency_ms is not None
    }


def _endpoints(run: Run) -> Values:
    """By endpoint, over all journeys: the median of what a run asked."""
    taken: dict[str, list[float]] = defaultdict(list)
    for one in run.requests:
        if _counts(one) and one.duration_ms is not None:
            taken[f"{one.method} {one.endpoint}"].append(one.duration_ms)
    return {Figure("endpoint", "", name, "ms"): median(found) for name, found in taken.items()}


def _counts(one: Request) -> bool:
    return one.attempt == 1 and one.expected


def _media(run: Run) -> Values:
    found = {}
    for one in run.media:
        if one.attempt == 1 and _telling(one):
            what = f"{one.kind} of {one.from_} at {one.to}, {one.step}"
            for name, unit, value in _qualities(one):
                found[Figure("media", one.journey, f"{name}, {what}", unit)] = value
    return found


def _telling(one: Media) -> bool:
    """Whether what was received says something about the target."""
    ours = one.limited_by == "cpu" or (one.runner_busy or 0.0) > _TOO_BUSY
    return one.identity == "match" and not one.impaired and not ours


def _qualities(one: Media) -> Iterator[tuple[str, Unit, float]]:
    if one.fps is not None:
        yield "frames", "fps", one.fps
    if one.bitrate_kbps is not None and one.kind == "camera":
        # What a voice or a shared page sends depends on what is heard and drawn at that moment.
        yield "bitrate", "kbps", one.bitrate_kbps
    if one.glass_to_glass_ms is not None:
        yield "delay", "ms", one.glass_to_glass_ms.p50
    if one.mouth_to_ear_ms is not None:
        yield "sound's delay", "ms", one.mouth_to_ear_ms
