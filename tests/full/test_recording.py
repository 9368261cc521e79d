"""A recording from its start to its frames (plan, Part D, Recording Success Rate)."""

import pytest

from synthetic.journeys.journey import Journey
from synthetic.journeys.parts import meet
from synthetic.journeys.recording import check_recording, download, seen_in
from synthetic.pytest_actors import SignedIn
from synthetic.settings import Settings

SECONDS = 4.0


@pytest.mark.full
def test_a_recording_holds_both(
    journey: Journey, signed_in: SignedIn, run_settings: Settings
) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    patience_s = run_settings.recording_limit_s
    meet(journey, host, guest)
    with journey.step("recording initiated", feature="recording", actor=host) as step:
        started = step.act(host.room.record, until=[host.room.recording])
    host.dwell(started.ended_ms + SECONDS * 1000)
    with journey.step("recording completed", feature="recording", actor=host) as stop:
        stop.act(host.room.stop_recording, until=[host.room.recording_is("completed")])
    with journey.step("recording uploaded", feature="recording", actor=host) as step:
        step.since(stop, until=[host.room.recording_is("uploaded")])
    with journey.step(
        "recording processed", feature="recording", actor=host, limit_s=patience_s
    ) as step:
        step.since(stop, until=[host.room.recording_is("processed")])
    with journey.step("both are in the recording", feature="recording", actor=host):
        media = download(host, host.room.recording_link)
        check_recording(seen_in(host, media, SECONDS), [host, guest], SECONDS)
