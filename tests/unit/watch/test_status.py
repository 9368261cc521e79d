"""The state at a glance: what counts as fine, as failing, and as unknown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from synthetic.evaluate.gauges import LOOKBACK
from synthetic.plan.load import load
from synthetic.plan.observations import EVALUATED
from synthetic.results import Sample
from synthetic.settings import Settings
from synthetic.store.values import Alert, Incident
from synthetic.watch.cadence import cadence_of
from synthetic.watch.figures import EVERY
from synthetic.watch.status import HEARTBEAT, LEEWAY, Standing, Status, status
from tests.histories import after, asking, sample
from tests.stored import alert, incident

PLAN = load()
CADENCE = cadence_of(PLAN, Settings(), after(0))
NOW = 600.0
"""Minutes after the start of the history."""


def stands(
    samples: Iterable[Sample],
    incidents: tuple[Incident, ...] = (),
    alerts: tuple[Alert, ...] = (),
    minutes: float = NOW,
) -> Status:
    at, ask = after(minutes), asking(samples)
    return status(PLAN, "steady", "https://kulti.test/", ask, CADENCE, incidents, alerts, at)


def watched(until: float = NOW, location: str = "eu") -> list[Sample]:
    """What a watcher leaves that probed and evaluated up to a moment."""
    return [
        sample("site_up", until, 1, source="probes", location=location),
        sample(HEARTBEAT, until, 0.1, task="probe", location=location),
        sample(EVALUATED, until, 1, location=location),
    ]


def ran(minutes: float, **figures: float) -> list[Sample]:
    """What a smoke run leaves."""
    told = {"run_failed": 0.0, "run_inconclusive": 0.0, **figures}
    return [
        sample(name, minutes, value, suite="smoke", location="eu") for name, value in told.items()
    ]


def tried(feature: str, *outcomes: float) -> list[Sample]:
    """First attempts of a feature, every five minutes up to now."""
    labels = {"feature": feature, "journey": "meet", "location": "eu"}
    moments = [NOW - 5 * number for number in range(len(outcomes))][::-1]
    pairs = list(zip(moments, outcomes, strict=True))
    rates = [sample("outcome", at, value, burst="no", **labels) for at, value in pairs]
    return [*rates, *(sample("works", at, value, **labels) for at, value in pairs)]


def feature(name: str, samples: Iterable[Sample]) -> Standing:
    (found,) = [one for one in stands(samples).features if one.feature == name]
    return found


def test_watched_and_well_is_fine() -> None:
    found = stands([*watched(), *ran(NOW - 30)])
    assert (found.verdict, found.doubts) == ("fine", ())


def test_runs_alone_are_enough_while_they_come() -> None:
    """As in CI, where nobody watches in between."""
    assert stands(ran(NOW - 100)).verdict == "fine"
    assert stands(ran(NOW - 200)).verdict == "unknown"


def test_an_empty_history_is_unknown() -> None:
    assert stands([]).doubts == ("nothing was observed for a day, so nobody can tell",)


@pytest.mark.parametrize(("late", "verdict"), [(-1, "fine"), (1, "unknown")])
def test_a_watcher_that_went_silent_makes_it_unknown(late: float, verdict: str) -> None:
    """Whatever it saw before."""
    allowed = LOOKBACK * CADENCE["evaluate"] + LEEWAY + timedelta(seconds=late)
    found = stands(watched(NOW - allowed / timedelta(minutes=1)))
    assert found.verdict == verdict
    assert [one.silent for one in found.lookouts] == [late > 0]


def test_a_watcher_that_lives_and_does_not_evaluate_makes_it_unknown() -> None:
    lives = [one for one in watched() if one.metric != EVALUATED]
    dead = [sample(EVALUATED, NOW - 10, 1, location="eu"), *ran(NOW - 10)]
    assert stands([*lives, *dead]).doubts == ("evaluation did not come when due",)


@pytest.mark.parametrize(
    ("task", "every_h", "doubts"),
    [
        ("smoke", 2, ("smoke did not come for a day",)),
        ("smoke", 24, ()),
        ("full", 2, ()),
    ],
)
def test_smoke_that_a_watcher_should_run_and_nobody_has_heard_of(
    task: str, every_h: float, doubts: tuple[str, ...]
) -> None:
    says = sample(EVERY, NOW - 1, every_h * 3600, task=task, location="eu")
    assert stands([*watched(), says]).doubts == doubts


def test_one_place_of_two_that_went_silent_is_shown() -> None:
    found = stands([*watched(location="us"), *watched(NOW - 60, location="eu")])
    assert [(one.location, one.silent) for one in found.lookouts] == [("eu", True), ("us", False)]
    assert found.verdict == "fine"


def test_figures_that_nobody_holds_against_the_plan_are_unknown() -> None:
    assert stands([sample("site_up", NOW, 1, source="probes", location="eu")]).doubts == (
        "nothing was held against the plan for a day",
    )


def test_runs_that_cannot_tell_say_nothing() -> None:
    cannot_tell = [one for one in ran(NOW - 30, run_inconclusive=1) if one.metric != "run_failed"]
    found = stands(cannot_tell)
    assert found.verdict == "unknown"


def test_what_fires_is_failing_also_without_an_incident() -> None:
    assert stands(watched(), alerts=(alert(),)).verdict == "failing"
    assert stands(watched(), (incident(),)).verdict == "failing"
    assert stands([], alerts=(alert(stale=True),)).verdict == "failing"


def test_what_begins_to_fire_does_not_yet() -> None:
    found = stands(watched(), alerts=(alert(state="pending"), alert("other", state="resolved")))
    assert (found.verdict, [one.state for one in found.alerts]) == ("fine", ["pending"])


def test_open_incidents_come_worst_first_and_the_last_to_end_says_since_when() -> None:
    ended = [incident(f"i-{n}", closed_at=after(n)) for n in (7, 3)]
    low = incident("low", severity="low")
    found = stands(watched(), (low, *ended, incident("worst")))
    assert [one.id for one in found.incidents] == ["worst", "low"]
    assert found.calm_since == after(7)


def test_when_each_thing_was_done_and_is_due() -> None:
    found = stands([*watched(NOW - 0.5), *ran(NOW - 30), sample("dau", NOW - 5, 40)])
    tasks = {task.name: task for task in found.tasks}
    assert tasks["probes"].due == after(NOW + 0.5)
    assert tasks["smoke"].due == after(NOW - 30) + CADENCE["smoke"]
    assert tasks["full"].last is None
    assert [name for name, task in tasks.items() if task.late(found.at)] == ["sources"]
    assert found.verdict == "fine"  # sources are not vital


def test_a_watchers_own_cadence_counts_more_than_ours() -> None:
    """It may have been started with other settings."""
    quick = sample(EVERY, NOW - 1, 5, task="probe", location="eu")
    found = stands([*watched(NOW - 1), quick])
    assert found.tasks[0].due == after(NOW - 1) + timedelta(seconds=5)
    assert found.doubts == ("probes did not come when due",)


def test_a_watcher_that_is_no_more_sets_nobody_a_cadence() -> None:
    gone = sample(EVERY, NOW - 200, 5, task="probe", location="us")
    here = sample(EVERY, NOW - 1, 60, task="probe", location="eu")
    assert stands([*watched(NOW - 1), gone, here]).verdict == "fine"


def test_features_against_their_targets() -> None:
    good, bad = [1.0] * 29, [0.0] * 10 + [1.0] * 19
    assert feature("signup", tried("signup", *good)).state == "ok"
    failing = feature("session_join", tried("session_join", *bad))
    assert (failing.works, failing.state, failing.count) == (True, "failed", 29)
    assert failing.row
    assert failing.row.target == 95


def test_too_few_attempts_are_shown_but_not_judged() -> None:
    few = feature("signup", tried("signup", 0.0, 1.0))
    assert (few.success, few.count, few.state) == (50, 2, "ok")


def test_what_does_not_work_now_has_failed_whatever_its_share() -> None:
    down = feature("signup", tried("signup", *[1.0] * 40, 0.0))
    assert (down.works, down.state) == (False, "failed")


def test_of_another_phases_word_only_the_target_counts() -> None:
    video = feature("video", tried("video", *[0.0] * 15, *[1.0] * 15))
    assert video.row
    assert (video.row.target, video.row.alert) == (95, None)
    assert video.state == "degraded"


def test_what_was_not_tried_of_late_is_unknown() -> None:
    tried_now = tried("chat", 1.0)
    old = [one.model_copy(update={"at": one.at - timedelta(days=3)}) for one in tried_now]
    assert stands([*watched(), *old]).features == ()
