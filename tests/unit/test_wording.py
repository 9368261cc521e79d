"""Text fits its columns, is harmless, and figures read as people write them."""

from __future__ import annotations

import random
import time

import pytest

from synthetic.wording import columns, fit, harmless, milliseconds, wrapped
from tests.runs import HOSTILE

ALPHABET = "ab -日本\u0301\u20dd\x1b\n\t\u202e\u200d\u2028❤\ufe0f👍🏽é"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.4, "0 ms"), (999.4, "999 ms"), (999.6, "1.0 s"), (9949, "9.9 s"), (20_000, "20 s")],
)
def test_milliseconds(value: float, words: str) -> None:
    assert milliseconds(value) == words


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("a\u20dd", 1), ("❤\ufe0f", 2), ("👍", 2)],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_what_a_terminal_would_obey_is_taken_out() -> None:
    assert harmless("a\x1b[31mb\r\n\x9bc\u202ed\u2028e\x07") == "a [31mb c d e"


def test_a_cut_is_marked() -> None:
    assert (fit("abcdef", 4), fit("日本語", 5), fit("abcd", 4)) == ("abc…", "日本…", "abcd")


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_text_it_fits_and_loses_nothing(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choices(ALPHABET, k=chance.randint(0, 300)))
    width = chance.randint(2, 80)
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in [fit(text, width), *lines])
    assert "".join(lines).replace(" ", "") == harmless(text).replace(" ", "")


def test_long_hostile_text_takes_no_time() -> None:
    began = time.perf_counter()
    fit(HOSTILE * 2000, 80)
    assert time.perf_counter() - began < 1
