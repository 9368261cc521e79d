"""What expressions give becomes samples of a metric, or a sentence that says why not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from synthetic.errors import SourceError
from synthetic.sources.figures import Memory, Reading, read, rows_of
from synthetic.sources.recipe import Figure

AT = datetime(2026, 12, 9, tzinfo=UTC)


def figure(**more: Any) -> Figure:
    return Figure.model_validate({"value": "x", "unit": "count", **more})


def reading(given: Any, memory: Memory | None = None, **more: Any) -> Reading:
    return read("mine", "rooms", figure(**more), rows_of(given), AT, memory or Memory())


def values(found: Reading) -> list[float]:
    return [one.value for one in found.samples]


@pytest.mark.parametrize("value", [2, 2.0, Decimal("2.0"), [{"value": 2}], {"value": 2}])
def test_a_number_is_a_sample_at_its_moment(value: Any) -> None:
    (sample,) = reading(value).samples
    assert (sample.metric, sample.value, sample.at, sample.labels) == ("rooms", 2, AT, {})


def test_a_scale_turns_it_into_the_unit() -> None:
    assert values(reading(5e9, scale=1e-9)) == [5]


def test_truth_is_one_or_zero_where_truth_is_meant() -> None:
    assert [values(reading(one, unit="bool")) for one in (True, False)] == [[1], [0]]
    with pytest.raises(SourceError, match="gives False, where a number is meant"):
        reading(False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "gives nothing"),
        ([], "gives nothing"),
        ([{"value": None}], "gives nothing"),
        ("12", "gives '12', where a number is meant"),
        ([1, 2], "gives a list, where one figure or rows with a value are meant"),
        ([{"count": 1}], "gives rows without value"),
        ([{"value": 1}, {"value": 2}], "gives more than one row"),
        ([{"value": 1}] * 201, "gives 201 rows, more than 200"),
        (float("nan"), "gives nan, which is no figure"),
        (Decimal("Infinity"), "gives inf, which is no figure"),
        (10**400, "gives inf, which is no figure"),
    ],
)
def test_what_is_no_figure_is_trouble(given: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        reading(given)


def test_nothing_may_be_nothing_to_measure() -> None:
    found = reading(None, may_be_empty=True)
    assert (found.samples, found.trouble, found.note) == ((), None, "nothing to measure")


def test_each_label_set_has_its_sample() -> None:
    rows = [
        {"value": 1, "region": "DE", "more": 3},
        {"value": 2, "region": "evil\x1b[2J" + "x" * 300},
    ]
    found = reading(rows, labels=("region",))
    assert values(found) == [1, 2]
    assert found.samples[0].labels == {"region": "DE"}
    assert len(found.samples[1].labels["region"]) == 100
    assert "\x1b" not in found.samples[1].labels["region"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"value": 1}], "gives rows without region"),
        ([{"value": 1, "region": None}], "gives None, where a label is meant"),
        ([{"value": 1, "region": "DE"}] * 2, "gives more than one row for region DE"),
    ],
)
def test_labels_that_are_none_are_trouble(rows: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        reading(rows, labels=("region",))


def grown(*looks: tuple[float, float] | None) -> list[list[float]]:
    """What each look gives of a part that grows with a whole."""
    memory = Memory()
    return [
        values(reading({"part": one[0], "whole": one[1]} if one else None, memory,
                       increase=True, may_be_empty=True))
        for one in looks
    ]  # fmt: skip


def test_growth_is_known_from_the_second_look_on() -> None:
    assert grown((100, 10), (160, 12), (160, 22)) == [[], [30], [0]]


def test_what_began_anew_or_stood_still_has_no_growth() -> None:
    assert grown((100, 10), (5, 1), (15, 6), (15, 6)) == [[], [], [2], []]


def test_a_look_that_saw_nothing_is_no_beginning() -> None:
    assert grown((100, 10), None, (160, 12)) == [[], [], [30]]
