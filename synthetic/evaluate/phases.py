"""Which phase of the plan holds at a moment, and how often things are done in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from synthetic.plan.model import Phase, PhaseSpan, Plan, seconds


def phase_at(plan: Plan, launch_at: datetime | None, now: datetime) -> Phase:
    """The phase: ``steady`` before the launch, and when no launch is set."""
    span = _span(plan, launch_at, now)
    return span.name if span else "steady"


def cadence(plan: Plan, launch_at: datetime | None, now: datetime) -> Mapping[str, float]:
    """Seconds between things done regularly, by name, as the phase wants them now.

    Of the moments of the phase from which a cadence is given, the latest that has come counts.
    """
    span = _span(plan, launch_at, now)
    if span is None or launch_at is None:
        span = next((one for one in plan.phases if one.name == "steady"), None)
        return _latest(span, float("inf")) if span else {}
    return _latest(span, (now - launch_at).total_seconds() - span.begins)


def _span(plan: Plan, launch_at: datetime | None, now: datetime) -> PhaseSpan | None:
    if launch_at is None:
        return None
    elapsed = (now - launch_at).total_seconds()
    for span in plan.phases:
        if span.begins <= elapsed and (span.ends is None or elapsed < span.ends):
            return span
    return None


def _latest(span: PhaseSpan, elapsed: float) -> Mapping[str, float]:
    begun = {float(str(seconds(text))): every for text, every in span.every.items()}
    come = [begins for begins in begun if begins <= elapsed]
    return begun[max(come)] if come else {}
