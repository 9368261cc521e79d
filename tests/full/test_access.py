"""Getting in, and being kept out, as the plan's full smoke test asks."""

import pytest

from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.parts import ask_to_log_in

WRONG = "000000"


@pytest.mark.full
def test_a_malformed_address_is_refused(journey: Journey, host: Actor) -> None:
    host.access.open()
    with journey.step("sign-up form opens", feature="signup", actor=host) as step:
        step.act(host.access.open_sign_up, until=[host.access.form])
    with journey.step("malformed address refused", feature="signup", actor=host) as step:
        journey.expects("/api/auth/signup", 422)
        step.is_refused(lambda: host.access.request_code("nobody@nowhere"))


@pytest.mark.full
def test_a_wrong_code_is_refused(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    code = ask_to_log_in(journey, guest, codes)
    with journey.step("wrong code refused", feature="login", actor=guest) as step:
        journey.expects("/api/auth/verify-otp", 401)
        wrong = WRONG if code != WRONG else WRONG[::-1] + "1"
        step.is_refused(lambda: guest.access.enter_code(wrong))
    with journey.step("log in", feature="login", actor=guest) as step:
        step.act(lambda: guest.access.enter_code(code), until=[guest.dashboard.signed_in])
