"""What a chat and a recording hold, beyond what was awaited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from synthetic.errors import Leak, StepTimeout, WrongContent
from synthetic.journeys.actor import Actor
from synthetic.journeys.contents import chat_is_in_order, chat_lacks, shown_as_text
from synthetic.journeys.recording import check_recording

LINES = ("line 01", "line 02", "line 03")


@dataclass
class Room:
    """A chat with that text; ``elements`` are what it is made of."""

    chat_text: str
    elements: tuple[str, ...] = ()

    def chat_holds(self, css: str) -> bool:
        return any(name in css.split(", ") for name in self.elements)


@dataclass
class Someone:
    """As far as these checks look."""

    room: Any = field(default_factory=lambda: Room(""))
    role: str = "guest"
    index: int = 1


def someone(text: str = "", *elements: str) -> Actor:
    return cast("Actor", Someone(Room(text, elements)))


def test_a_line_of_another_session_is_told() -> None:
    chat_lacks(someone("hello"), "secret")
    with pytest.raises(Leak, match="line of another session: 'secret'"):
        chat_lacks(someone("hello secret"), "secret")


def missed() -> None:
    raise StepTimeout("the line was not seen")


def test_markup_that_became_elements_is_told() -> None:
    shown_as_text(someone("<b>", "p"), "b, img", lambda: None)
    for seen in (lambda: None, missed):
        with pytest.raises(Leak, match="markup"):
            shown_as_text(someone("", "img"), "b, img", seen)


def test_a_line_that_is_missed_is_told_as_that() -> None:
    with pytest.raises(StepTimeout):
        shown_as_text(someone("", "p"), "b, img", missed)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (LINES[:2], "lacks 1 lines, first 'line 03'"),
        ((LINES[1], LINES[0], LINES[2]), "in another order"),
        ((*LINES, LINES[1]), "1 lines twice: 'line 02'"),
    ],
)
def test_lines_lost_swapped_or_doubled_are_told(shown: Sequence[str], told: str) -> None:
    with pytest.raises(WrongContent, match=told):
        chat_is_in_order(someone("\n".join(shown)), LINES)


def test_lines_in_order_pass() -> None:
    chat_is_in_order(someone("\n".join(LINES)), LINES)


@pytest.mark.parametrize(
    ("moments", "told"),
    [
        ([], "guest is seen for 0.0 s of a recording of about 4.0 s"),
        ([0.0, 1.0, 2.5], "guest is seen for 2.5 s of"),
        ([0.0, 6.5], "guest is seen for 6.5 s, though 4.0 s were recorded"),
    ],
)
def test_a_recording_that_lacks_somebody_or_has_another_length_is_told(
    moments: list[float], told: str
) -> None:
    with pytest.raises(WrongContent, match=told):
        check_recording({1: moments}, [someone()], 4.0)


def test_a_recording_of_everybody_passes() -> None:
    check_recording({1: [0.2, 4.1]}, [someone()], 4.0)
