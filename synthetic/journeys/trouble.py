"""What an actor's page had trouble with: told where no step waited for it, and where one did,
what it was that the product answered badly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from synthetic.browser.page_log import Exchange
from synthetic.errors import Refused, StepTimeout
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey

# The console repeats every refused request, which is told as such.
_REPEATED = "error: Failed to load resource"
_TOLD = ("error: ", "page error: ")
# A page may ask for something as we look.
_AWAITED_IN_VAIN = timedelta(seconds=1)
_CLOCKS_DIFFER = timedelta(milliseconds=100)


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


def explained(
    journey: Journey, actors: Sequence[Actor], error: Exception, *, since: datetime
) -> str:
    """What went wrong, with the first request since then that the product answered badly, or not.

    Where a page showed a refusal, or not what was awaited, that comes first: it is why.
    """
    amiss = _amiss(journey, actors, since - _CLOCKS_DIFFER)
    if not amiss:
        return str(error)
    if isinstance(error, Refused | StepTimeout):
        return f"{amiss}: {error}"
    return f"{error}; meanwhile {amiss}"


def _amiss(journey: Journey, actors: Sequence[Actor], since: datetime) -> str | None:
    met: dict[str, list[str]] = {}
    found = [
        (one.at, _said(one), actor.role)
        for actor in actors
        for one in (*actor.log.exchanges, *_in_vain(actor, journey.now()))
        if one.at >= since
        and actor.log.first_party(one.url)
        and not (one.good or journey.wants(one))
    ]
    for _, said, role in sorted(found):
        who = met.setdefault(said, [])
        if role not in who:
            who.append(role)
    return next((f"{said} ({', '.join(who)})" for said, who in met.items()), None)


def _in_vain(actor: Actor, now: datetime) -> list[Exchange]:
    return [one for one in actor.log.unanswered() if now - one.at > _AWAITED_IN_VAIN]


def _said(one: Exchange) -> str:
    if one.status is not None:
        return f"{one.method} {one.endpoint} answered {one.status}"
    return f"{one.method} {one.endpoint} had no answer"
