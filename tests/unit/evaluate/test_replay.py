"""Replaying: what would have changed, at each instant, and nothing asked in vain."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from synthetic.evaluate.evaluation import evaluate
from synthetic.evaluate.history import Answer, Question
from synthetic.evaluate.replay import replay
from synthetic.plan.model import PhaseSpan, Plan
from synthetic.store.values import Alert, Transition
from tests.histories import START, after, asking, sample
from tests.plans import derived, metric, plan, rule

MINUTE = timedelta(minutes=1)
PLAN = plan(
    metric(),
    metric("dau", interval="1d"),
    metric("unseen"),
    derived("dau_change", "change", "dau", against="1d"),
    derived("cache_miss_rate", "complement", "cache_hit_rate"),
    metric("cache_hit_rate"),
    rule(**{"for": "2m", "keep_firing_for": "1m"}),
    rule("dau-drop", metric="dau_change", alert=-30, compare="<"),
    rule("unseen", metric="unseen"),
    rule("cache", metric="cache_miss_rate"),
    rule("at-launch", alert=1, phase="launch"),
    PhaseSpan(name="launch", begins=0, ends=600),
)
SAMPLES = [
    sample("dau", -1440, 100),
    sample("dau", 0, 60),
    *(sample("error_rate", minute, 15 if 5 <= minute < 10 else 0) for minute in range(20)),
]


def told(transitions: list[Transition]) -> list[tuple[float, str, str]]:
    return [((one.at - START) / MINUTE, one.rule, one.state) for one in transitions]


def test_transitions_come_at_their_instants() -> None:
    found = list(replay(PLAN, None, asking(SAMPLES), after(0), after(15), MINUTE))
    assert told(found) == [
        (0, "dau-drop", "firing"),
        (5, "high-errors", "pending"),
        (7, "high-errors", "firing"),
        (11, "high-errors", "resolved"),
    ]
    assert found[0].value == -40


def test_phases_change_meanwhile() -> None:
    found = told(list(replay(PLAN, after(0), asking(SAMPLES), after(8), after(12), MINUTE)))
    assert [one for one in found if one[1] == "at-launch"] == [
        (8, "at-launch", "firing"),
        (10, "at-launch", "superseded"),
    ]


def test_both_ends_are_evaluated() -> None:
    found = told(list(replay(PLAN, None, asking(SAMPLES), after(5), after(7), 2 * MINUTE)))
    assert [at for at, rule_, _ in found if rule_ == "high-errors"] == [5, 7]


def test_it_is_what_evaluating_each_instant_would_say() -> None:
    ask, expected = asking(SAMPLES), list[Transition]()
    alerts: tuple[Alert, ...] = ()
    for minute in range(30):
        one = evaluate(PLAN, "steady", alerts, ask, after(minute))
        alerts = one.alerts
        expected += one.transitions
    assert list(replay(PLAN, None, ask, after(0), after(29), MINUTE)) == expected
    assert (21, "no-data", "firing") in told(expected)


def test_what_never_arrived_is_asked_for_once() -> None:
    asked: Counter[str] = Counter()
    answer = asking(SAMPLES)

    def ask(question: Question) -> Answer:
        asked[question.metric] += 1
        return answer(question)

    list(replay(PLAN, None, ask, after(0), after(60), MINUTE))
    assert asked["unseen"] == asked["cache_hit_rate"] == asked["cache_miss_rate"] == 1
    assert asked["dau_change"] == 1
    assert asked["error_rate"] > 60


def test_what_a_change_is_held_against_may_lie_far_back() -> None:
    made = (metric("cost", interval="1d"), derived("rise", "change", "cost", against="40d"))
    samples = [sample("cost", -40 * 1440, 100), sample("cost", 0, 120)]
    found = replay(
        plan(*made, rule(metric="rise")), None, asking(samples), after(0), after(0), MINUTE
    )
    assert [one.value for one in found] == [20]


def test_what_only_was_there_long_before_counts_as_known() -> None:
    """What began before the span is no new pattern in it."""
    made = derived("new", "newcomers", "error", window="1h", by=["fingerprint"])
    samples = [sample("error", minute, 1, fingerprint="x") for minute in (-20 * 1440, 0)]
    watched = plan(made, rule(metric="new", alert=0))
    assert list(replay(watched, None, asking(samples), after(0), after(9), MINUTE)) == []


def test_an_empty_plan_and_an_empty_history_say_nothing() -> None:
    empty: Plan = plan()
    assert list(replay(empty, None, asking(SAMPLES), after(0), after(9), MINUTE)) == []
    assert list(replay(PLAN, after(0), asking([]), after(0), after(9), MINUTE)) == []
