"""Action items come back until they are closed; baselines are learned once, then in versions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from synthetic.errors import UsageError
from synthetic.plan.load import load
from synthetic.reports import actions, baselines
from synthetic.reports.actions import Action
from synthetic.reports.period import day_of
from tests.unit.reports.histories import ACTIONS, LAUNCH, MORNING, all_of_it, asks

NOW = datetime(2025, 12, 8, 9, tzinfo=UTC)


def test_an_item_has_a_number_an_owner_and_a_date() -> None:
    kept = actions.add(ACTIONS, " Cache it ", "Ada", date(2025, 12, 9), NOW)
    assert kept[-1] == Action(4, "Cache it", "Ada", date(2025, 12, 9), NOW)


@pytest.mark.parametrize(("text", "owner"), [("", "Ada"), ("Cache it", " ")])
def test_an_item_without_text_or_owner_is_refused(text: str, owner: str) -> None:
    with pytest.raises(UsageError, match="An action item needs"):
        actions.add((), text, owner, date(2025, 12, 9), NOW)


def test_a_closed_item_is_open_no_more_but_was() -> None:
    kept = actions.close(ACTIONS, 1, NOW)
    assert [one.number for one in actions.open_at(kept, NOW)] == [2]
    assert [one.number for one in actions.open_at(kept, NOW - timedelta(minutes=1))] == [1, 2]
    assert actions.close(kept, 1, MORNING) == kept


def test_an_item_that_there_is_not_cannot_be_closed() -> None:
    with pytest.raises(UsageError, match="no action item 9"):
        actions.close(ACTIONS, 9, NOW)


def test_items_are_kept_as_they_are() -> None:
    kept = actions.close(ACTIONS, 1, NOW)
    assert actions.from_json(actions.as_json(kept)) == kept


def test_the_plan_wants_baselines_of_what_changes_not_of_the_change() -> None:
    wanted = baselines.wanted(load())
    assert {"dau", "sessions_created", "session_duration"} <= set(wanted)
    assert "dau_change" not in wanted


def test_a_baseline_is_learned_once_and_again_only_as_another_version() -> None:
    plan, first = load(), day_of(LAUNCH.date())
    known = baselines.learned((), plan, all_of_it(), first, NOW)
    users = next(one for one in known if one.metric == "dau")
    assert (users.version, users.value, users.day) == (1, 230.0, LAUNCH.date())
    assert baselines.learned(known, plan, all_of_it(), first, NOW) == known
    again = baselines.learned(known, plan, all_of_it(), day_of(date(2025, 12, 3)), MORNING)
    newest = [one for one in again if one.metric == "dau"][-1]
    assert (newest.version, newest.value) == (2, 246.0)
    assert baselines.known_at(again, NOW)["dau"].version == 1
    assert baselines.known_at(again, MORNING)["dau"].version == 2
    assert baselines.from_json(baselines.as_json(again)) == again


def test_what_nothing_feeds_has_no_baseline() -> None:
    plan = load()
    known = baselines.learned((), plan, asks(()), baselines.day_1(LAUNCH), NOW)
    assert known == ()
    assert baselines.missing(known, plan) == frozenset(baselines.wanted(plan))
