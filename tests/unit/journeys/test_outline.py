"""What a journey's source announces."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.errors import UsageError
from synthetic.journeys.outline import PlannedStep, outline


def greet(journey: Any, who: Any) -> None:
    with journey.step("greet", feature="chat", actor=who):
        pass


def greet_twice(journey: Any, first: Any, *, second: Any) -> None:
    greet(journey, first)
    greet(journey, who=second)


def helper_without_a_journey(who: Any) -> None:
    """Not looked into."""


def journey_of_steps(journey: Any, host: Any, guest: Any) -> None:
    with journey.step("open", feature="site", actor="probe"):
        helper_without_a_journey(host)
    with journey.step("sign up", feature="signup", actor=host) as step:
        step.act()
    greet_twice(journey, guest, second=host)
    with journey.step("leave", feature="leave", actor=guest):
        pass


def with_a_name_in_a_variable(journey: Any, host: Any) -> None:
    name = "open"
    with journey.step(name, feature="site", actor=host):
        pass


def with_a_feature_in_a_variable(journey: Any, host: Any, feature: Any) -> None:
    with journey.step("open", feature=feature, actor=host):
        pass


def with_an_actor_in_a_table(journey: Any, actors: Any) -> None:
    with journey.step("open", feature="site", actor=actors[0]):
        pass


def without_an_actor(journey: Any) -> None:
    with journey.step("open", feature="site"):
        pass


def test_steps_are_listed_in_order_helpers_included() -> None:
    assert outline(journey_of_steps) == (
        PlannedStep("open", "site", "probe"),
        PlannedStep("sign up", "signup", "host"),
        PlannedStep("greet", "chat", "guest"),
        PlannedStep("greet", "chat", "host"),
        PlannedStep("leave", "leave", "guest"),
    )


@pytest.mark.parametrize(
    "journey",
    [
        with_a_name_in_a_variable,
        with_a_feature_in_a_variable,
        with_an_actor_in_a_table,
        without_an_actor,
    ],
)
def test_a_step_that_is_not_written_out_is_wrong_usage(journey: Any) -> None:
    with pytest.raises(UsageError, match=r"line \d+ of the journey: write the step's name"):
        outline(journey)


def test_a_journey_in_a_class_is_read_too() -> None:
    class TestSomething:
        def test_it(self, journey: Any, host: Any) -> None:
            with journey.step("open", feature="site", actor=host):
                pass

    assert outline(TestSomething().test_it) == (PlannedStep("open", "site", "host"),)
