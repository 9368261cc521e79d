"""What people answer to incidents, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from synthetic.answers import hold_back, take
from synthetic.errors import UsageError
from synthetic.plan.load import load
from synthetic.rounds import ALONE_FOR, alone
from synthetic.settings import Settings
from synthetic.store.history import Store
from tests.runs import at
from tests.stored import LATER, TARGET, incident

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        told = incident(told="critical", told_to=(("slack", "#alerts"),))
        opened.commit_round(TARGET, [], (), [told])
        yield opened


def test_threads_that_share_a_clock_take_turns(store: Store) -> None:
    """Who comes second waits, here until the first is taken for dead."""
    waited: list[float] = []

    def clock() -> datetime:
        return LATER + timedelta(seconds=sum(waited))

    with alone(store, TARGET, clock), alone(store, TARGET, clock, waited.append):
        assert timedelta(seconds=sum(waited)) >= ALONE_FOR


def test_who_has_it_already_is_not_told_again(store: Store) -> None:
    plan, settings, moments = load(), Settings(), map(at, range(1000))
    for who, parcels in (("Ada", 1), ("Ada", 0), ("Eve", 1), ("Ada", 1)):
        taken, made = take(store, plan, settings, TARGET, "i-1", who, clock=lambda: next(moments))
        assert (taken.acknowledged_by, len(made)) == (who, parcels)


@pytest.mark.parametrize(
    ("begins", "ends", "sentence"),
    [
        (LATER, LATER, "does not lie behind its beginning"),
        (LATER - 2 * HOUR, LATER - HOUR, "has passed"),
    ],
)
def test_a_silence_ends_after_now(
    store: Store, begins: datetime, ends: datetime, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        hold_back(
            store,
            load(),
            TARGET,
            "site",
            begins,
            ends,
            "disk",
            "Ada",
            now=LATER,
        )
