"""When a failed journey is tried again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from _pytest.outcomes import Failed

from synthetic.errors import BrowserDied, BrowserMissing, RateLimited, StepTimeout, UsageError
from synthetic.pytest_attempts import JOURNEY, tried_again
from synthetic.settings import Settings


def item(
    error: BaseException | None, *, ended: bool = True, name: str = "a", config: Any = None
) -> pytest.Item:
    """A journey that was made, as pytest knows it."""
    config = config or SimpleNamespace(stash=pytest.Stash())
    made: Any = SimpleNamespace(stash=pytest.Stash(), config=config, nodeid=name)
    made.stash[JOURNEY] = cast("Any", SimpleNamespace(error=error, ended=ended)), Settings()
    return cast("pytest.Item", made)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (None, False),
        (StepTimeout("no"), True),
        (BrowserDied("gone"), True),
        (AssertionError("what?"), True),
        (RateLimited("429"), False),
        (BrowserMissing("none"), False),
        (UsageError("wrong"), False),
        (Failed("the guard's time limit"), False),
        (KeyboardInterrupt(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_end_otherwise_is_tried_again(error: BaseException | None, again: bool) -> None:
    assert tried_again(item(error), 1) is again


def test_two_attempts_are_enough() -> None:
    assert not tried_again(item(StepTimeout("no")), 2)


def test_an_interrupted_journey_is_over() -> None:
    assert not tried_again(item(StepTimeout("no"), ended=False), 1)


def test_a_journey_that_never_began_is_not_tried_again() -> None:
    never: Any = SimpleNamespace(stash=pytest.Stash())
    assert not tried_again(cast("pytest.Item", never), 1)


def test_only_so_many_journeys_of_a_run_are_tried_again() -> None:
    config = SimpleNamespace(stash=pytest.Stash())
    error = StepTimeout("no")
    asked = [tried_again(item(error, name=name, config=config), 1) for name in "abcdef"]
    assert asked == [True] * Settings().confirmations + [False] * 2
