"""Whose fault a failure is, by what went wrong and what the controls say."""

import pytest

from synthetic.errors import (
    BrowserDied,
    MailboxError,
    NoCode,
    RateLimited,
    StepTimeout,
    SyntheticError,
    TargetUnreachable,
    WrongPicture,
)
from synthetic.journeys.origin import LONGEST_SENTENCE, settle
from synthetic.results import Control, Origin

ALL_WELL = ("machine+", "target+", "call+")


def controls(*signs: str) -> list[Control]:
    """``machine+`` works, ``machine-`` does not, ``machine?`` could not tell."""
    oks = {"+": True, "-": False, "?": None}
    return [Control(name=one[:-1], ok=oks[one[-1]], said=f"{one} said") for one in signs]


@pytest.mark.parametrize(
    ("error", "signs", "origin"),
    [
        (StepTimeout("no"), ALL_WELL, "target"),
        (StepTimeout("no"), (), "target"),
        (StepTimeout("no"), ("machine-", "target+", "call+"), "runner"),
        (StepTimeout("no"), ("machine+", "clock-", "target+"), "runner"),
        (StepTimeout("no"), ("machine+", "network-", "target+", "call+"), "runner"),
        (TargetUnreachable("no"), ("machine+", "network-", "target+"), "runner"),
        (NoCode("none", "a@x.test"), ("network-", "mail-"), "runner"),
        (StepTimeout("no"), ("network-", "target-"), "unknown"),
        (StepTimeout("no"), ("network-", "target-", "way out+", "call+"), "unknown"),
        (StepTimeout("no"), ("network-", "target-", "way out-"), "runner"),
        (StepTimeout("no"), ("machine+", "target-", "way out+"), "target"),
        (StepTimeout("no"), ("machine+", "target-", "way out-"), "runner"),
        (StepTimeout("no"), ("machine+", "target-", "way out?"), "unknown"),
        (WrongPicture("black"), ("machine+", "target+", "call-"), "runner"),
        (WrongPicture("black"), ("machine+", "target+", "udp-", "call+"), "runner"),
        (NoCode("none", "a@x.test"), ("machine+", "target+", "mail+"), "target"),
        (NoCode("none", "a@x.test"), ("machine+", "target+", "mail-"), "dependency"),
        (NoCode("none", "a@x.test"), ("machine+", "target+", "mail?"), "unknown"),
        (NoCode("none", "a@x.test"), ("machine-", "target+", "mail-"), "runner"),
        (MailboxError("down"), ("machine+", "target+"), "dependency"),
        (MailboxError("down"), ("machine+", "target-", "way out-"), "runner"),
        (MailboxError("down"), ("machine+", "call-"), "dependency"),
        (BrowserDied("gone"), (), "runner"),
        (RateLimited("429"), (), "unknown"),
        (ValueError("what?"), (), "runner"),
    ],
)
def test_who_is_blamed(error: Exception, signs: tuple[str, ...], origin: Origin) -> None:
    assert settle(error, str(error), controls(*signs)).origin == origin


@pytest.mark.parametrize(
    ("error", "signs", "why"),
    [
        (WrongPicture("x"), ALL_WELL, "The monitor works: call+ said."),
        (WrongPicture("x"), ("machine+",), "The monitor works: machine+ said."),
        (WrongPicture("x"), ("call-", "udp-"), "But it is not the product's: call- said; udp-"),
        (
            NoCode("x", "a@x.test"),
            ("mail?",),
            "Whose fault it is could not be settled: mail? said.",
        ),
        (
            StepTimeout("x"),
            ("network-", "target-", "way out+"),
            "Whose fault it is could not be settled: network- said; target- said.",
        ),
        (MailboxError("x"), ("target-", "way out-"), "It is our own network: way out- said."),
        (BrowserDied("x"), (), "That is trouble of our own, and says nothing about the product."),
    ],
)
def test_the_second_sentence_says_why(
    error: SyntheticError, signs: tuple[str, ...], why: str
) -> None:
    assert settle(error, "It broke", controls(*signs)).why.startswith(why)


def test_the_story_is_two_sentences_without_line_breaks_and_capped() -> None:
    ruling = settle(StepTimeout("x"), "it\nbroke " * 500, controls("call+"))
    assert ruling.what.startswith("it broke it broke")
    assert len(ruling.what) == LONGEST_SENTENCE
    assert ruling.story == f"{ruling.what} The monitor works: call+ said."


@pytest.mark.parametrize("end", [".", "!", "?", ".'", '."'])
def test_a_sentence_that_ends_is_ended_no_further(end: str) -> None:
    assert settle(RateLimited("x"), f"it said no{end}", ()).what.endswith(f"no{end}")


def test_what_the_controls_said_is_kept() -> None:
    said = controls(*ALL_WELL)
    assert settle(StepTimeout("x"), "x", said).controls == tuple(said)
