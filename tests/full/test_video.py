"""Pictures and voices: for a minute, switched off and on, refused, lost, and of a third person."""

import pytest

from synthetic.journeys.journey import Journey
from synthetic.journeys.media import observe, prove, prove_both_ways, prove_nothing
from synthetic.journeys.parts import create, join, meet
from synthetic.pytest_actors import SignedIn


@pytest.mark.full
def test_a_call_lasts_a_minute(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    met = meet(journey, host, guest)
    with journey.step("picture and sound last a minute", feature="video", actor=guest):
        window = observe(journey, [host, guest], after=met, seconds=60)
        prove_both_ways(journey, window, host, guest)


@pytest.mark.full
def test_camera_and_microphone_go_off_and_on(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    with journey.step("camera off", feature="video", actor=host) as step:
        gone = [host.room.without_camera_of(host), guest.room.without_camera_of(host)]
        step.act(host.room.camera_off, until=[host.room.dark, *gone])
    with journey.step("camera on", feature="video", actor=host) as step:
        back = [host.room.camera_of(host), guest.room.camera_of(host)]
        step.act(host.room.camera_on, until=[host.room.lit, *back])
    with journey.step("microphone muted", feature="video", actor=guest) as step:
        silent = host.room.without_voice_of(guest)
        step.act(guest.room.mute, until=[guest.room.muted, silent])
    with journey.step("microphone unmuted", feature="video", actor=guest) as step:
        step.act(guest.room.unmute, until=[guest.room.unmuted, host.room.voice_of(guest)])


@pytest.mark.full
def test_without_camera_one_is_heard(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host", devices=["microphone"]), signed_in("guest")
    create(journey, host)
    joining = join(journey, host, guest)
    with journey.step("heard without a camera", feature="video", actor=guest) as step:
        met = step.since(joining, until=[guest.room.voice_of(host), host.room.camera_of(guest)])
    with journey.step("no picture of a refused camera", feature="video", actor=guest):
        window = observe(journey, [host, guest], after=met)
        prove(journey, window, sender=guest, receiver=host, kinds=["camera", "microphone"])
        prove(journey, window, sender=host, receiver=guest, kinds=["microphone"])
        prove_nothing(window, sender=host, receiver=guest, kinds=["camera"])


@pytest.mark.full
def test_a_camera_lost_is_told(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    with journey.step("camera lost", feature="video", actor=host) as step:
        lost_ms = host.lose("video")
        gone = guest.room.without_camera_of(host)
        step.since_moment(lost_ms, until=[host.room.refusal, gone])
    with journey.step("heard on", feature="video", actor=guest) as heard:
        heard.since_moment(lost_ms, until=[guest.room.voice_of(host), host.room.voice_of(guest)])


@pytest.mark.full
def test_three_see_each_other(journey: Journey, signed_in: SignedIn) -> None:
    host, guest, third = signed_in("host"), signed_in("guest"), signed_in("third")
    meet(journey, host, guest)
    with journey.step("third joins", feature="session_join", actor=third) as joining:
        joining.act(
            lambda: third.join(host.room.invitation),
            until=[
                third.room.participant(host),
                third.room.participant(guest),
                host.room.participant(third),
                guest.room.participant(third),
            ],
        )
    with journey.step("third sees and is seen", feature="video", actor=third) as step:
        step.since(
            joining,
            until=[
                third.room.camera_of(host),
                third.room.camera_of(guest),
                host.room.camera_of(third),
                guest.room.camera_of(third),
            ],
        )
    with journey.step("third hears and is heard", feature="video", actor=third) as step:
        met = step.since(
            joining,
            until=[
                third.room.voice_of(host),
                third.room.voice_of(guest),
                host.room.voice_of(third),
                guest.room.voice_of(third),
            ],
        )
    with journey.step("each in their own tile", feature="video", actor=third):
        window = observe(journey, [host, guest, third], after=met)
        prove_both_ways(journey, window, host, guest, impaired="three in the call")
        prove_both_ways(journey, window, host, third, impaired="three in the call")
        prove_both_ways(journey, window, guest, third, impaired="three in the call")
