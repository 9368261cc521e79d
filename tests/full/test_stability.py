"""A network that breaks: how soon the other person is back, and what survives."""

import pytest

from synthetic.journeys.journey import Journey
from synthetic.journeys.media import observe, prove_both_ways
from synthetic.journeys.parts import meet
from synthetic.media.relay import Network
from synthetic.pytest_actors import SignedIn

BACK_WITHIN_S = 40


@pytest.mark.full
def test_people_come_back_after_a_cut(
    journey: Journey, network: Network, signed_in: SignedIn
) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    back = [guest.room.camera_of(host), host.room.camera_of(guest)]
    with journey.step(
        "back after 3 s", feature="reconnect", actor=guest, limit_s=BACK_WITHIN_S
    ) as step:
        with network.cut(guest, seconds=3) as cut:
            pass
        step.since_moment(cut.over_ms, until=back)
    with journey.step(
        "back after 10 s", feature="reconnect", actor=guest, limit_s=BACK_WITHIN_S
    ) as step:
        with network.cut(guest, seconds=10) as cut:
            pass
        step.since_moment(cut.over_ms, until=back)
    with journey.step(
        "back after 30 s", feature="reconnect", actor=guest, limit_s=BACK_WITHIN_S
    ) as step:
        with network.cut(guest, seconds=30) as cut:
            pass
        met = step.since_moment(cut.over_ms, until=back)
    with journey.step("all is as before", feature="reconnect", actor=guest):
        window = observe(journey, [host, guest], after=met)
        prove_both_ways(journey, window, host, guest, impaired="cut before")


@pytest.mark.full
def test_a_call_survives_a_poor_network(
    journey: Journey, network: Network, signed_in: SignedIn
) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    met = meet(journey, host, guest)
    back = [guest.room.camera_of(host), host.room.camera_of(guest)]
    with journey.step("5 % of packets lost", feature="video", actor=guest):
        with network.lossy(guest, 0.05):
            window = observe(journey, [host, guest], after=met, seconds=3)
        prove_both_ways(journey, window, host, guest, impaired="loss 5 %")
    with journey.step("20 % of packets lost", feature="video", actor=guest):
        with network.lossy(guest, 0.2) as loss:
            window = observe(journey, [host, guest], after=met, seconds=6)
        prove_both_ways(journey, window, host, guest, impaired="loss 20 %", may_freeze=True)
    with journey.step("back after heavy loss", feature="reconnect", actor=guest) as step:
        step.since_moment(loss.over_ms, until=back)
    with journey.step("held to 300 kbps", feature="video", actor=guest):
        with network.held_to(guest, 300):
            window = observe(journey, [host, guest], after=met, seconds=6)
        prove_both_ways(journey, window, host, guest, impaired="300 kbps")
