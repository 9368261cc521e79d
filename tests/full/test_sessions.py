"""Sessions: what may be joined, by whom, and that two of them never cross."""

import pytest

from synthetic.journeys.contents import chat_lacks, is_not_listed
from synthetic.journeys.journey import Journey
from synthetic.journeys.media import observe, prove_both_ways, prove_nothing
from synthetic.journeys.parts import create, meet
from synthetic.pytest_actors import FillSession, SignedIn


@pytest.mark.full
def test_titles_are_checked(journey: Journey, signed_in: SignedIn) -> None:
    host = signed_in("host")
    with journey.step("blank title refused", feature="session_create", actor=host) as step:
        journey.expects("/api/sessions/create", 422)
        step.is_refused(lambda: host.dashboard.create("   "))
    with journey.step("endless title refused", feature="session_create", actor=host) as step:
        journey.expects("/api/sessions/create", 413)
        step.is_refused(lambda: host.dashboard.create("endless " * 100))


@pytest.mark.full
def test_a_session_is_listed_for_its_people_only(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    create(journey, host)
    title = journey.title("two people meet")
    with journey.step("created session listed", feature="dashboard", actor=host) as step:
        step.go(host.dashboard.open, until=[host.dashboard.session(title)])
    with journey.step("not listed for others", feature="dashboard", actor=guest) as step:
        step.go(guest.dashboard.open, until=[guest.dashboard.sessions])
        is_not_listed(guest, title)


@pytest.mark.full
def test_an_unknown_session_is_refused(journey: Journey, signed_in: SignedIn) -> None:
    guest = signed_in("guest")
    with journey.step("unknown session refused", feature="session_join", actor=guest) as step:
        journey.expects("/api/sessions/join", 404)
        step.is_refused(lambda: guest.dashboard.join("zzz-zzzz-zzz"))


@pytest.mark.full
def test_an_ended_session_is_refused(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    create(journey, host)
    invitation = host.room.invitation
    with journey.step("end session", feature="leave", actor=host) as step:
        step.act(host.room.end, until=[host.dashboard.signed_in])
    with journey.step("ended session refused", feature="session_join", actor=guest) as step:
        journey.expects("/api/sessions/join", 410)
        step.is_refused(lambda: guest.dashboard.join(invitation))


@pytest.mark.full
def test_a_full_session_is_refused(
    journey: Journey, signed_in: SignedIn, fill_session: FillSession
) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    create(journey, host)
    with journey.step("full session refused", feature="session_join", actor=guest) as step:
        fill_session(host)
        journey.expects("/api/sessions/join", 409)
        step.is_refused(lambda: guest.dashboard.join(host.room.invitation))


@pytest.mark.full
def test_a_late_joiner_sees_people_and_history(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    early = journey.line("Said before anybody came")
    create(journey, host)
    with journey.step("chat alone", feature="chat", actor=host) as step:
        step.act(lambda: host.room.send(early), until=[host.room.message(early)])
    with journey.step("join by code, late", feature="session_join", actor=guest) as step:
        code = host.room.code
        step.act(
            lambda: guest.join(code),
            until=[guest.room.participant(host), guest.room.message(early)],
        )


@pytest.mark.full
def test_who_leaves_may_come_back(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    invitation = host.room.invitation
    with journey.step("leave", feature="leave", actor=guest) as step:
        step.act(guest.room.leave, until=[guest.dashboard.signed_in, host.room.without(guest)])
    with journey.step("rejoin", feature="session_join", actor=guest) as rejoin:
        rejoin.act(
            lambda: guest.join(invitation),
            until=[guest.room.participant(host), host.room.participant(guest)],
        )
    with journey.step("video again", feature="video", actor=guest) as step:
        step.since(rejoin, until=[guest.room.camera_of(host), host.room.camera_of(guest)])


@pytest.mark.full
def test_two_sessions_do_not_cross(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    third, fourth = signed_in("third"), signed_in("fourth")
    meet(journey, host, guest)
    met = meet(journey, third, fourth)
    with journey.step("each sees their own", feature="video", actor=guest):
        window = observe(journey, [host, guest, third, fourth], after=met)
        prove_both_ways(journey, window, host, guest, impaired="two calls at once")
        prove_both_ways(journey, window, third, fourth, impaired="two calls at once")
    with journey.step("nobody sees strangers", feature="video", actor=guest):
        for receiver, stranger in [(host, third), (guest, fourth), (third, host), (fourth, guest)]:
            prove_nothing(window, sender=stranger, receiver=receiver)
    line = journey.line("For one session only")
    with journey.step("chat stays inside", feature="chat", actor=host) as step:
        step.act(lambda: host.room.send(line), until=[guest.room.message(line)])
        chat_lacks(third, line)
