"""The page of what is detected: what was missed comes first, and what was never run is told."""

from __future__ import annotations

from tests.detection.detection import Detection
from tests.detection.table import markdown


def found(
    fault: str, got: str = "failed | target | chat | chat, host to guest", told: str = "minor"
) -> Detection:
    return Detection(
        fault=fault,
        breaks=f"{fault} | breaks",
        wanted="failed | target | chat | chat, host to guest",
        got=got,
        caught_ms=1234.0,
        said="",
        due="minor",
        told=told,
    )


def test_what_was_caught_says_by_what_and_after_how_long() -> None:
    page = markdown([found("a")], ["a"])
    assert (
        "**1 of 1 faults caught by the right step, blamed and told rightly**, half of them" in page
    )
    assert (
        "| `a` | a \\| breaks | failed · target · chat · chat, host to guest | 1.2 s | minor |"
        in page
    )
    assert "Missed" not in page
    assert "Not run" not in page


def test_what_was_missed_stands_first_with_what_was_wanted() -> None:
    page = markdown([found("a"), found("b", "passed | - | - | -")], ["a", "b"])
    assert "**1 of 2 faults" in page
    assert page.index("## Missed") < page.index("## Caught")
    assert "passed · - · - · - (wanted: failed · target" in page


def test_what_nobody_was_told_is_missed() -> None:
    page = markdown([found("a", told="nobody")], ["a"])
    assert "nobody (due: minor)" in page[page.index("## Missed") : page.index("## Caught")]


def test_what_was_never_run_is_told() -> None:
    assert "## Not run\n\n`b`, `c`" in markdown([found("a")], ["a", "b", "c"])
