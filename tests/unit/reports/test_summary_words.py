"""A failed journey is told in few words, however much was noted."""

from __future__ import annotations

import pytest

from synthetic.reports.baseline import Change
from synthetic.reports.summary_words import gist, purpose, telling
from tests.unit.reports.summaries import STORY

SAME = Change("deployment", "a", "a", notable=False)
NEW = Change("deployment", "b", "a", notable=True)
SLOW = Change("host: sign up", "3.0 s", "0.1 s", notable=True, ratio=30)
REFUSED = Change("POST /x", "500", "200", notable=True)
UNASKED = Change("POST /y", "not asked", "200", notable=True)


def test_a_long_story_is_told_by_its_ends() -> None:
    there = "looked for role=log; there was " + ", ".join(f"button {n}" for n in range(40))
    what = "Guest did not see the chat line 'Hello' within 15 s"
    assert gist(f"{what}; {there}. It goes on… The monitor works: a call stood.") == (
        f"{what}. The monitor works: a call stood.",
        f"{there}. It goes on…",
    )
    assert gist(STORY) == (STORY, "")
    assert gist("x" * 500) == ("x" * 500, "")


@pytest.mark.parametrize(
    ("responses", "deployment", "errors", "told"),
    [
        ([UNASKED, REFUSED], NEW, ["e"], "POST /x: 500; in the last good run 200"),
        ([UNASKED], NEW, ["e"], "a new error in the console: e"),
        ([], NEW, [], "another deployment answers: b, before it was a"),
        ([], SAME, [], "host: sign up took 3.0 s, before 0.1 s"),
    ],
)
def test_the_most_telling_difference_comes_first(
    responses: list[Change], deployment: Change, errors: list[str], told: str
) -> None:
    assert telling(responses, deployment, errors, [SLOW]) == told


def test_an_answer_that_was_none_tells_more_than_the_console_and_less_than_a_refusal() -> None:
    odd = ["GET /x, which answered text/html: <h1>"]
    assert telling([UNASKED], NEW, ["e"], [], odd) == odd[0]
    assert telling([REFUSED], NEW, ["e"], [], odd) == "POST /x: 500; in the last good run 200"


def test_where_nothing_differs_nothing_is_told() -> None:
    little = Change("host: sign up", "0.5 s", "0.2 s", notable=True, ratio=2.5)
    assert telling([little], SAME, [], [little]) is None


def test_every_file_says_what_it_is_for() -> None:
    assert purpose("screenshot.txt") == "why a piece of evidence is not there"
    assert "console" in purpose("console.txt")
    assert purpose("else.bin") == "kept by the run"
