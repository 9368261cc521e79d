"""How often what is done, and what would be too seldom."""

from __future__ import annotations

import pytest

from synthetic.errors import SettingsError
from synthetic.plan.load import load
from synthetic.settings import Settings
from synthetic.watch.cadence import checked


def check(feeds: str = "sentry", **watch: str) -> None:
    """Whether these settings let everything come often enough for the shipped plan."""
    checked(load(), Settings.model_validate({"watch": watch, "feeds": {"on": feeds}}))


def test_what_comes_as_often_as_the_plan_expects_it_is_taken() -> None:
    check()
    check(probe_every="81s", source_every="409s", smoke_every="7d")
    check(feeds="", source_every="1d")


def test_what_would_be_missed_between_two_rounds_is_refused_in_a_sentence_each() -> None:
    with pytest.raises(SettingsError) as refused:
        check(probe_every="82s", source_every="410s")
    assert str(refused.value).splitlines() == [
        "SYNTHETIC_WATCH__PROBE_EVERY should be at most 81s: what did not come for 90 s is missed.",
        "SYNTHETIC_WATCH__SOURCE_EVERY should be at most 409s: what did not come for 450 s is "
        "missed.",
    ]
