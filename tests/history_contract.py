"""What a history does with runs and samples, whichever database keeps them.

All need a fixture ``store``, empty.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from synthetic.evaluate.history import Question
from synthetic.results import Run, Sample
from synthetic.store import sampling
from synthetic.store.digest import Digest, digest
from synthetic.store.history import Store
from synthetic.store.listing import Only
from tests.runs import HOSTILE, START, at, camera, failed, journey, recorded, run, step
from tests.stored import HOUR, LATER, TARGET, asked, count, sample


def test_a_run_is_read_as_it_was_stored(store: Store) -> None:
    for one in (recorded(), run(journey(failed("late"), step("x", latency_ms=1.5)))):
        assert store.save_run(one, LATER)
        assert store.run(one.run_id) == one
    assert store.run("nobody's") is None


def test_a_run_stored_twice_changes_nothing(store: Store) -> None:
    assert store.save_run(recorded(), LATER)
    before = store.ask("stand-in")(Question("step_ms", at(-1e6), LATER))
    assert not store.save_run(recorded(), LATER + HOUR)
    assert store.ask("stand-in")(Question("step_ms", at(-1e6), LATER)) == before


def test_a_record_that_grew_takes_the_place_of_what_it_was(store: Store) -> None:
    first = run(journey(step(latency_ms=100.0)))
    grown = run(journey(step(latency_ms=100.0), step("chat", latency_ms=300.0)))
    for one in (first, grown):
        assert store.save_run(one, LATER)
    assert store.run(first.run_id) == grown
    assert count(store, "step_ms") == 2


def test_a_record_without_an_end_never_replaces_the_whole_one(store: Store) -> None:
    unfinished = run(finished_at=None, duration_s=None)
    assert store.save_run(run(journey(step())), LATER)
    assert not store.save_run(unfinished, LATER)
    assert store.save_run(unfinished.model_copy(update={"run_id": "another"}), LATER)


def test_runs_at_the_same_moments_are_all_counted(store: Store) -> None:
    for number in range(5):
        store.save_run(run(journey(step(latency_ms=7.0)), run_id=f"run-{number}"), LATER)
    assert count(store, "step_ms") == 5
    store.save_run(run(run_id="run-3", verdict="degraded"), LATER)
    assert count(store, "step_ms") == 4


def test_hostile_text_is_kept(store: Store) -> None:
    hostile = run(journey(failed(HOSTILE)), revision="'; DROP TABLE runs; --")
    store.save_run(hostile, LATER)
    assert store.run(hostile.run_id) == hostile
    store.save_run(run(journey(failed("a\0b \\u0000 \\\0")), run_id="nul"), LATER)
    (kept,) = (store.run("nul") or hostile).journeys
    assert kept.steps[0].error
    assert kept.steps[0].error.message == "a\ufffdb \\u0000 \\\ufffd"


def test_runs_are_listed_by_target_and_start(store: Store) -> None:
    for number in range(3):
        store.save_run(run(run_id=f"run-{number}", started_at=at(number)), LATER)
    store.save_run(run(run_id="other", target="https://other.test/"), LATER)
    assert [one.run_id for one in store.runs(TARGET, at(0), at(2))] == ["run-1", "run-2"]
    assert store.targets() == ("https://kulti.test/", "https://other.test/")


def test_a_question_takes_what_is_after_its_start_up_to_its_end(store: Store) -> None:
    store.add_samples(TARGET, [sample(seconds) for seconds in (0, 1, 2)], LATER)
    assert count(store, start=0, end=2) == 2
    assert count(store, start=0.5, end=1.5) == 1
    assert not asked(store, "unheard_of")


def test_who_asks_sees_what_was_stored_meanwhile(store: Store) -> None:
    ask, question = store.ask(TARGET), Question("dau", at(-1), at(1))
    assert not ask(question)
    store.add_samples(TARGET, [sample(0)], LATER)
    assert ask(question)[()].count == 1


def test_targets_never_mix(store: Store) -> None:
    store.add_samples("stand-in", [sample(0, 5.0)], LATER)
    store.add_samples(TARGET, [sample(0, 7.0)], LATER)
    assert [one.total for one in asked(store, "dau").values()] == [7.0]


def test_label_sets_are_answered_apart(store: Store) -> None:
    store.add_samples(TARGET, [sample(0, 1.0, kind="a", x="y"), sample(0, 2.0, x="y")], LATER)
    found = asked(store, "dau")
    assert found[(("kind", "a"), ("x", "y"))].latest == 1.0
    assert found[(("x", "y"),)].latest == 2.0


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (sample(0, math.nan), "the value is not a finite number"),
        (sample(0, math.inf), "the value is not a finite number"),
        (sample(0, -1e101), "the value is further from zero than 1e+100"),
        (sample(301), "the time is more than 5 minutes ahead of ours"),
        (sample(-1e9), "the time is before the year 2000"),
        (sample(0, metric="a b"), "the names of metric and labels should be letters, digits and _"),
        (sample(0, kind="x" * 3000), "metric and labels are longer than 2000 characters"),
        (
            Sample(metric="dau", value=1, at=START.replace(tzinfo=None)),
            "the time has no zone",
        ),
    ],
)
def test_samples_that_cannot_be_are_refused_with_the_reason(
    store: Store, bad: Sample, reason: str
) -> None:
    added = store.add_samples(TARGET, [sample(300), bad], START)
    assert [(one.place, one.reason) for one in added.refused] == [(1, reason)]
    assert (added.stored, count(store)) == (1, 1)


def test_of_duplicates_the_first_stays(store: Store) -> None:
    first = store.add_samples(TARGET, [sample(0, 1.0), sample(0, 2.0), sample(1)], LATER)
    again = store.add_samples(TARGET, [sample(0, 3.0), sample(1), sample(2)], LATER)
    assert (first.stored, first.duplicates) == (2, 1)
    assert (again.stored, again.duplicates) == (1, 2)
    assert asked(store, "dau", end=0)[()].latest == 1.0


def test_samples_may_arrive_in_any_order_and_from_a_clock_that_went_back(store: Store) -> None:
    for seconds in (50, 10, 40, -30):
        store.add_samples(TARGET, [sample(seconds, seconds)], at(seconds))
    found = asked(store, "dau")[()]
    assert (found.count, found.latest, found.latest_at) == (4, 50.0, at(50))


def test_series_of_a_transaction_that_failed_are_not_remembered(store: Store) -> None:
    def work(connection: Connection) -> None:
        sampling.add(connection, TARGET, [sample(0)], LATER)
        raise LookupError

    with pytest.raises(LookupError):
        store.database.write(work)
    store.add_samples("another", [sample(0)], LATER)
    store.add_samples(TARGET, [sample(0)], LATER)
    assert count(store) == 1


def scattered(chance: random.Random, size: int) -> list[Sample]:
    moments = sorted({chance.uniform(0, 20 * 86400) for _ in range(size)})
    on_the_hour = [(math.ceil(one / 3600) * 3600.0) - 930 for one in moments[: size // 10]]
    return [
        sample(seconds, chance.choice([-3.0, 0.0, chance.lognormvariate(5, 1)]), place=place)
        for seconds in {*moments, *on_the_hour}
        for place in ("a", "b")
        if chance.random() < 0.6
    ]


def check_answers(store: Store, kept: Sequence[Sample], chance: random.Random) -> None:
    """Questions of every length are answered as the samples themselves say."""
    ask = store.ask(TARGET)
    for _ in range(60):
        start = chance.uniform(-1, 22) * 86400
        length = chance.choice([300, 3600, 7200, 86400, 86400 * 7, 86400 * 25])
        question = Question("dau", at(start), at(start + length * chance.uniform(0.3, 1)))
        found = ask(question)
        for place in ("a", "b"):
            wanted = digest(
                (one.at, one.value)
                for one in kept
                if one.labels["place"] == place and question.start < one.at <= question.end
            )
            same(found.get((("place", place),)), wanted)


def same(found: Digest | None, wanted: Digest | None) -> None:
    if found is None or wanted is None:
        assert found == wanted
        return
    assert math.isclose(found.total, wanted.total, abs_tol=1e-6)
    assert replace(found, total=0.0) == replace(wanted, total=0.0)


def test_rollups_answer_as_the_samples_would(store: Store) -> None:
    """Whole days, whole hours and edges; then with what arrived late, and with runs that grew."""
    chance = random.Random(5)
    kept = scattered(chance, 400)
    store.add_samples(TARGET, kept, at(30 * 86400))
    check_answers(store, kept, chance)
    store.roll_up(at(15 * 86400))
    check_answers(store, kept, chance)
    late = [one for one in scattered(chance, 50) if one.at not in {old.at for old in kept}]
    store.add_samples(TARGET, late, at(30 * 86400))
    kept += late
    check_answers(store, kept, chance)
    store.roll_up(at(30 * 86400))
    store.roll_up(at(30 * 86400))
    check_answers(store, kept, chance)


def test_a_run_that_grows_after_its_hour_was_rolled_up_is_counted_once(store: Store) -> None:
    small = run(journey(step(latency_ms=100.0)))
    store.save_run(small, LATER)
    store.roll_up(START + timedelta(days=3))
    store.save_run(run(journey(step(latency_ms=100.0), step("x", latency_ms=300.0))), LATER)
    assert sum(one.total for one in asked(store, "step_ms", -80000, 90000).values()) == 400.0
    store.save_run(run(verdict="degraded"), LATER)
    assert not asked(store, "step_ms", -80000, 90000)


def test_what_expires_is_counted_by_the_hour_and_later_by_the_day(store: Store) -> None:
    store.add_samples(TARGET, [sample(60 * minute) for minute in range(3 * 1440)], at(3 * 86400))
    store.roll_up(at(5 * 86400))
    store.expire(at(40 * 86400))
    assert count(store) == 3 * 1440
    hour = 3600 - 930.0  # the runs begin at 21:15:30
    assert count(store, start=hour + 1700, end=hour + 3600 * 2) == 120
    assert count(store, start=hour + 1900, end=hour + 3600 * 2) == 60
    store.expire(at(500 * 86400))
    assert count(store) == 3 * 1440
    midnight = 86400 - 76530.0
    assert count(store, start=midnight + 40000, end=midnight + 86400) == 1440
    store.expire(at(5000 * 86400))
    assert not asked(store, "dau")


def test_an_hour_whose_samples_expired_takes_nothing_more(store: Store) -> None:
    store.add_samples(TARGET, [sample(0)], at(1))
    store.roll_up(at(86400))
    store.expire(at(40 * 86400))
    new = [sample(0), sample(10), sample(7200, 9.0)]
    added = store.add_samples(TARGET, new, at(40 * 86400))
    assert [one.place for one in added.refused] == [0, 1]
    assert "expired" in added.refused[0].reason
    for start, end in ((-1e6, 1e9), (-900, 8000)):
        found = asked(store, "dau", start, end)[()]
        assert (found.count, found.latest) == (2, 9.0)


def test_what_arrived_lately_is_kept_however_old_it_is(store: Store) -> None:
    store.add_samples(TARGET, [sample(0), sample(5)], at(300 * 86400))
    store.roll_up(at(300 * 86400))
    store.expire(at(310 * 86400))
    assert count(store, start=-1, end=1) == 1


def test_failures_outlive_successes(store: Store) -> None:
    good, bad = run(journey(step()), run_id="good"), run(journey(failed("x")), run_id="bad")
    store.save_run(good, LATER)
    store.save_run(bad.model_copy(update={"verdict": "failed", "origin": "target"}), LATER)
    store.expire(START + timedelta(days=50))
    assert [one and len(one.journeys) for one in map(store.run, ("good", "bad"))] == [0, 1]
    store.expire(START + timedelta(days=500))
    assert store.run("good") is None
    assert store.run("bad") is None


def test_a_run_of_every_kind_of_row_is_kept(store: Store) -> None:
    whole: Run = run(journey(step()), media=(camera(impaired="cut"), camera(limited_by="cpu")))
    store.save_run(whole, LATER)
    assert store.run(whole.run_id) == whole


def test_runs_are_listed_newest_first_with_what_failed(store: Store) -> None:
    bad = journey(step("join"), failed("nobody came", name="see"))
    given = [
        run(journey(step()), run_id="1"),
        run(bad, journey(step(), name="chat"), run_id="2", started_at=at(9), verdict="failed"),
        run(run_id="3", started_at=at(9), suite="full", location="us-east"),
        run(run_id="4", target="stand-in"),
    ]
    store.save_again(given, LATER)
    found = store.listed(TARGET, Only(), limit=2)
    assert [one.run_id for one in found.runs] == ["3", "2"]
    assert (found.total, found.suites, found.locations) == (
        3,
        ("full", "smoke"),
        ("eu-west", "us-east"),
    )
    (broke,) = found.runs[1].journeys
    assert [one.name for one in broke.steps] == ["see"]
    assert [one.run_id for one in store.listed(TARGET, Only(), limit=2, offset=2).runs] == ["1"]
    assert store.listed(TARGET, Only(verdict="failed", suite="smoke"), limit=9).total == 1
    assert store.listed("nobody's", Only(), limit=9).runs == ()
