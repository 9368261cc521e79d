"""What it takes to store samples."""

from __future__ import annotations

from unittest.mock import patch

from synthetic.store import sampling
from synthetic.store.history import Store
from tests.stored import LATER, TARGET, sample


def test_series_are_read_again_only_by_who_adds_to_them(store: Store) -> None:
    store.add_samples(TARGET, [sample(0)], LATER)
    with patch.object(sampling, "_known", wraps=sampling._known) as read:
        for _ in range(2):
            store.add_samples(TARGET, [sample(1, place="a")], LATER)
    assert read.call_count == 2  # before and after the new one was added
