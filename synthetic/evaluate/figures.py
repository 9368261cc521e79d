"""Single figures of a run that are past the plan's *alert* line: pure."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.plan.targets import (
    MediaTarget,
    certificate_alert_days,
    held_to,
    reconnect_alert_share,
    step_target,
)
from synthetic.results import Media, Run, Sample, Step
from synthetic.wording import milliseconds


def past_alert(run: Run) -> list[str]:
    """Every figure past its alert line, in words, such as ``leave took 6.2 s, over 5.0 s``.

    Media is judged where its identity stands and neither a processor of ours held it back nor
    the network was broken on purpose.
    """
    steps = (step for journey in run.journeys for step in journey.steps)
    return [
        *(words for step in steps for words in _step(step)),
        *(words for media in run.media for words in _media(media)),
        *_reconnects(run),
        *(words for sample in run.samples for words in _certificate(sample)),
    ]


def _step(step: Step) -> Iterator[str]:
    limit_ms = step_target(step.feature).alert_ms
    if step.latency_ms is not None and step.latency_ms > limit_ms:
        took, limit = milliseconds(step.latency_ms), milliseconds(limit_ms)
        yield f"{step.actor}: {step.name} took {took}, over {limit}"


def _media(media: Media) -> Iterator[str]:
    if media.identity != "match" or media.limited_by == "cpu" or media.impaired:
        return
    for value, target in held_to(media):
        if not target.alert.holds(value):
            yield f"{media.kind} {media.from_} → {media.to}: {_beyond(value, target)}"


def _reconnects(run: Run) -> Iterator[str]:
    pictures = [one for one in run.media if one.kind == "camera" and not one.impaired]
    lost = sum(bool(one.interruptions) for one in pictures)
    alert = reconnect_alert_share()
    if pictures and lost / len(pictures) > alert:
        yield f"{lost} of {len(pictures)} pictures lost their connection, over {alert * 100:g} %"


def _certificate(sample: Sample) -> Iterator[str]:
    least = certificate_alert_days()
    if sample.metric == "certificate_days" and sample.value < least:
        yield f"the certificate expires in {sample.value:.1f} days, under {least:g}"


def _beyond(value: float, target: MediaTarget) -> str:
    low = value < target.alert.min
    side, limit = ("under", target.alert.min) if low else ("over", target.alert.max)
    return f"{value:g} {target.unit}, {side} {limit:g}"
