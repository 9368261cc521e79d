"""The exact test: its chances are those that counting gives, and it keeps its word under noise."""

from __future__ import annotations

import random
from itertools import product

import pytest

from synthetic.gate.permutation import Block, Series, adjusted, upper_bound

WORSE: Block = (3.0, 4.0, 1.0, 2.0)


def alone(*blocks: Block | None) -> float:
    return adjusted([Series(blocks)])[0]


@pytest.mark.parametrize(
    ("block", "ways"),
    [(WORSE, 1), ((1.0, 4.0, 2.0, 3.0), 4), ((1.0, 2.0, 3.0, 4.0), 6), ((2.0, 4.0, 1.0, 3.0), 2)],
)
def test_one_block_is_counted_by_hand(block: Block, ways: int) -> None:
    """Two of four can be chosen in six ways; ``ways`` of them look at least as bad."""
    assert alone(block) == pytest.approx(ways / 6)


@pytest.mark.parametrize("blocks", [2, 3, 4])
def test_what_is_worse_in_every_run_has_the_least_chance_there_is(blocks: int) -> None:
    assert alone(*[WORSE] * blocks) == pytest.approx(1 / 6**blocks)


def test_chances_are_those_of_counting_means() -> None:
    """With equal blocks the statistic grows with the mean, so that means can be counted."""
    block: Block = (2.0, 4.0, 1.0, 3.0)
    sums = [3.0, 4.0, 5.0, 5.0, 6.0, 7.0]  # of any two of the four
    as_large = sum(sum(each) >= 12 - 1e-9 for each in product(sums, repeat=2))
    assert alone(block, block) == pytest.approx(as_large / 36)


def test_what_was_not_measured_counts_nowhere() -> None:
    assert alone(None, None) == 1.0
    assert alone(WORSE, None) == pytest.approx(1 / 6)


def test_of_many_figures_the_largest_counts() -> None:
    """A wild figure beside it makes a weak difference less certain, never more."""
    wild = Series(((1.0, -1.5, 0.5, -2.0), (-1.0, 2.0, 1.0, -0.5)))
    seen = Series(((0.2, 0.3, 0.0, 0.1), (0.3, 0.2, 0.1, 0.0)))
    assert adjusted([seen])[0] < adjusted([seen, wild])[0]


def test_a_steady_difference_far_below_what_is_promised_does_not_outshine_noise() -> None:
    tiny = Series(((0.01, 0.01, 0.0, 0.0),) * 2)
    wild = Series(((1.0, -1.5, 0.5, -2.0), (-1.0, 2.0, 1.0, -0.5)))
    assert adjusted([tiny, wild])[0] > 0.2


def test_one_wild_run_hides_no_difference() -> None:
    wild: Block = (1.0, 40.0, 0.0, 0.0)
    assert adjusted([Series((wild, (1.0, 1.0, 0.0, 0.0)))])[0] == pytest.approx(1 / 36)


@pytest.mark.parametrize("drift", [0.0, 2.0])
def test_chance_alone_alarms_as_seldom_as_it_says(drift: float) -> None:
    """Also while everything becomes slower from run to run: that is no difference of the sides."""
    chance, alarms, worlds = random.Random(7), 0, 300

    def block(start: int) -> Block:
        one, two, three, four = (chance.gauss(0, 1) + drift * (start + n) for n in range(4))
        return one, four, two, three  # A B B A

    for _ in range(worlds):
        family = [Series((block(0), block(4))) for _ in range(8)]
        alarms += min(adjusted(family)) <= 1 / 36 + 1e-9
    assert alarms <= worlds / 36 + 3 * (worlds / 36) ** 0.5


def test_without_noise_the_bound_is_the_difference() -> None:
    block: Block = (1.5, 1.5, 1.0, 1.0)
    assert upper_bound(Series((block, block)), 1 / 36) == pytest.approx(0.5)


def test_the_bound_holds_as_often_as_it_says() -> None:
    chance, held, worlds = random.Random(3), 0, 300
    for _ in range(worlds):
        blocks = [[0.7 + chance.gauss(0, 1) for _ in range(2)] for _ in range(2)]
        pairs = [(a, b, chance.gauss(0, 1), chance.gauss(0, 1)) for a, b in blocks]
        held += upper_bound(Series(tuple(pairs)), 0.05) >= 0.7
    assert held >= worlds * 0.95 - 3 * (worlds * 0.05) ** 0.5


def test_too_few_blocks_bound_nothing() -> None:
    assert upper_bound(Series((WORSE,)), 0.05) == float("inf")
    assert upper_bound(Series((None,)), 0.05) == float("inf")
