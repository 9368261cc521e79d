"""What a history does with alerts, incidents and messages, whichever database keeps them.

All need a fixture ``store``, empty.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from synthetic.errors import StoreError
from synthetic.store.expiry import Keep
from synthetic.store.history import Store
from synthetic.store.values import Silence, Transition
from tests.runs import HOSTILE, START, at
from tests.stored import LATER, NOWHERE, TARGET, alert, incident, parcel


def test_a_round_is_kept_as_a_whole(store: Store) -> None:
    transition = Transition(at(60), "error-rate", "firing", 7.5, NOWHERE)
    broken = [replace(parcel(), created_at=None)]  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="created_at"):
        store.commit_round(TARGET, [alert()], [transition], [incident()], broken)
    assert not store.alerts(TARGET)
    for _ in range(2):
        store.commit_round(TARGET, [alert()], [transition], [incident()], [parcel()])
    assert store.alerts(TARGET) == (alert(),)
    assert store.transitions(TARGET, START, LATER) == (transition,)
    assert store.incidents(TARGET) == (incident(),)
    assert store.due(START) == store.parcels("i-1") == (parcel(),)


def test_alerts_are_those_of_the_last_round(store: Store) -> None:
    store.commit_round(TARGET, [alert(), alert("p95")])
    store.commit_round("stand-in", [alert("other")])
    store.commit_round(TARGET, [alert("p95", state="resolved", stale=True, ended_at=LATER)])
    (kept,) = store.alerts(TARGET)
    assert (kept.rule, kept.state, kept.stale, kept.ended_at) == ("p95", "resolved", True, LATER)


def test_whole_numbers_broken_ones_and_none_are_kept_in_one_round(store: Store) -> None:
    values = (1, 2.5, None)
    given = [Transition(at(60), f"r-{one}", "firing", one, NOWHERE) for one in values]
    store.commit_round(TARGET, [], given)
    assert store.transitions(TARGET, START, LATER) == tuple(given)


def test_incidents_that_are_closed_are_not_open(store: Store) -> None:
    store.commit_round(TARGET, [], (), [incident("i-1"), incident("i-2")])
    store.commit_round(TARGET, [], (), [incident("i-1", closed_at=LATER, tier=2)])
    assert [one.id for one in store.incidents(TARGET, open_only=True)] == ["i-2"]
    assert store.incidents(TARGET)[0] == incident("i-1", closed_at=LATER, tier=2)


def test_a_parcel_is_claimed_by_one(store: Store) -> None:
    store.post([parcel()])
    (mine,) = store.due(START)
    assert store.begin(mine, START)
    assert not store.begin(mine, START)
    assert not store.due(at(60))
    (left,) = store.due(at(121))
    assert (left.tries, left.begun_at) == (1, START)


def test_a_parcel_that_another_tried_meanwhile_is_not_claimed(store: Store) -> None:
    store.post([parcel()])
    (outdated,) = store.due(START)
    assert store.begin(outdated, START)
    store.put_off(outdated, START, "429")
    assert not store.begin(outdated, START)
    (present,) = store.due(START)
    assert store.begin(present, START)


def test_a_parcel_is_sent_put_off_or_given_up(store: Store) -> None:
    store.post([parcel("a"), parcel("b", seconds=1), parcel("c", seconds=2)])
    sent, later, never = store.due(at(10))
    store.sent(sent, at(10), "ts-1")
    store.put_off(later, at(100), "429")
    store.give_up(never, at(10), "no such channel")
    assert not store.due(at(99))
    (again,) = store.due(at(100))
    assert (again.id, again.problem, again.begun_at) == ("b", "429", None)
    kept = {one.id: one for one in store.parcels("i-1")}
    assert (kept["a"].sent_at, kept["a"].reference) == (at(10), "ts-1")
    assert (kept["c"].given_up_at, kept["c"].problem) == (at(10), "no such channel")
    assert kept["a"].note == parcel().note


def test_a_parcel_posted_again_stays_sent(store: Store) -> None:
    store.post([parcel()])
    store.sent(parcel(), at(10), "ts-1")
    store.post([parcel()])
    assert not store.due(LATER)


def test_silences_hold_between_their_ends(store: Store) -> None:
    silence = Silence("s-1", TARGET, "site", at(10), at(20), "upgrade", "anna")
    store.add_silence(silence)
    assert [store.silences(at(second)) for second in (9, 10, 20)] == [(), (silence,), ()]
    store.add_silence(replace(silence, ends_at=at(12)))
    assert not store.silences(at(13))


def test_notes_are_kept_by_name(store: Store) -> None:
    assert store.note("baselines") is None
    for body in ({"a": [1, 2.5, None]}, ["x"], HOSTILE):
        store.keep_note("baselines", body)
        assert store.note("baselines") == body


def test_a_lease_has_one_holder_until_it_ends(store: Store) -> None:
    assert store.lease("evaluate", "a", at(60), at(0))
    assert not store.lease("evaluate", "b", at(90), at(30))
    assert store.lease("evaluate", "a", at(90), at(30))
    assert not store.lease("evaluate", "b", at(150), at(89))
    assert store.lease("evaluate", "b", at(150), at(90))
    assert store.lease("deliver", "a", at(150), at(90))


def test_only_what_is_settled_leaves_the_outbox(store: Store) -> None:
    store.post([parcel("sent"), parcel("due")])
    store.sent(parcel("sent"), at(1), None)
    store.expire(START + timedelta(days=500), Keep())
    assert [one.id for one in store.parcels("i-1")] == ["due"]
