"""A history in a file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic.store.history import Store

pytest.register_assert_rewrite(
    "tests.asking_contract", "tests.history_contract", "tests.states_contract"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty history."""
    with Store.open(None, tmp_path) as opened:
        yield opened
