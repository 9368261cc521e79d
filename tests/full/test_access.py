"""Getting in, and being kept out, as the plan's full smoke test asks."""

import pytest

from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.parts import ask_to_log_in, log_in

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
def test_a_second_sign_up_is_refused(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    log_in(journey, guest, codes)
    with journey.step("log out", feature="login", actor=guest) as step:
        step.act(guest.dashboard.log_out, until=[guest.access.landing])
    with journey.step("sign-up form opens", feature="signup", actor=guest) as step:
        step.act(guest.access.open_sign_up, until=[guest.access.form])
    with journey.step("second sign-up refused", feature="signup", actor=guest) as step:
        journey.expects("/api/auth/signup", 409)
        step.is_refused(lambda: guest.access.request_code(guest.email))


@pytest.mark.full
def test_a_wrong_code_is_refused(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    code = ask_to_log_in(journey, guest, codes)
    with journey.step("wrong code refused", feature="login", actor=guest) as step:
        journey.expects("/api/auth/verify-otp", 401)
        wrong = WRONG if code != WRONG else WRONG[::-1] + "1"
        step.is_refused(lambda: guest.access.enter_code(wrong), guest.dashboard.signed_in)
    with journey.step("log in", feature="login", actor=guest) as step:
        step.act(lambda: guest.access.enter_code(code), until=[guest.dashboard.signed_in])


@pytest.mark.full
def test_a_used_code_is_refused(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    used = ask_to_log_in(journey, guest, codes)
    with journey.step("log in", feature="login", actor=guest) as step:
        step.act(lambda: guest.access.enter_code(used), until=[guest.dashboard.signed_in])
    with journey.step("log out", feature="login", actor=guest) as step:
        step.act(guest.dashboard.log_out, until=[guest.access.landing])
    code = ask_to_log_in(journey, guest, codes)
    with journey.step("used code refused", feature="login", actor=guest) as step:
        codes.differ(used, code)
        journey.expects("/api/auth/verify-otp", 401)
        step.is_refused(lambda: guest.access.enter_code(used), guest.dashboard.signed_in)
    with journey.step("log in again", feature="login", actor=guest) as step:
        step.act(lambda: guest.access.enter_code(code), until=[guest.dashboard.signed_in])


@pytest.mark.full
def test_an_expired_code_is_refused(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    code = ask_to_log_in(journey, guest, codes)
    with journey.step("expired code refused", feature="login", actor=guest) as step:
        codes.expires(guest)
        journey.expects("/api/auth/verify-otp", 410)
        step.is_refused(lambda: guest.access.enter_code(code), guest.dashboard.signed_in)


@pytest.mark.full
def test_a_code_is_sent_again(journey: Journey, guest: Actor, codes: OneTimeCodes) -> None:
    ask_to_log_in(journey, guest, codes)
    with journey.step("another code arrives", feature="login", actor=guest) as step:
        code = codes.arrives_again(journey, step, guest)
    with journey.step("log in", feature="login", actor=guest) as step:
        step.act(lambda: guest.access.enter_code(code), until=[guest.dashboard.signed_in])
