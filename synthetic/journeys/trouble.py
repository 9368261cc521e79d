"""What an actor's page had trouble with and no step waited for: told, and no reason to fail."""

from __future__ import annotations

from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey

# The console repeats every refused request, which is told as such.
_REPEATED = "error: Failed to load resource"
_TOLD = ("error: ", "page error: ")


def tell_trouble(journey: Journey, actor: Actor) -> None:
    """Note the console's errors and the requests that failed unannounced, each once."""
    said = [text for text in actor.log.console if text.startswith(_TOLD)]
    for text in dict.fromkeys(text for text in said if not text.startswith(_REPEATED)):
        journey.tell("console", actor.role, text)
    failed = [one for one in actor.log.exchanges if not (one.good or journey.wants(one))]
    for text in dict.fromkeys(
        f"{one.method} {one.endpoint}: {one.status or 'no answer'}" for one in failed
    ):
        journey.tell("request", actor.role, text)
