"""Chat, as two people in a session use it."""

import pytest

from synthetic.journeys.journey import Journey
from synthetic.journeys.parts import chat, meet
from synthetic.pytest_actors import SignedIn


@pytest.mark.full
def test_lines_arrive_both_ways(journey: Journey, signed_in: SignedIn) -> None:
    host, guest = signed_in("host"), signed_in("guest")
    meet(journey, host, guest)
    chat(journey, host, guest)
