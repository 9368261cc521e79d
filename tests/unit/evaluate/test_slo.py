"""Objectives, uptime, recovery and promises: what is not known counts for neither side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from synthetic.evaluate.availability import (
    Outage,
    mean_time_to_recovery,
    outages,
    promises_kept,
    uptime,
)
from synthetic.evaluate.slo import WINDOWS, BurnRate, budget, burn_rates
from synthetic.evaluate.statistics import Share
from synthetic.results import Sample
from synthetic.store.values import Incident, State, Transition
from tests.histories import after, asking, sample
from tests.plans import derived, metric, plan, rule

HOUR = timedelta(hours=1)
DAY = 1440
SUCCESS = plan(derived("success", "share", "outcome", window="2d", where={"burst": "no"}, least=20))


def outcomes(first: float, last: float, every: float, bad: int) -> list[Sample]:
    """Outcomes from one minute to another, of which the newest ``bad`` failed."""
    minutes = [first + every * index for index in range(int((last - first) / every) + 1)]
    return [
        sample("outcome", minute, float(index < len(minutes) - bad), burst="no")
        for index, minute in enumerate(minutes)
    ]


class TestBurnRates:
    def test_of_every_window(self) -> None:
        ask = asking(outcomes(1, 3 * DAY, 1, bad=60))
        rates = burn_rates(SUCCESS, "success", 99, after(3 * DAY), ask)
        assert [one.windows for one in rates] == list(WINDOWS)
        assert [one.short for one in rates] == pytest.approx([100, 100, 50, 60 / 360 * 100])
        assert [one.long for one in rates] == pytest.approx([100, 60 / 3.6, 60 / 14.4, 60 / 43.2])
        assert all(one.burning for one in rates)

    def test_it_ceases_to_burn_when_the_short_window_is_good(self) -> None:
        samples = [*outcomes(1, 60, 1, bad=30), *outcomes(61, 70, 1, bad=0)]
        first = burn_rates(SUCCESS, "success", 99, after(70), asking(samples))[0]
        assert (first.short, first.burning) == (0, False)

    @pytest.mark.parametrize(
        ("short", "long", "burning"),
        [(20, 20, True), (20, 3, False), (3, None, False), (20, None, None), (None, None, None)],
    )
    def test_what_is_unknown_burns_only_for_certain(
        self, short: float | None, long: float | None, burning: bool | None
    ) -> None:
        assert BurnRate(WINDOWS[0], short, long).burning is burning

    def test_nothing_observed_is_unknown(self) -> None:
        rates = burn_rates(SUCCESS, "success", 99, after(0), asking([]))
        assert {(one.short, one.long, one.burning) for one in rates} == {(None, None, None)}

    @pytest.mark.parametrize("name", ["nowhere", "error_rate"])
    def test_what_is_no_share_has_none(self, name: str) -> None:
        assert budget(plan(metric()), name, 99, HOUR, after(0), asking([])) is None


class TestBudget:
    @pytest.mark.parametrize(("bad", "left"), [(0, 100), (1, 50), (2, 0), (6, -200)])
    def test_is_what_is_left_of_the_allowed_failures(self, bad: int, left: float) -> None:
        ask = asking(outcomes(1, 200, 1, bad=bad))
        found = budget(SUCCESS, "success", 99, timedelta(days=30), after(200), ask)
        assert found is not None
        assert found.left == pytest.approx(left)
        assert found.count == 200


class TestUptime:
    UP = metric("site_up", unit="bool")

    def probes(self, *spans: tuple[int, int, float], **labels: str) -> list[Sample]:
        return [
            sample("site_up", minute, value, **labels)
            for first, last, value in spans
            for minute in range(first, last)
        ]

    def test_divides_the_time(self) -> None:
        ask = asking(self.probes((1, 61, 1), (61, 76, 0), (76, 121, 1)))
        found = uptime(self.UP, ask, after(0), after(120))
        assert (found.up, found.down, found.unknown) == (
            timedelta(minutes=105), timedelta(minutes=15), timedelta(),
        )  # fmt: skip
        assert found.share == 87.5

    def test_time_that_nobody_observed_is_neither(self) -> None:
        found = uptime(self.UP, asking(self.probes((1, 61, 1))), after(0), after(240))
        assert (found.up, found.down, found.unknown) == (HOUR, timedelta(), 3 * HOUR)
        assert found.share == 100

    def test_a_probe_vouches_for_no_more_than_its_interval(self) -> None:
        found = uptime(self.UP, asking(self.probes((10, 20, 1))), after(0), after(60))
        assert found.up == timedelta(minutes=15)

    def test_many_locations_do_not_make_an_hour_longer(self) -> None:
        both = [*self.probes((1, 11, 1), location="a"), *self.probes((1, 11, 0), location="b")]
        found = uptime(self.UP, asking(both), after(0), after(60))
        assert (found.up, found.down) == (timedelta(minutes=7.5), timedelta(minutes=7.5))

    def test_nothing_observed_has_no_share(self) -> None:
        assert uptime(self.UP, asking([]), after(0), after(60)).share is None


def change(minutes: float, state: State, rule_: str = "a") -> Transition:
    return Transition(after(minutes), rule_, state, 1.0, ())


class TestOutages:
    def test_last_from_firing_to_resolved(self) -> None:
        found = outages(
            [change(0, "pending"), change(1, "firing"), change(5, "firing", "b"),
             change(6, "firing"),
             change(9, "resolved"), change(20, "pending"), change(21, "inactive")]
        )  # fmt: skip
        assert found == (Outage("a", (), after(1), after(9)), Outage("b", (), after(5), None))

    def test_one_whose_rule_was_taken_away_never_recovered(self) -> None:
        assert outages([change(1, "firing"), change(9, "superseded")])[0].ended is None

    def test_an_end_without_beginning_is_none(self) -> None:
        assert outages([change(9, "resolved")]) == ()

    def test_recovery_is_the_mean_of_those_that_ended(self) -> None:
        lasted = [(after(0), after(10)), (after(5), after(35)), (after(40), None)]
        assert mean_time_to_recovery(lasted) == timedelta(minutes=20)
        assert mean_time_to_recovery([(after(0), None)]) is None


class TestPromises:
    PLAN = plan(
        rule("strict", acknowledge_within="2m", resolve_within="1h"),
        rule("mild", acknowledge_within="15m"),
        rule("none"),
    )

    def incident(self, *rules: str, **more: Any) -> Incident:
        members = tuple((name, ()) for name in rules)
        return Incident("i", "t", "c", "title", "high", after(0), members, **more)

    def kept(self, incident: Incident, now: float) -> Share | None:
        return promises_kept([incident], self.PLAN, after(now))

    def test_both_clocks_are_promises(self) -> None:
        ended = self.incident("strict", acknowledged_at=after(1), closed_at=after(90))
        assert self.kept(ended, 500) == Share(1, 2)

    def test_the_strictest_rule_holds(self) -> None:
        assert self.kept(self.incident("mild", "strict", acknowledged_at=after(5)), 6) == Share(
            0, 1
        )
        assert self.kept(self.incident("mild", acknowledged_at=after(5)), 6) == Share(1, 1)

    def test_what_never_had_its_quorum_promised_nothing_and_what_has_it_late_does_from_then(
        self,
    ) -> None:
        lone = self.incident("strict", promised=(), closed_at=after(90))
        assert self.kept(lone, 500) is None
        late = replace(lone, promised=(("strict", after(40)),), acknowledged_at=after(41))
        assert self.kept(late, 500) == Share(2, 2)

    def test_who_is_called_anew_has_kept_what_was_promised_before(self) -> None:
        promised = (("mild", after(0)), ("strict", after(120)))
        twice = self.incident("mild", promised=promised, asked_at=after(120))
        assert self.kept(replace(twice, acknowledged_at=after(121)), 130) == Share(1, 1)
        assert self.kept(replace(twice, acknowledged_at=after(125)), 130) == Share(0, 1)

    def test_who_is_called_since_nobody_answered_has_not(self) -> None:
        promised = (("strict", after(0)), ("mild", after(3)))
        late = self.incident("strict", promised=promised, asked_at=after(2), unanswered=1)
        assert self.kept(replace(late, acknowledged_at=after(4)), 5) == Share(0, 1)

    def test_what_can_still_be_kept_is_not_counted(self) -> None:
        assert self.kept(self.incident("strict"), 1) is None
        assert self.kept(self.incident("strict"), 3) == Share(0, 1)
        assert self.kept(self.incident("none"), 999) is None

    def test_what_resolved_itself_needed_nobody(self) -> None:
        assert self.kept(self.incident("mild", closed_at=after(3)), 20) == Share(1, 1)

    def test_what_became_part_of_another_is_not_counted_beside_it(self) -> None:
        assert self.kept(self.incident("strict", part_of="j"), 999) is None
