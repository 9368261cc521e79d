"""Gauges: what is known has its value, and what is not has none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from synthetic.evaluate.gauges import gauge, gauges
from synthetic.evaluate.history import Answer, Ask, Gauge, Question
from synthetic.plan.model import Metric
from synthetic.results import Sample
from tests.histories import after, asking, sample
from tests.plans import derived, metric, plan

NOW = 60.0
SUCCESSES = [1, 1, 1, 0]


def values(samples: Iterable[Sample], *metrics: Metric, at: float = NOW) -> list[Any]:
    """Of the last metric: its value, or pairs of label values and values."""
    found = gauge(plan(*metrics), metrics[-1].name, after(at), asking(samples))
    return [
        (*dict(one.labels).values(), round(one.value, 6)) if one.labels else round(one.value, 6)
        for one in found
    ]


def row_of(metric_: str, numbers: Iterable[float], **labels: str) -> list[Sample]:
    """Observations a minute apart, the last at ``NOW``."""
    last_first = reversed(list(numbers))
    return [sample(metric_, NOW - index, one, **labels) for index, one in enumerate(last_first)]


class TestWhatArrives:
    @pytest.mark.parametrize(("age", "known"), [(0, [7]), (1.5, [7]), (1.51, []), (-0.01, [])])
    def test_counts_for_one_and_a_half_intervals(self, age: float, known: list[float]) -> None:
        assert values([sample("error_rate", NOW - age, 7)], metric()) == known

    def test_the_newest_counts_whatever_order_they_came_in(self) -> None:
        assert values([sample("error_rate", 60, 2), sample("error_rate", 59.5, 1)], metric()) == [2]

    def test_each_label_set_has_its_own(self) -> None:
        samples = [
            sample("error_rate", NOW, one, endpoint=name) for name, one in (("b", 1), ("a", 2))
        ]
        assert values(samples, metric()) == [("a", 2), ("b", 1)]

    def test_it_wins_over_what_is_derived(self) -> None:
        own, other = sample("error_rate", 59, 7), sample("request_failed", 59, 1)
        made = derived("error_rate", "share", "request_failed", window="5m")
        assert values([own, other], made) == [7]
        assert values([own, other], made, at=61) == [100]

    def test_it_says_when_it_was_observed(self) -> None:
        found = gauge(
            plan(metric()), "error_rate", after(60), asking([sample("error_rate", 59, 1)])
        )
        assert found == (Gauge("error_rate", (), 1, after(59)),)


@pytest.mark.parametrize(
    ("stat", "value"),
    [
        ("mean", 3), ("lowest", 1), ("highest", 6), ("total", 12), ("count", 4), ("latest", 6),
        ("per_hour", 144), ("newcomers", 1),
    ],
)  # fmt: skip
def test_figures_of_observations(stat: str, value: float) -> None:
    made = derived("figure", stat, "seen", window="5m")
    assert repr(values(row_of("seen", [1, 2, 3, 6]), made)) == f"[{value:.1f}]"  # none is whole


@pytest.mark.parametrize(("stat", "value"), [("p50", 500), ("p95", 950), ("p99", 990)])
def test_percentiles_are_within_one_per_cent(stat: str, value: float) -> None:
    samples = [sample("request_ms", NOW - one / 1000, one) for one in range(1, 1001)]
    (found,) = values(samples, derived("latency", stat, "request_ms", window="5m"))
    assert found == pytest.approx(value, rel=0.01)


def test_a_scale_turns_one_unit_into_another() -> None:
    made = derived("latency", "mean", "request_ms", window="5m", scale=0.001)
    assert values(row_of("request_ms", [1500, 2500]), made) == [2]


class TestShares:
    def test_with_count_and_interval(self) -> None:
        made = derived("success", "share", "outcome", window="5m")
        (found,) = gauge(plan(made), "success", after(NOW), asking(row_of("outcome", SUCCESSES)))
        assert (found.value, found.count, found.at) == (75, 4, after(NOW))
        assert (found.low, found.high) == pytest.approx((30.06, 95.44), abs=0.01)

    def test_the_window_ends_now_and_does_not_hold_its_beginning(self) -> None:
        made = derived("success", "share", "outcome", window="3m")
        assert values(row_of("outcome", [0, 1, 1, 1]), made) == [100]

    def test_without_a_window_it_looks_back_as_far_as_a_sample_counts(self) -> None:
        assert values(row_of("outcome", [0, 1]), derived("success", "share", "outcome")) == [50]

    def test_where_leaves_out_and_by_keeps_apart(self) -> None:
        samples = [
            *row_of("outcome", [0, 0], feature="chat", burst="yes", location="a"),
            *row_of("outcome", [1, 0], feature="chat", burst="no", location="a"),
            *row_of("outcome", [1, 1], feature="chat", burst="no", location="b"),
            *row_of("outcome", [1, 1], feature="video", burst="no", location="b"),
        ]
        made = derived("s", "share", "outcome", window="5m", where={"burst": "no"}, by=["feature"])
        assert values(samples, made) == [("chat", 75), ("video", 100)]

    @pytest.mark.parametrize(("least", "known"), [(4, [75]), (5, [])])
    def test_too_few_are_unknown(self, least: int, known: list[float]) -> None:
        made = derived("success", "share", "outcome", window="5m", least=least)
        assert values(row_of("outcome", SUCCESSES), made) == known

    def test_only_the_best_source_with_data_counts(self) -> None:
        journeys = row_of("request_failed", [1, 1], endpoint="/a", source="journeys")
        traffic = row_of("request_failed", [0, 0], endpoint="/a", source="traffic")
        other = row_of("request_failed", [1, 0], endpoint="/b", source="journeys")
        made = derived("rate", "share", "request_failed", window="5m", by=["endpoint"],
                       prefer=["traffic", "journeys"])  # fmt: skip
        assert values([*journeys, *traffic, *other], made) == [("/a", 0), ("/b", 50)]
        assert values([*journeys, *other], made) == [("/a", 100), ("/b", 50)]

    def test_a_source_with_too_little_gives_way_to_one_with_enough(self) -> None:
        journeys = row_of("request_failed", [1, 1, 1], source="journeys")
        traffic = row_of("request_failed", [0, 0], source="traffic")
        made = derived("rate", "share", "request_failed", window="5m", least=3,
                       prefer=["traffic", "journeys"])  # fmt: skip
        assert values([*journeys, *traffic], made) == [100]
        assert values([*journeys[1:], *traffic], made) == []


class TestCountsOfNothing:
    MADE = derived("errors", "total", "error", window="1h", witness="run_failed")
    APART = derived("errors", "total", "error", window="1h", witness="run_failed", by=["feature"])

    def test_are_zero_where_somebody_looked(self) -> None:
        assert values([sample("run_failed", 30, 0)], self.MADE) == [0]

    def test_are_unknown_where_nobody_did(self) -> None:
        assert values([sample("run_failed", -30, 0)], self.MADE) == []

    def test_are_zero_for_every_label_set_of_before(self) -> None:
        samples = [
            sample("error", -500, 1, feature="chat"),
            sample("error", 50, 1, feature="video"),
            sample("run_failed", 50, 1),
        ]
        assert values(samples, self.APART) == [("chat", 0), ("video", 1)]


class TestNewcomers:
    MADE = derived("new", "newcomers", "error", window="1h", by=["fingerprint"], witness="run")

    def seen(self, minutes: float, pattern: str, location: str = "a") -> Sample:
        return sample("error", minutes, 1, fingerprint=pattern, feature="chat", location=location)

    def test_were_never_seen_in_thirty_days(self) -> None:
        old, older = self.seen(-60, "old"), self.seen(-31 * 1440, "older")
        again = [self.seen(50, name) for name in ("old", "older", "new")]
        assert values([old, older, *again], self.MADE) == [("new", 1), ("old", 0), ("older", 1)]

    def test_are_not_new_for_being_seen_elsewhere(self) -> None:
        samples = [self.seen(-60, "x", "a"), self.seen(50, "x", "b")]
        assert values(samples, self.MADE) == [("x", 0)]

    def test_cease_to_be_new_once_somebody_looked_again(self) -> None:
        samples = [self.seen(50, "x"), sample("run", 120, 0)]
        assert values(samples, self.MADE, at=60) == [("x", 1)]
        assert values(samples, self.MADE, at=115) == []
        assert values(samples, self.MADE, at=120) == [("x", 0)]

    def test_together_are_counted(self) -> None:
        made = derived("new", "newcomers", "error", window="1h")
        assert values([self.seen(50, "x"), self.seen(51, "y")], made) == [2]
        assert values([], made) == []


class TestBurn:
    @pytest.mark.parametrize(("of", "value"), [("outcome", 5), ("request_failed", 5)])
    def test_is_how_many_times_faster_than_allowed(self, of: str, value: float) -> None:
        bad = int(of == "request_failed")
        samples = row_of(of, [bad] * 5 + [1 - bad] * 95)
        assert values(samples, derived("b", "burn", of, window="2h", objective=99)) == [value]


class TestOfGauges:
    TWO = (metric("part"), metric("whole"))

    @pytest.mark.parametrize(
        ("stat", "value"), [("ratio", 0.25), ("percent", 25), ("excess", -75), ("sum_of", 20),
                            ("least_of", 4), ("most_of", 16)]
    )  # fmt: skip
    def test_figures(self, stat: str, value: float) -> None:
        samples = [sample("part", NOW, 4), sample("whole", NOW, 16)]
        assert values(samples, *self.TWO, derived("made", stat, "part", "whole")) == [value]

    @pytest.mark.parametrize("stat", ["ratio", "percent", "excess"])
    @pytest.mark.parametrize(
        "samples", [[("part", 4), ("whole", 0)], [("part", 4)], [("whole", 4)]]
    )
    def test_nothing_is_held_against_zero_or_the_unknown(self, stat: str, samples: Any) -> None:
        found = [sample(name, NOW, value) for name, value in samples]
        assert values(found, *self.TWO, derived("made", stat, "part", "whole")) == []

    def test_what_is_beyond_all_numbers_is_unknown(self) -> None:
        samples = [sample("part", NOW, 1e300), sample("whole", NOW, 1e-300)]
        assert values(samples, *self.TWO, derived("made", "percent", "part", "whole")) == []

    @pytest.mark.parametrize(("stat", "value"), [("least_of", 4), ("most_of", 4), ("sum_of", 4)])
    def test_the_unknown_is_left_out_of_many(self, stat: str, value: float) -> None:
        made = derived("made", stat, "part", "whole")
        assert values([sample("part", NOW, 4)], *self.TWO, made) == [value]
        assert values([], *self.TWO, made) == []

    def test_label_sets_meet_their_own_or_the_one_for_all(self) -> None:
        made = derived("made", "ratio", "part", "whole")
        samples = [sample("part", NOW, one, at=name) for name, one in (("a", 4), ("b", 8))]
        whole = [sample("whole", NOW, 4, at="a"), sample("whole", NOW, 2)]
        assert values([*samples, *whole], *self.TWO, made) == [("a", 1), ("b", 4)]

    def test_labels_are_kept_and_merged_as_asked(self) -> None:
        samples = [sample("part", NOW, 4, at="a", on="x"), sample("part", NOW, 6, at="a", on="y")]
        made = derived("made", "sum_of", "part", by=["at"])
        assert values(samples, metric("part"), made) == [("a", 10)]
        assert values(samples, metric("part"), derived("made", "sum_of", "part")) == [10]

    @pytest.mark.parametrize(("known", "value"), [("pw", [4]), ("p", [4]), ("w", [16]), ("", [])])
    def test_the_first_of_many_is_the_first_that_is_known(self, known: str, value: Any) -> None:
        both = [sample("whole", NOW, 16), sample("part", NOW, 4)]
        samples = [one for one in both if one.metric[0] in known]
        assert values(samples, *self.TWO, derived("made", "first_of", "part", "whole")) == value

    def test_too_few_of_many_are_unknown(self) -> None:
        made = derived("made", "sum_of", "part", "whole", least=2)
        assert values([sample("part", NOW, 4)], *self.TWO, made) == []

    def test_where_leaves_label_sets_out(self) -> None:
        samples = [sample("part", NOW, value, at=name) for name, value in (("a", 4), ("b", 6))]
        made = derived("made", "sum_of", "part", where={"at": "a"})
        assert values(samples, metric("part"), made) == [4]

    def test_a_complement_turns_its_interval_round(self) -> None:
        parts = (
            derived("good", "share", "outcome", window="5m"),
            derived("bad", "complement", "good"),
        )
        (found,) = gauge(plan(*parts), "bad", after(NOW), asking(row_of("outcome", SUCCESSES)))
        assert found.value == 25
        assert (found.low, found.high) == pytest.approx((4.56, 69.94), abs=0.01)

    def test_a_circle_of_the_missing_is_unknown(self) -> None:
        assert values([], derived("made", "complement", "nowhere")) == []


class TestChange:
    MADE = (metric("dau", interval="1d"), derived("dau_change", "change", "dau", against="1d"))

    @pytest.mark.parametrize(
        ("before", "now", "change"),
        [(100, 70, [-30]), (100, 100, [0]), (50, 125, [150]), (0, 5, []), (-10, -5, [50])],
    )
    def test_is_in_per_cent_of_before(self, before: float, now: float, change: list[float]) -> None:
        samples = [sample("dau", 0, before), sample("dau", 1440, now)]
        assert values(samples, *self.MADE, at=1500) == change

    def test_growth_is_a_factor(self) -> None:
        samples = [sample("dau", 0, 50), sample("dau", 1440, 125)]
        growth = derived("dau_growth", "growth", "dau", against="1d")
        assert values(samples, self.MADE[0], growth, at=1500) == [2.5]

    def test_of_one_side_only_is_unknown(self) -> None:
        assert values([sample("dau", 1440, 5)], *self.MADE, at=1440) == []

    def test_goes_through_what_is_derived(self) -> None:
        made = (metric("dau", interval="1d"), derived("half", "ratio", "dau", "two"),
                metric("two", interval="3d"),
                derived("c", "change", "half", against="1d"))  # fmt: skip
        samples = [sample("two", 0, 2), sample("dau", 0, 10), sample("dau", 1440, 15)]
        assert values(samples, *made, at=1441) == [50]


def test_nothing_is_asked_twice() -> None:
    asked: list[Question] = []
    answer = asking(row_of("outcome", SUCCESSES))

    def counting(question: Question) -> Answer:
        asked.append(question)
        return answer(question)

    ask: Ask = counting
    good = derived("good", "share", "outcome", window="5m")
    bad, also = (
        derived("bad", "complement", "good"),
        derived("also", "count", "outcome", window="5m"),
    )
    found = gauges(plan(good, bad, also), ["good", "bad", "also"], after(NOW), ask)
    assert {name: one[0].value for name, one in found.items()} == {"good": 75, "bad": 25, "also": 4}
    assert len(asked) == len(set(asked)) == 4
