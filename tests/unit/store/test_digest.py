"""Digests hold no more than they need."""

from __future__ import annotations

import weakref

from synthetic.store.digest import Digest, merged
from tests.runs import at


def test_what_was_added_up_is_let_go() -> None:
    parts = [Digest(1, 7.0, 7.0, 7.0, 7.0, at(second), {(1, 99): 1}) for second in range(2)]
    part, whole = weakref.ref(parts[0]), merged(parts)
    for _ in range(2):
        assert dict(whole.buckets) == {(1, 99): 2}
    parts.clear()
    assert part() is None
