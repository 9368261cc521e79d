"""All rules at one moment: alerts, phases that take rules away, and data that stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from synthetic.evaluate.arrivals import Arrivals
from synthetic.evaluate.evaluation import evaluate
from synthetic.plan.model import Phase, Plan
from synthetic.results import Sample
from synthetic.store.values import Alert, Transition
from tests.histories import after, asking, sample
from tests.plans import derived, metric, plan, rule

DAY = 1440.0


class Watch:
    """A plan evaluated again and again."""

    def __init__(self, plan_: Plan, *samples: Sample) -> None:
        self.plan, self.ask = plan_, asking(samples)
        self.alerts: tuple[Alert, ...] = ()
        self.arrived: Arrivals | None = None

    def at(self, minutes: float, phase: Phase = "steady") -> list[tuple[str, str]]:
        """What changes at a moment: rules and their new states."""
        found = evaluate(self.plan, phase, self.alerts, self.ask, after(minutes), self.arrived)
        self.alerts, self.arrived = found.alerts, found.arrived
        self.transitions = found.transitions
        return [(one.rule, one.state) for one in found.transitions]


class TestRules:
    def test_fire_by_what_is_known(self) -> None:
        watch = Watch(
            plan(metric(), rule()), sample("error_rate", 0, 15), sample("error_rate", 1, 5)
        )
        assert watch.at(0) == [("high-errors", "firing")]
        assert watch.at(0.5) == []
        assert watch.at(1) == [("high-errors", "resolved")]
        assert watch.at(1.5) == []

    def test_hold_the_same_gauge_against_several_lines(self) -> None:
        rules = [rule(f"over-{line}", alert=line) for line in (1, 5, 10)]
        found = evaluate(
            plan(metric(), *rules), "steady", (), asking([sample("error_rate", 0, 7)]), after(0)
        )
        assert [one.rule for one in found.alerts] == ["over-1", "over-5"]
        assert found.gauges["error_rate"][0].value == 7
        assert found.transitions[0] == Transition(after(0), "over-1", "firing", 7, ())

    def test_say_nothing_of_the_unknown(self) -> None:
        found = evaluate(
            plan(metric(), rule(alert=0, compare="<")), "steady", (), asking([]), after(0)
        )
        assert (found.alerts, found.transitions, found.gauges) == ((), (), {"error_rate": ()})

    def test_rows_that_are_no_rules_are_not_evaluated(self) -> None:
        quiet = rule("quiet", severity=None)
        assert Watch(plan(metric(), quiet), sample("error_rate", 0, 99)).at(0) == []


class TestPhases:
    RULES = (
        rule("always", key="errors", alert=10),
        rule("launch", key="errors", alert=5, phase="launch", **{"for": "2m"}),
        rule("launch-only", alert=1, phase="launch"),
    )

    def watch(self) -> Watch:
        samples = [sample("error_rate", minute, 15) for minute in range(9)]
        return Watch(plan(metric(), *self.RULES), *samples)

    def test_a_phase_overrides_and_adds(self) -> None:
        assert self.watch().at(0) == [("always", "firing")]
        assert self.watch().at(0, "launch") == [("launch", "pending"), ("launch-only", "firing")]

    def test_a_rule_that_is_taken_away_leaves_its_alert_superseded(self) -> None:
        watch = self.watch()
        watch.at(0, "launch")
        assert watch.at(1) == [
            ("always", "firing"), ("launch", "inactive"), ("launch-only", "superseded"),
        ]  # fmt: skip
        assert watch.at(2) == []

    def test_a_rule_that_the_plan_has_no_more_is_superseded(self) -> None:
        watch = self.watch()
        watch.alerts = (Alert("gone", (), "firing", after(-5), 1, after(-5)),)
        assert ("gone", "superseded") in watch.at(0)


class TestNoData:
    def watch(self, *minutes: float, name: str = "error_rate", **labels: str) -> Watch:
        samples = [sample(name, each, 1, **labels) for each in minutes]
        return Watch(plan(metric(), metric("dau", interval="1d"), rule()), *samples)

    def test_what_stopped_arriving_is_told_once_and_ends_when_it_comes_back(self) -> None:
        watch = self.watch(0, 1, 9)
        seen = {minute: watch.at(minute) for minute in (1, 2, 2.5, 3, 4, 9, 10)}
        assert {minute: told for minute, told in seen.items() if told} == {
            3: [("no-data", "firing")],
            9: [("no-data", "resolved")],
        }

    def test_it_says_what_is_missing_and_for_how_long_it_is_overdue(self) -> None:
        watch = self.watch(0, location="eu")
        watch.at(5)
        (alert,) = watch.alerts
        assert dict(alert.labels) == {"location": "eu", "metric": "error_rate"}
        assert alert.value == timedelta(minutes=3.5).total_seconds()

    def test_what_never_came_is_not_missed(self) -> None:
        assert self.watch().at(5) == []

    @pytest.mark.parametrize(("name", "missed"), [("site_up", 1), ("site_ms", 0), ("error", 0)])
    def test_of_observations_only_what_is_said_in_any_case(self, name: str, missed: int) -> None:
        made = (metric("site_up"), metric("site_ms"), derived("all", "count", "error", window="1h"))
        assert len(Watch(plan(*made), sample(name, 0, 1)).at(600)) == missed

    def test_runs_are_missed_by_location(self) -> None:
        made = derived("unsure", "latest", "run_inconclusive", window="3h", by=["location"])
        slow = made.model_copy(update={"interval": 7200})
        slower = made.model_copy(update={"name": "seldom", "interval": 86400})
        samples = [
            sample("run_inconclusive", minute, 0, suite=suite, location="eu")
            for minute, suite in ((0, "full"), (100, "smoke"))
        ]
        watch = Watch(plan(slow, slower), *samples)
        assert [watch.at(minute) for minute in (280, 281)] == [[], [("no-data", "firing")]]
        assert dict(watch.transitions[0].labels) == {"location": "eu", "metric": "runs"}

    def test_a_recipe_that_is_read_is_missed_rather_than_what_it_gives(self) -> None:
        """A quiet night has nothing to measure."""
        read = [sample("source_read", minute, 1, recipe="vercel") for minute in range(10)]
        watch = Watch(plan(metric()), sample("error_rate", 0, 1), *read)
        assert watch.at(9) == []
        assert watch.at(11) == [("no-data", "firing")]
        assert dict(watch.transitions[0].labels) == {"metric": "sources", "recipe": "vercel"}
        assert watch.at(9 + 7 * DAY) == [("no-data", "superseded")]

    def test_what_is_missed_when_recipes_begin_to_be_read_is_not_any_more(self) -> None:
        watch = Watch(
            plan(metric()), sample("error_rate", 0, 1), sample("source_read", 9, 1, recipe="sentry")
        )
        assert [watch.at(5), watch.at(9)] == [[("no-data", "firing")], [("no-data", "superseded")]]

    def test_what_probes_and_sources_both_give_is_missed_with_its_recipe(self) -> None:
        made = plan(metric(), metric("replication_lag", observed_by="probe"))
        lag = sample("replication_lag", 0, 1)
        watch = Watch(made, lag, sample("source_read", 0, 1, recipe="postgresql"))
        assert watch.at(5) == [("no-data", "firing")]

    def test_each_location_is_missed_by_itself(self) -> None:
        both = [sample("error_rate", 0, 1, location=place) for place in "ab"]
        watch = Watch(plan(metric()), *both, sample("error_rate", 5, 1, location="b"))
        assert watch.at(5) == [("no-data", "firing")]
        assert dict(watch.transitions[0].labels)["location"] == "a"

    @pytest.mark.parametrize(
        ("name", "last", "gone"), [("error_rate", 7 * DAY, True), ("dau", 7 * DAY - 1, False)]
    )
    def test_what_was_not_seen_for_a_week_is_not_expected(
        self, name: str, last: float, gone: bool
    ) -> None:
        assert self.watch(0, name=name).at(last) == ([] if gone else [("no-data", "firing")])

    def test_what_comes_seldom_is_expected_for_longer(self) -> None:
        weekly = metric("churn", interval="7d")
        watch = Watch(plan(weekly), sample("churn", 0, 1))
        assert [watch.at(day * DAY) for day in (10, 11)] == [[], [("no-data", "firing")]]
        assert watch.at(21 * DAY) == [("no-data", "superseded")]

    def test_an_old_alert_of_it_ends_then_unresolved(self) -> None:
        watch = self.watch(0)
        assert watch.at(10) == [("no-data", "firing")]
        assert watch.at(7 * DAY) == [("no-data", "superseded")]
        assert watch.at(7 * DAY + 1) == []

    def test_what_is_known_from_before_need_not_be_asked_again(self) -> None:
        """Going on from an earlier evaluation says what starting afresh would."""
        watch = self.watch(*range(0, 30, 7), *range(60, 70))
        alerts: tuple[Alert, ...] = ()
        for minute in range(0, 90, 3):
            told = watch.at(minute)
            afresh = evaluate(watch.plan, "steady", alerts, watch.ask, after(minute))
            alerts = afresh.alerts
            assert told == [(one.rule, one.state) for one in afresh.transitions]
            assert watch.alerts == alerts


@pytest.mark.parametrize("labels", [{}, {"location": "eu"}])
def test_a_firing_alert_outlives_its_data(labels: dict[str, Any]) -> None:
    watch = Watch(plan(metric(), rule()), sample("error_rate", 0, 15, **labels))
    assert watch.at(0) == [("high-errors", "firing")]
    assert watch.at(60) == [("no-data", "firing")]
    assert [(one.rule, one.state, one.stale) for one in watch.alerts] == [
        ("high-errors", "firing", True),
        ("no-data", "firing", False),
    ]
