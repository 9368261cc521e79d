"""Quick Verification of the plan (Part A): what a person would do by hand in 15 minutes."""

import pytest

from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.media import observe, prove, prove_both_ways
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.parts import chat, log_in, meet, sign_up

CLIMBED_KBPS = 500  # plan, Part D, Video Bitrate: the least of its target


@pytest.mark.smoke
def test_two_people_meet(journey: Journey, host: Actor, guest: Actor, codes: OneTimeCodes) -> None:
    sign_up(journey, host, codes)
    log_in(journey, guest, codes)
    with journey.step("dashboard loads", feature="dashboard", actor=host) as step:
        step.go(host.dashboard.open, until=[host.dashboard.sessions, host.dashboard.create_button])

    met = meet(journey, host, guest)
    chat(journey, host, guest)
    with journey.step("picture and sound last", feature="video", actor=guest):
        window = observe(journey, [host, guest], after=met, until_kbps=CLIMBED_KBPS)
        prove_both_ways(journey, window, host, guest)

    host.prepare_screen()
    with journey.step("share screen", feature="screen_share", actor=host) as step:
        shared = step.act(host.room.share_screen, until=[guest.room.screen_of(host)])
    with journey.step("shared screen lasts", feature="screen_share", actor=guest):
        window = observe(journey, [host, guest], after=shared)
        prove(journey, window, sender=host, receiver=guest, kinds=["screen"])

    with journey.step("leave", feature="leave", actor=guest) as step:
        step.act(guest.room.leave, until=[guest.dashboard.signed_in, host.room.without(guest)])
