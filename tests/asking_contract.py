"""What a history answers of spans that it remembers a part of, whichever database keeps it.

All need a fixture ``store``, empty.
"""

from __future__ import annotations

import random

import pytest

from synthetic.evaluate.gauges import gauges
from synthetic.evaluate.history import Question
from synthetic.plan.load import load
from synthetic.store.database import Database
from synthetic.store.digest import digest
from synthetic.store.history import Store
from tests.histories import asking
from tests.history_contract import same
from tests.runs import at
from tests.stored import LATER, TARGET, count, sample

END = 10_000.0
"""A span that ends there ends with samples, after what is rolled up."""


def test_what_others_add_to_a_rolled_up_hour_is_seen_by_who_asked_before(store: Store) -> None:
    store.add_samples(TARGET, [sample(minute * 60, place="a") for minute in range(180)], LATER)
    store.roll_up(at(3 * 3600))
    assert count(store, end=END) == count(store, end=END) == 167
    with Store(Database(store.database.url)) as other:
        other.add_samples(TARGET, [sample(5000.5, place="a")], LATER)
        assert count(store, end=END) == 168
        other.add_samples(TARGET, [sample(5000.5, place="b")], LATER)
        assert count(store, end=END) == 169


def test_labels_that_are_not_to_be_kept_are_answered_as_one(store: Store) -> None:
    given = [sample(minute * 60, minute, where=f"{minute % 3}", of="x") for minute in range(180)]
    store.add_samples(TARGET, given, LATER)
    for _ in range(2):  # of samples, then of rollups as well
        for keep in (frozenset({"of"}), frozenset[str]()):
            question = Question("dau", at(-60), at(END), keep)
            ((labels, found),) = store.ask(TARGET)(question).items()
            assert labels == ((("of", "x"),) if keep else ())
            same(found, digest((one.at, one.value) for one in given[:167]))
        store.roll_up(at(3 * 3600))


def test_gauges_are_those_of_all_that_was_observed(store: Store) -> None:
    chance, plan = random.Random(7), load()
    given = [
        sample(60 * minute + number, chance.lognormvariate(5, 1), name, **labels, location=where)
        for minute in range(200)
        for number, where in enumerate(("oregon", "dublin"))
        for name, labels in (
            ("request_ms", {"endpoint": "/", "source": "probes"}),
            ("request_ms", {"endpoint": f"/{minute % 3}", "source": "journeys"}),
            ("request_failed", {"endpoint": "/", "source": chance.choice(("probes", "traffic"))}),
            ("error", {"feature": "chat", "fingerprint": f"{minute // 50}"}),
            ("step_ms", {"feature": chance.choice(("login", "chat")), "actor": "host"}),
            ("site_ms", {"source": "probes"}),
        )
    ]
    store.add_samples(TARGET, given, LATER)
    store.roll_up(at(3 * 3600))
    for now in (at(11_000), at(11_900)):
        found = gauges(plan, plan.metrics, now, store.ask(TARGET))
        wanted = gauges(plan, plan.metrics, now, asking(given))
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            assert [(one.labels, one.at, one.count) for one in found[name]] == [
                (one.labels, one.at, one.count) for one in values
            ]
            assert [one.value for one in found[name]] == pytest.approx(
                [one.value for one in values]
            )
    assert sum(map(bool, found.values())) > 10
