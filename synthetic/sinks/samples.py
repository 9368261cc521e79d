"""A run as samples.

===================================  =====================================================
``synthetic_run_success``            1 for passed and degraded, 0 for failed; none if inconclusive
``synthetic_run_duration_seconds``   the whole run
``synthetic_step_success``           by journey, feature, step, actor: 1 passed, 0 failed
``synthetic_step_latency_ms``        by journey, feature, step, actor
``synthetic_request_duration_ms``    by endpoint, method, status; the slowest of the run
``synthetic_media_identity``         by journey, step, kind, from, to: 1 when the media is the
                                     other person's
``synthetic_media_…``                fps, bitrate_kbps, height, longest_gap_ms, packet_loss,
                                     round_trip_ms, jitter_ms, concealed, first_frame_ms,
                                     mouth_to_ear_ms, audio_video_offset_ms, interruptions,
                                     glass_to_glass_p50_ms / _p95_ms
``synthetic_page_…``                 by page, size: ttfb_ms, fcp_ms, lcp_ms, cls, inp_ms
===================================  =====================================================

Every sample is labelled ``location``, ``suite`` and ``target``. Only first attempts make samples
of steps and media: what confirms a failure is kept in the record, but bends no rate. What was
skipped, and what is not a number, makes none; nor does media over a network broken on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from synthetic.results import Media, Run, Sample

_MEDIA = (
    "fps",
    "bitrate_kbps",
    "height",
    "longest_gap_ms",
    "packet_loss",
    "round_trip_ms",
    "jitter_ms",
    "concealed",
    "first_frame_ms",
    "mouth_to_ear_ms",
    "audio_video_offset_ms",
    "interruptions",
)
_VITALS = ("ttfb_ms", "fcp_ms", "lcp_ms", "cls", "inp_ms")


def samples_of(run: Run) -> list[Sample]:
    """All samples of a finished run, at its end."""
    at = run.finished_at or run.started_at
    everywhere = {"location": run.location, "suite": run.suite, "target": run.target}
    return [
        Sample(metric=f"synthetic_{metric}", value=value, at=at, labels={**everywhere, **labels})
        for metric, value, labels in _figures(run)
        if isfinite(value)
    ]


def _figures(run: Run) -> Iterator[tuple[str, float, dict[str, str]]]:
    if run.verdict != "inconclusive":
        yield "run_success", float(run.verdict != "failed"), {}
    if run.duration_s is not None:
        yield "run_duration_seconds", run.duration_s, {}
    for journey in run.journeys:
        for step in journey.steps if journey.attempt == 1 else ():
            labels = {
                "journey": journey.name,
                "feature": step.feature,
                "step": step.name,
                "actor": step.actor,
            }
            if step.status != "skipped":
                yield "step_success", float(step.status == "passed"), labels
            if step.latency_ms is not None:
                yield "step_latency_ms", step.latency_ms, labels
    yield from _requests(run)
    for media in run.media:
        if media.attempt == 1 and not media.impaired:
            yield from _media(media)
    yield from _pages(run)


def _pages(run: Run) -> Iterator[tuple[str, float, dict[str, str]]]:
    for page in run.pages:
        for name in _VITALS:
            value = getattr(page, name)
            if page.attempt == 1 and value is not None:
                yield f"page_{name}", float(value), {"page": page.page, "size": page.size}


def _requests(run: Run) -> Iterator[tuple[str, float, dict[str, str]]]:
    slowest: dict[tuple[str, str, str], float] = {}
    for one in run.requests:
        if one.duration_ms is not None:
            key = (one.endpoint, one.method, str(one.status))
            slowest[key] = max(slowest.get(key, 0.0), one.duration_ms)
    for (endpoint, method, status), duration_ms in slowest.items():
        labels = {"endpoint": endpoint, "method": method, "status": status}
        yield "request_duration_ms", duration_ms, labels


def _media(media: Media) -> Iterator[tuple[str, float, dict[str, str]]]:
    labels = {
        "journey": media.journey,
        "step": media.step,
        "kind": media.kind,
        "from": media.from_,
        "to": media.to,
    }
    yield "media_identity", float(media.identity == "match"), labels
    for name in _MEDIA:
        value = getattr(media, name)
        if value is not None:
            yield f"media_{name}", float(value), labels
    if media.glass_to_glass_ms:
        yield "media_glass_to_glass_p50_ms", media.glass_to_glass_ms.p50, labels
        yield "media_glass_to_glass_p95_ms", media.glass_to_glass_ms.p95, labels
