"""Parts that journeys share: getting in, and meeting."""

from __future__ import annotations

from synthetic.browser.stopwatch import Lap
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.step import OpenStep


def sign_up(journey: Journey, actor: Actor, codes: OneTimeCodes) -> None:
    """A fresh address becomes an account, signed in on the dashboard."""
    with journey.step("sign-up form opens", feature="signup", actor=actor) as step:
        actor.access.open()
        step.act(actor.access.open_sign_up, until=[actor.access.form])
    with journey.step("sign-up code arrives", feature="signup", actor=actor) as step:
        code = codes.arrives(journey, step, actor)
    with journey.step("sign up", feature="signup", actor=actor) as step:
        step.act(lambda: actor.access.enter_code(code), until=[actor.dashboard.signed_in])


def log_in(journey: Journey, actor: Actor, codes: OneTimeCodes) -> None:
    """A standing account, signed in on the dashboard."""
    code = ask_to_log_in(journey, actor, codes)
    with journey.step("log in", feature="login", actor=actor) as step:
        step.act(lambda: actor.access.enter_code(code), until=[actor.dashboard.signed_in])


def ask_to_log_in(journey: Journey, actor: Actor, codes: OneTimeCodes) -> str:
    """The code that a standing account was mailed, its form still waiting."""
    with journey.step("log-in form opens", feature="login", actor=actor) as step:
        actor.access.open()
        step.act(actor.access.open_log_in, until=[actor.access.form])
    with journey.step("log-in code arrives", feature="login", actor=actor) as step:
        return codes.arrives_for_standing(journey, step, actor)


def create(journey: Journey, host: Actor) -> None:
    """A session is created, and its creator waits in the room."""
    with journey.beginning():
        journey.admit()
    title = journey.title("two people meet")
    with journey.step("create session", feature="session_create", actor=host) as step:
        step.act(lambda: host.dashboard.create(title), until=[host.room.title(title)])
        journey.created_session(owner=host)
    with journey.beginning():
        host.room.enter()


def join(journey: Journey, host: Actor, guest: Actor) -> OpenStep:
    """The guest joins by link, and both are on both lists; the step counts from the gesture."""
    with journey.step("join session", feature="session_join", actor=guest) as step:
        step.act(
            lambda: guest.join(host.room.invitation),
            until=[guest.room.participant(host), host.room.participant(guest)],
        )
    return step


def meet(journey: Journey, host: Actor, guest: Actor) -> Lap:
    """A session is created and joined by its link, and the two see and hear each other.

    Returns the wait for the two first pictures, counted from the guest's gesture.
    """
    create(journey, host)
    joining = join(journey, host, guest)
    with journey.step("video both ways", feature="video", actor=guest) as step:
        met = step.since(joining, until=[guest.room.camera_of(host), host.room.camera_of(guest)])
    with journey.step("hear each other", feature="video", actor=guest) as step:
        step.since(joining, until=[guest.room.voice_of(host), host.room.voice_of(guest)])
    return met


def chat(journey: Journey, host: Actor, guest: Actor) -> None:
    """One line each way."""
    hello, answer = journey.line("Hello from the host"), journey.line("Hello from the guest")
    with journey.step("chat, host to guest", feature="chat", actor=host) as step:
        step.act(lambda: host.room.send(hello), until=[guest.room.message(hello)])
    with journey.step("chat, guest to host", feature="chat", actor=guest) as step:
        step.act(lambda: guest.room.send(answer), until=[host.room.message(answer)])
