"""Which earlier runs a report tells of, and how they ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.allure_report.past import MOST_RUNS, earlier, lines, run_ids
from synthetic.allure_report.telling import history_id
from synthetic.results import Run
from synthetic.store.history import Store
from tests import runs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


def run(hours: float, **more: Any) -> Run:
    at = runs.START + timedelta(hours=hours)
    told = {"run_id": f"{at:%Y%m%dT%H%M%SZ}-0001", "started_at": at, **more}
    return runs.run(runs.journey(runs.step(started_at=at)), **told)


def keep(store: Store, *some: Run) -> None:
    for one in some:
        store.save_run(one, one.started_at)


def test_runs_of_the_same_kind_are_told_the_oldest_first(store: Store) -> None:
    before, shown, after = [run(-2), run(-1)], run(0), run(1)
    others = [run(-3, location="us"), run(-4, suite="full"), run(-5, target="https://b.test/")]
    apart = [run(-6, trigger="burst"), run(-7, trigger="gate")]
    keep(store, *before, shown, after, *others, *apart)
    found = earlier(store, [shown])
    assert [one.run_id for one in found] == [one.run_id for one in before]
    assert all(one.journeys for one in found)


def test_what_followed_a_failed_run_is_shown_with_it(store: Store) -> None:
    keep(store, run(-1), run(-2, suite="full"))
    burst = run(1, trigger="burst", suite="full")
    assert len(earlier(store, [run(0), burst])) == 1
    assert earlier(store, [burst]) == []
    assert earlier(store, []) == []


def test_it_does_not_go_back_for_ever(store: Store) -> None:
    keep(store, *(run(-hours) for hours in range(1, MOST_RUNS + 3)))
    found = earlier(store, [run(0)])
    assert len(found) == MOST_RUNS
    assert found[-1].run_id == run(-1).run_id


def test_of_several_attempts_the_last_is_told() -> None:
    late = runs.step(started_at=runs.at(5), ended_at=runs.at(7.5))
    skipped = runs.step(status="skipped", started_at=runs.at(900))
    whole = runs.run(
        runs.journey(runs.failed("no")),
        runs.journey(late, skipped, attempt=2),
        runs.journey(runs.failed("no", origin="runner"), name="other", story="It broke. Ours."),
        location="eu",
    )
    [line] = lines([whole], "https://ci.example.org/reports/").splitlines()
    told = json.loads(line)["testResults"]
    meet = told[history_id("meet", whole.target, "eu")]
    assert (meet["status"], meet["duration"]) == ("passed", 2500)
    assert meet["url"] == f"https://ci.example.org/reports/runs/{whole.run_id}/run.json"
    other = told[history_id("other", whole.target, "eu")]
    assert (other["status"], other["message"]) == ("broken", "It broke. Ours.\nOrigin: runner")


def test_a_damaged_result_is_passed_over(tmp_path: Path) -> None:
    result = {"parameters": [{"name": "target", "value": "x"}, {"name": "run", "value": "r1"}]}
    texts = (json.dumps(result), "{", "[]", "{}", '{"parameters": [3]}')
    for number, text in enumerate(texts):
        (tmp_path / f"{number}-result.json").write_text(text)
    assert run_ids(tmp_path) == {"r1"}
