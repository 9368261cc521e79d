"""Digests hold no more than they need, and read what a database wrote for them."""

from __future__ import annotations

import weakref
from collections import Counter

import pytest

from synthetic.store.digest import Counts, Digest, bucket_of, merged, together
from tests.runs import at


def test_what_was_added_up_is_let_go() -> None:
    parts = [Digest(1, 7.0, 7.0, 7.0, 7.0, at(second), {(1, 99): 1}) for second in range(2)]
    part, whole = weakref.ref(parts[0]), merged(parts)
    for _ in range(2):
        assert dict(whole.buckets) == {(1, 99): 2}
    parts.clear()
    assert part() is None


@pytest.mark.parametrize("values", [(0.5, 2.0, 2.01, 1e90, 1.02), (-3.0, 0.0, 1e-12, 7.0)])
def test_numbers_as_text_count_as_they_would_one_by_one(values: tuple[float, ...]) -> None:
    text = ",".join(map(str, values))
    assert together([text, text]) == Counter(map(bucket_of, 2 * values))


def test_texts_of_every_kind_are_read_together() -> None:
    parts: list[Counts | str] = ["[1,5,2][1,5,1]", "1.0,1.0", {(1, 5): 4}, "[0,0,3]"]
    assert together(parts) == {(1, 5): 7, bucket_of(1.0): 2, (0, 0): 3}
