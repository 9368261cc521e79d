"""Expressions give figures, null where there is none, and trouble for another shape."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.errors import SourceError
from synthetic.sources.expressions import epoch, found, peak

ROWS = {"rows": [{"n": 1, "kind": "a"}, {"n": 3, "kind": 200}]}
DAY = 86_400


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("total(column(rows, 'n'))", 4),
        ("total(`[]`)", None),
        ("total(`null`)", None),
        ("percent(`1`, `4`)", 25),
        ("percent(`1`, `0`)", None),
        ("percent(`null`, `4`)", None),
        ("divide(`3`, `2`)", 1.5),
        ("divide(`3`, `0`)", None),
        ("minus(`3`, `2`)", 1),
        ("minus(`null`, `2`)", None),
        ("first(rows, 'kind')", "a"),
        ("first(`[]`, 'kind')", None),
        ("length(where(rows, 'kind', '200'))", 1),
        ("shares(rows[].{value: n, kind: kind})",
         [{"value": 25, "kind": "a"}, {"value": 75, "kind": 200}]),
        ("shares(`[{\"value\": 0}]`)", []),
        ("epoch('1970-01-02T00:00:00Z')", DAY),
        ("epoch(`null`)", None),
        ("within(`[\"1970-01-02T00:00:00Z\", \"1970-01-03T00:00:00Z\"]`, `86400`, `172800`)", 1),
    ],
)  # fmt: skip
def test_functions_give_what_figures_need(expression: str, result: Any) -> None:
    assert found(expression, ROWS) == result


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("column(rows, 'm')", "the answer has rows without m"),
        ("first(rows, 'm')", "the answer has rows without m"),
        ("where(rows, 'm', 'a')", "the answer has rows without m"),
        ("column(gone, 'n')", "the answer has another shape"),
        ("total(column(rows, 'kind'))", "has 'a', where a number is meant"),
        ("total(`[true]`)", "has True, where a number is meant"),
        ("shares(rows[].{value: kind})", "has 'a', where a number is meant"),
        ("within(`[null]`, `0`, `1`)", "has None, where a moment is meant"),
        ('within(`["yesterday"]`, `0`, `1`)', "has 'yesterday', where a moment is meant"),
        ('peak(`[{"to": null}]`, `0`, `1`)', "has None, where a moment is meant"),
        ("percent('1', `2`)", "the answer has another shape"),
        ("length(gone)", "the answer has another shape"),
    ],
)
def test_another_shape_is_trouble(expression: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        found(expression, ROWS)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02T00:00:00.250Z", DAY + 0.25),
        ("1970-01-02 01:00:00.123456789 +0100", DAY + 0.123456),
        ("1970-01-02 00:00:00 +0000 UTC", DAY),
        ("1970-01-02T00:00:00", None),
        ("1970-13-02T00:00:00Z", None),
        ("", None),
    ],
)
def test_moments_are_read_as_vendors_write_them(text: str, seconds: float | None) -> None:
    assert epoch(text) == pytest.approx(seconds) if seconds else epoch(text) is None


def test_the_peak_is_how_many_were_there_at_once() -> None:
    def span(start: str, end: str | None) -> tuple[str, str | None]:
        return f"1970-01-01T{start}Z", f"1970-01-01T{end}Z" if end else None

    spans = [
        span("00:10:00", "00:20:00"), span("00:15:00", None), span("00:20:00", "00:30:00"),
        span("01:10:00", None), span("00:00:00", "00:05:00"),
    ]  # fmt: skip
    assert peak(spans, 0, 3600) == 2  # one who comes as another leaves is no third
    assert peak(spans, 360, 500) == 0
    assert peak(spans, 100, 200) == 1
    assert peak([], 0, 3600) == 0
