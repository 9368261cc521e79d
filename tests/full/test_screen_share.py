"""A shared screen: its real content, its resolution, its end, and its refusal."""

import pytest

from synthetic.journeys.journey import Journey
from synthetic.journeys.media import observe, prove
from synthetic.journeys.parts import create, meet
from synthetic.pytest_actors import SignedIn


@pytest.mark.full
def test_a_screen_is_shared_and_no_longer(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    host.prepare_screen()
    with journey.step("share screen", feature="screen_share", actor=host) as step:
        shared = step.act(host.room.share_screen, until=[guest.room.screen_of(host)])
    with journey.step("shared screen lasts", feature="screen_share", actor=guest):
        window = observe(journey, [host, guest], after=shared)
        prove(journey, window, sender=host, receiver=guest, kinds=["screen", "camera"])
    with journey.step("stop sharing", feature="screen_share", actor=host) as step:
        gone = guest.room.without_screen_of(host)
        stopped = step.act(host.room.stop_sharing, until=[gone, host.room.can_share])
    with journey.step("camera is back", feature="screen_share", actor=guest):
        window = observe(journey, [host, guest], after=stopped)
        prove(journey, window, sender=host, receiver=guest, kinds=["camera"])


@pytest.mark.full
def test_sharing_refused_is_told(journey: Journey, signed_in: SignedIn) -> None:
    host = signed_in("host")
    create(journey, host)
    host.refuse_screen()
    with journey.step("refusal to share is told", feature="screen_share", actor=host) as step:
        step.is_refused(host.room.share_screen)
