"""A code is matched by address and time, and found in the text around it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from synthetic.errors import StepTimeout
from synthetic.inbox.codes import Code, find_code, wait_for_code
from synthetic.inbox.model import Mail, readable, same_address

ASKED = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME = "host+run7@example.org"


def mail(text: str, subject: str = "Hello", at_s: float = 1.0, sent_s: float | None = None) -> Mail:
    """A mail received ``at_s`` seconds after the code was asked for."""
    sent_at = None if sent_s is None else ASKED + timedelta(seconds=sent_s)
    return Mail(f"{at_s}", (ME,), subject, text, ASKED + timedelta(seconds=at_s), sent_at)


class Clocked:
    """A mailbox in which mails appear by its own clock, which only waiting moves."""

    resolution_s = 0.001

    def __init__(self, *mails: Mail, appear_late_s: float = 0) -> None:
        self.now = ASKED
        self.mails = mails
        self.appear_late = timedelta(seconds=appear_late_s)

    def ids_to(self, address: str) -> frozenset[str]:
        return frozenset(mail.id for mail in self.mails_to(address))

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        there = [mail for mail in self.mails if mail.received_at + self.appear_late <= self.now]
        return [mail for mail in there if address in mail.to and mail.id not in but]

    def wait(self, timeout_s: float) -> None:
        self.now += timedelta(seconds=min(timeout_s, 0.05))

    def close(self) -> None:
        """Nothing to close."""


def code(mailbox: Clocked, address: str = ME, timeout_s: float = 5) -> Code:
    seen = mailbox.ids_to(address)
    return wait_for_code(
        mailbox,
        address,
        since=ASKED,
        seen_before=seen,
        timeout_s=timeout_s,
        clock=lambda: mailbox.now,
    )


@pytest.mark.parametrize(
    ("subject", "text", "wanted"),
    [
        ("Hello", "Your code is 493817", "493817"),
        ("493817 is your Kulti code", "Good for 5 minutes", "493817"),
        ("Sign in", "Hello,\n\n  4938  \n\n© 2026 Kulti", "4938"),
        ("Sign in", "Your code: 493 817.", "493817"),
        ("Sign in", "Your code: 493-817", "493817"),
        ("Sign in", "Call +49 30 1234567 for help. Your code is 49381702", "49381702"),
        ("Sign in", "Call 030 1234567. One-time password: 4938", "4938"),
        ("Sign in", "Order 123456 of 2026.\nEnter this verification code:\n493817", "493817"),
        ("Sign in", "The code is 2026", "2026"),
        ("Sign in", "© 2026 Kulti", None),
        ("Sign in", "https://kulti.example.org/verify?code=123456", None),
        ("Sign in", "Paid 1234.50 on 2026-11-23 at 12:00", None),
        ("Sign in", "Welcome!", None),
    ],
)
def test_the_code_is_told_from_other_figures(subject: str, text: str, wanted: str | None) -> None:
    assert find_code(mail(text, subject)) == wanted


def test_an_unusual_code_is_found_by_its_pattern() -> None:
    assert find_code(mail("Your code: AB-12"), r"code: (\w\w-\d\d)") == "AB-12"
    assert find_code(mail("Your code: 493817"), r"[A-Z]{2}-\d\d") is None


def test_a_colour_of_the_style_sheet_is_no_code() -> None:
    html = "<style>p { color: #123456 }</style><p>Your code</p><td>4938</td><td>17</td>"
    assert readable("", html).split() == ["Your", "code", "4938", "17"]


def test_addresses_are_one_with_their_tag_and_whatever_their_case() -> None:
    assert same_address("Host+Run7@Example.org", ME)
    assert not same_address("host@example.org", ME)


def test_a_code_carries_the_mailboxs_stamp_not_the_moment_of_the_look() -> None:
    assert code(Clocked(mail("Code 493817", at_s=1.02))).received_at == ASKED + timedelta(
        seconds=1.02
    )


def test_a_stamp_from_after_the_look_is_a_wrong_clock_and_not_believed() -> None:
    mailbox = Clocked(mail("Code 493817", at_s=9), appear_late_s=-8)
    assert code(mailbox).received_at == mailbox.now == ASKED + timedelta(seconds=1)


def test_a_stamp_of_whole_seconds_is_not_believed() -> None:
    mailbox = Clocked(mail("Code 493817", at_s=1), appear_late_s=0.5)
    mailbox.resolution_s = 1.0
    assert code(mailbox).received_at == ASKED + timedelta(seconds=1.5)


def test_a_mail_stamped_before_the_request_is_older_though_it_appears_later() -> None:
    mails = mail("Code 111111", at_s=-3), mail("Code 493817", at_s=1)
    found = code(Clocked(*mails, appear_late_s=3.5))
    assert (found.value, found.mails_seen) == ("493817", 1)


def test_a_mail_sent_for_an_earlier_request_is_older_though_it_arrives_later() -> None:
    mails = mail("Code 111111", at_s=1, sent_s=-90), mail("Code 493817", at_s=2, sent_s=1)
    assert code(Clocked(*mails)).value == "493817"


def test_a_targets_clock_that_is_somewhat_slow_does_no_harm() -> None:
    assert code(Clocked(mail("Code 493817", sent_s=-20))).value == "493817"


def test_of_two_new_mails_the_newest_counts() -> None:
    mails = mail("Code 111111", at_s=1.01), mail("Code 493817", at_s=1.02)
    found = code(Clocked(*mails))
    assert (found.value, found.mails_seen) == ("493817", 2)


def test_a_mail_without_a_code_does_not_end_the_wait() -> None:
    mails = mail("Welcome!", at_s=1), mail("Code 493817", at_s=2)
    assert code(Clocked(*mails)).value == "493817"


def test_no_mail_at_all_is_the_targets_fault_and_says_that_the_mailbox_works() -> None:
    with pytest.raises(StepTimeout, match=r"within 5 s .* the mailbox works and holds none"):
        code(Clocked())


def test_only_older_mails_are_counted() -> None:
    with pytest.raises(StepTimeout, match="holds 2 older to this address, not used"):
        code(Clocked(mail("Code 111111", at_s=-9), mail("Code 222222", at_s=-5)))


def test_only_mails_without_a_code_are_said_to_be_so() -> None:
    with pytest.raises(StepTimeout, match=r"1 came without a code in it; see .*CODE_PATTERN"):
        code(Clocked(mail("Welcome!")))


def test_a_mail_after_the_limit_is_too_late() -> None:
    with pytest.raises(StepTimeout):
        code(Clocked(mail("Code 493817", at_s=1.2)), timeout_s=1)


def test_a_code_does_not_print() -> None:
    shown = repr(mail("Code 493817", "493817")) + repr(Code("493817", ASKED, 1))
    assert "493817" not in shown
