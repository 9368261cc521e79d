"""The parts of a note: cut, harmless, and still saying what is the matter."""

from __future__ import annotations

import pytest

from synthetic.notify.channels import console, wording
from tests.notes import hostile, note, parcel


@pytest.mark.parametrize(
    ("event", "severity", "sign"),
    [
        ("opened", "critical", "🔴"),
        ("opened", "high", "🟠"),
        ("raised", "medium", "🟡"),
        ("joined", "low", "🔵"),
        ("opened", None, "⚪"),
        ("resolved", "critical", "✅"),
        ("acknowledged", "critical", "👀"),
    ],
)
def test_the_state_is_seen_before_it_is_read(event: str, severity: str, sign: str) -> None:
    assert wording.headline(note(event, severity=severity)).startswith(f"{sign} CRITICAL")


def test_a_stand_in_is_named_once() -> None:
    named = note(title="STAND-IN, not the product · Error rate", target="stand-in")
    assert wording.headline(named) == "🔴 STAND-IN, not the product · Error rate"


def test_a_story_keeps_its_lines_and_ends() -> None:
    assert wording.story(note(story="one\r\ntwo\x1b[31m\n"), 100) == "one\ntwo [31m"
    assert wording.story(note(story="x" * 900), 10) == "xxxxxxxxx…"


def test_facts_are_never_empty() -> None:
    assert wording.facts(note(facts=(("", "\x07"),)), most=5, longest=9) == [("–", "–")]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://", "http://[", "https://x.test/a b", "https://x.test/<!here>",
     'https://x.test/"', "https://x.test/\n", "//x.test", f"https://x.test/{'x' * 2000}", ""],
)  # fmt: skip
def test_what_is_no_web_address_is_no_link(address: str) -> None:
    assert wording.links(note(links=(("Look", address),)), 9) == []


def test_the_console_shows_headline_and_story() -> None:
    assert console.lines(parcel(story="first\nsecond")) == [
        "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test",
        "  first",
        "  second",
    ]


def test_the_console_obeys_nobody() -> None:
    told = "\n".join(console.lines(hostile()))
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert max(map(len, told.splitlines())) <= 100
