"""Pages as a person loads them: their web vitals, recorded."""

from __future__ import annotations

from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.results import Page


def look_at_pages(journey: Journey, host: Actor, *, size: str) -> None:
    """Load landing, dashboard and room anew and note how each did; ``size`` names the window's."""
    with journey.step("landing loads", feature="site", actor=host) as step:
        step.go(host.access.open, until=[host.access.landing])
        _note(journey, host, "landing", size)
    with journey.step("dashboard loads", feature="dashboard", actor=host) as step:
        step.go(host.dashboard.open, until=[host.dashboard.sessions, host.dashboard.create_button])
        _note(journey, host, "dashboard", size)
    title = journey.title("pages")
    with journey.step("create session", feature="session_create", actor=host) as step:
        step.act(lambda: host.dashboard.create(title), until=[host.room.title(title)])
    journey.created_session(owner=host)
    with journey.step("room loads", feature="session_join", actor=host) as step:
        step.go(host.room.reload, until=[host.room.title(title), host.room.participant(host)])
        _note(journey, host, "room", size)


def _note(journey: Journey, actor: Actor, page: str, size: str) -> None:
    figures = {name: value and round(value, 3) for name, value in actor.vitals().items()}
    journey.witness.page_seen(
        Page.model_validate(
            {
                "page": page,
                "size": size,
                "journey": journey.name,
                "attempt": journey.attempt,
                "step": journey.current,
                **figures,
            }
        )
    )
