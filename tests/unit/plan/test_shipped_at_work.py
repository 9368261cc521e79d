"""The shipped plan, held against runs: what is broken alerts once, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from synthetic.evaluate.evaluation import evaluate
from synthetic.evaluate.gauges import gauge
from synthetic.plan.load import load
from synthetic.plan.model import Row
from synthetic.results import Feature, Run, Sample
from synthetic.store.observations import observations
from tests.histories import after, asking, sample
from tests.runs import at, camera, failed, journey, recorded, run, step

PLAN = load()
RULE: dict[Feature, str] = {
    "site": "f-site",
    "health": "f-health",
    "signup": "f-signup",
    "login": "f-login",
    "dashboard": "f-dashboard",
    "session_create": "f-session-create",
    "session_join": "f-session-join",
    "video": "f-video",
    "screen_share": "a-screen-share-capture",
    "recording": "a-recording-start",
    "chat": "e-low-minor-features",
    "leave": "e-low-minor-features",
    "reconnect": "e-low-minor-features",
}


def firing(made: Run, *samples: Sample) -> list[str]:
    """The rules that fire when a run has ended."""
    assert made.finished_at
    found = evaluate(PLAN, "steady", (), asking([*observations(made), *samples]), made.finished_at)
    return [alert.rule for alert in found.alerts if alert.state == "firing"]


def row(name: str) -> Row:
    return next(one for one in PLAN.rows if one.id == name)


@pytest.mark.parametrize(("feature", "rule"), RULE.items())
def test_a_failure_that_was_confirmed_alerts_by_its_features_rule(
    feature: Feature, rule: str
) -> None:
    attempts = [journey(failed("gone", feature=feature), attempt=number) for number in (1, 2)]
    attempts.append(journey(step("stay", feature="dashboard", ended_at=at(9)), name="else"))
    assert firing(run(*attempts, verdict="failed", origin="target")) == [rule]


@pytest.mark.parametrize("feature", RULE)
def test_one_that_passed_on_the_second_attempt_does_not(feature: Feature) -> None:
    first = journey(failed("gone", feature=feature))
    second = journey(step(feature=feature), attempt=2)
    assert firing(run(first, second, verdict="degraded")) == []


def test_a_good_run_alerts_of_nothing() -> None:
    assert firing(recorded()) == []


def test_a_run_that_could_not_tell_is_told_without_a_call() -> None:
    unsure = run(journey(step()), verdict="inconclusive", origin="runner")
    assert firing(unsure) == ["a-t1-smoke"]
    severity, kind = row("a-t1-smoke").severity, row("a-t1-smoke").type
    assert severity
    assert kind
    to = [to for route in PLAN.routes if route.takes(severity, kind) for to in route.to]
    assert [(one.channel, one.place) for one in to] == [("slack", "#ops-alerts")]


def dead() -> Run:
    """A run to which nothing answered: what comes after the first step was skipped."""
    journeys = [
        journey(failed("gone", feature=feature), name=feature, attempt=number)
        for feature, number in product(("site", "signup"), (1, 2))
    ]
    return run(*journeys, verdict="failed", origin="target")


def seen(metric: str, value: float, **labels: str) -> Sample:
    return Sample(metric=metric, value=value, at=at(11), labels=labels)


def test_a_dead_site_is_all_services_down() -> None:
    assert firing(dead()) == ["e-all-services-down", "f-site", "f-signup"]


def test_while_one_place_reaches_it_not_all_services_are_down() -> None:
    elsewhere = seen("works", 1, feature="site", journey="site", location="us-east")
    assert firing(dead(), elsewhere) == ["f-site", "f-signup"]


def test_probes_say_it_sooner_than_journeys() -> None:
    up, down = recorded(), [seen("site_up", 0), seen("health_up", 0)]
    late = [one.model_copy(update={"at": up.finished_at}) for one in down]
    assert "e-all-services-down" in firing(up, *late)


def test_where_health_answers_probes_a_dead_page_is_not_all() -> None:
    assert "e-all-services-down" not in firing(dead(), seen("site_up", 0), seen("health_up", 1))


def test_what_was_shown_to_the_wrong_person_is_a_security_alert() -> None:
    leaks = [
        journey(failed("hers", error="Leak", feature="chat"), attempt=number) for number in (1, 2)
    ]
    rules = firing(run(*leaks, verdict="failed", origin="target"))
    assert rules == ["e-security-alert", "e-low-minor-features"]


@pytest.mark.parametrize(
    ("figures", "rules"),
    [
        ({"fps": 19.0}, ["d-frame-rate"]),
        ({"bitrate_kbps": 299.0}, ["d-video-bitrate"]),
        ({"kind": "screen", "height": 700}, ["d-screen-share-quality"]),
        ({"kind": "screen", "height": 1080, "fps": 5.0}, []),
    ],
    ids=str,
)
def test_poor_media_alerts_by_the_streaming_metrics(
    figures: dict[str, float], rules: list[str]
) -> None:
    watched = journey(step("lasts", feature="video", ended_at=at(9)))
    assert firing(run(watched, media=[camera(**figures)])) == rules


def test_a_budget_is_a_setting_or_what_somebody_recorded() -> None:
    cost = sample("hms_cost", 0, 600)
    decided = load(values={"hms_budget": 500.0})
    (over,) = gauge(decided, "hms_over_budget", after(1), asking([cost]))
    assert over.value == pytest.approx(20)
    assert not gauge(PLAN, "hms_over_budget", after(1), asking([cost]))
    recorded_later = asking([cost, sample("hms_budget", 0, 300)])
    (over,) = gauge(decided, "hms_over_budget", after(1), recorded_later)
    assert over.value == pytest.approx(100)


def test_a_success_rate_is_unknown_until_one_failure_alone_cannot_cross_its_line() -> None:
    labels = {"feature": "signup", "burst": "no", "location": "eu-west", "journey": "meet"}
    outcomes = [sample("outcome", minute, float(minute > 0), **labels) for minute in range(20)]
    late = after(timedelta(hours=1).total_seconds() / 60)
    (rate,) = gauge(PLAN, "signup_success", late, asking(outcomes))
    assert rate.value == 95
    assert not gauge(PLAN, "signup_success", late, asking(outcomes[:19]))
