"""Which span of the run's trace the actors' requests belong to while a journey goes on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.tracing import carry
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.sinks import trace_ids


def before_steps(journey: Journey) -> str:
    """The ``traceparent`` of a journey whose first step has not begun."""
    span = trace_ids.journey_span(journey.run_id, journey.name, journey.attempt)
    return trace_ids.traceparent(journey.run_id, span)


def step_begins(journey: Journey, actors: Iterable[Actor], number: int) -> None:
    """From now on requests belong to the step before which ``number`` others came."""
    span = trace_ids.step_span(journey.run_id, journey.name, journey.attempt, number)
    parent = trace_ids.traceparent(journey.run_id, span)
    for actor in actors:
        with suppress(PlaywrightError):  # of a browser that died, the step will say so
            carry(actor.context, actor.stage.base_url, parent)
