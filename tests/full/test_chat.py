"""Chat, as two people in a session use it."""

from functools import partial

import pytest

from synthetic.journeys.contents import chat_is_in_order, shown_as_text
from synthetic.journeys.journey import Journey
from synthetic.journeys.parts import chat, meet
from synthetic.pytest_actors import SignedIn

LINES = 50
UNICODE = "Grüße, 日本語, العربية, ⟨𝕏⟩, 👩‍👩‍👧‍👦 and 🏳️‍🌈"
MARKUP = "<b>bold</b> <img src=x onerror=alert(1)> &amp; <script>alert(2)</script>"


@pytest.mark.full
def test_lines_arrive_both_ways(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    chat(journey, host, guest)
    odd, markup = journey.line(UNICODE), journey.line(MARKUP)
    with journey.step("every script arrives", feature="chat", actor=host) as step:
        step.act(lambda: host.room.send(odd), until=[guest.room.message(odd)])
    with journey.step("markup arrives as text", feature="chat", actor=guest) as step:
        arrives = partial(
            step.act, lambda: guest.room.send(markup), until=[host.room.message(markup)]
        )
        shown_as_text(host, "b, img, script", arrives)
    with journey.step("history after a reload", feature="chat", actor=guest) as step:
        step.go(guest.room.reload, until=[guest.room.message(odd), guest.room.message(markup)])
    with journey.step("over-long line refused", feature="chat", actor=guest) as step:
        journey.expects("/api/messages/send", 413)
        step.is_refused(lambda: guest.room.send("endless " * 400))


@pytest.mark.full
def test_a_burst_keeps_its_order(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    lines = [journey.line(f"line {number:02} of {LINES}") for number in range(1, LINES + 1)]
    with journey.step("burst arrives", feature="chat", actor=host) as step:
        for line in lines[:-1]:
            step.act(partial(host.room.send, line), until=[host.room.message(line)])
        step.act(lambda: host.room.send(lines[-1]), until=[guest.room.message(lines[-1])])
        chat_is_in_order(guest, lines)
