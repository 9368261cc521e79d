"""Statistics that say no more than the figures do."""

from __future__ import annotations

import random

import pytest

from synthetic.evaluate.statistics import Point, Share, Spike, share, spikes, top, trend
from synthetic.store.digest import Digest, Labels, digest
from tests.histories import after


def points(values: list[float]) -> list[Point]:
    return [(after(minute), value) for minute, value in enumerate(values)]


class TestShare:
    @pytest.mark.parametrize(
        ("good", "count", "low", "high"),
        [  # as R's prop.test(correct = FALSE) and Wilson's formula by hand give them
            (0, 1, 0.0, 79.35),
            (1, 1, 20.65, 100.0),
            (0, 10, 0.0, 27.75),
            (10, 10, 72.25, 100.0),
            (81, 263, 25.53, 36.62),
            (999, 1000, 99.44, 99.98),
        ],
    )
    def test_interval(self, good: int, count: int, low: float, high: float) -> None:
        assert Share(good, count).interval == pytest.approx((low, high), abs=0.01)

    def test_holds_the_share(self) -> None:
        for count in range(1, 40):
            for good in range(count + 1):
                low, high = Share(good, count).interval
                assert 0 <= low <= Share(good, count).value <= high <= 100

    def test_of_what_is_no_share_stays_within_its_bounds(self) -> None:
        assert Share(500, 5).interval[1] == Share(5, 5).interval[1] == 100

    def test_of_digests(self) -> None:
        one, other = digest([(after(0), 1.0), (after(1), 0.0)]), digest([(after(2), 1.0)])
        assert one
        assert other
        assert share([one, other]) == Share(2, 3)
        assert share([]) is None


class TestTrend:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([1, 2, 3, 4], "unknown"),
            ([1, 2, 3, 4, 5], "rising"),
            ([5, 4, 3, 2, 1], "falling"),
            ([3] * 20, "stable"),
            ([0] * 20, "stable"),
            ([1, 9, 2, 8, 3, 7, 4, 6, 5], "stable"),
            ([1, 2, 3, 4, 900, 6, 7, 8, 9, 10], "rising"),  # one wild point bends nothing
            ([100 + minute / 100 for minute in range(50)], "stable"),  # sure, but too small to tell
            ([-10, -8, -6, -4, -2], "rising"),
        ],
    )
    def test_trend(self, values: list[float], expected: str) -> None:
        assert trend(points(values)) == expected

    def test_noise_is_seldom_a_trend(self) -> None:
        chance = random.Random(1)
        found = [trend(points([chance.gauss(10, 3) for _ in range(24)])) for _ in range(300)]
        assert found.count("stable") > 0.9 * len(found)

    def test_a_trend_is_seen_through_noise(self) -> None:
        chance = random.Random(2)
        found = [
            trend(points([10 + hour / 2 + chance.gauss(0, 2) for hour in range(24)]))
            for _ in range(100)
        ]
        assert found.count("rising") > 95


class TestSpikes:
    def test_are_far_over_the_usual(self) -> None:
        values = [4.0, 5, 6, 5, 4, 6, 5, 50, 5, 4, 6]
        assert spikes(points(values)) == (Spike(after(7), 50, 5),)

    def test_of_many_in_a_row_all_are_told(self) -> None:
        values = [1.0, 2, 1, 2, 1, 2, *[40] * 9, 1]
        assert [one.value for one in spikes(points(values))] == [40] * 9

    def test_where_nothing_ever_varied_one_more_is_none(self) -> None:
        values = [0.0] * 10 + [1, 20]
        assert [one.value for one in spikes(points(values), at_least=5)] == [20]

    def test_too_little_before_says_nothing(self) -> None:
        assert spikes(points([1, 2, 1, 2, 1, 99])) == ()
        assert spikes([]) == ()

    def test_falls_are_none(self) -> None:
        assert spikes(points([50.0, 51, 49, 50, 51, 49, 0])) == ()


def test_what_leads_by_how_many() -> None:
    answer: dict[Labels, Digest] = {}
    for name, place, count in [("a", "x", 2), ("b", "x", 3), ("a", "y", 2), ("c", "x", 3)]:
        summed = digest([(after(minute), 1.0) for minute in range(count)])
        assert summed
        answer[(("fingerprint", name), ("location", place))] = summed
    assert top(answer, "fingerprint") == (("a", 4), ("b", 3), ("c", 3))
    assert top(answer, "location", limit=1) == (("x", 8),)
    assert top(answer, "nothing") == ()
