"""With a quorum, Prometheus fires a rule when we do, and tells what one location sees as we do."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.evaluate.evaluation import evaluate
from synthetic.exports.prometheus import AT_A_LOCATION, rules_file, series
from synthetic.plan.model import Plan
from synthetic.store.values import Alert
from tests.histories import START, asking, sample
from tests.plans import metric, plan, rule

LONG = 60
PLACES = {"video": ("eu", "sg", "us"), "chat": ("eu", "us"), "login": ("eu",)}
ASKED = """max by (alertname, feature, location, severity) (
    ALERTS{alertstate="firing", id="high-errors"}
)"""
Values = dict[tuple[str, str], list[int]]
Seen = Mapping[tuple[str, str], Sequence[object]]
DEAD: list[object] = ["stale", *25 * ["_"]]
"""A gauge that is unknown from now on."""


def values(chance: random.Random) -> Values:
    """What each location sees of each feature, minute by minute: good for a while, then bad."""
    found: Values = {}
    for feature, places in PLACES.items():
        for place in places:
            told: list[int] = []
            while len(told) < LONG:
                told += chance.randint(1, 8) * [chance.choice((5, 15))]
            found[feature, place] = told[:LONG]
    return found


def expected(what: Plan, seen: Values) -> Iterator[dict[str, Any]]:
    """What fires at each minute, by our own evaluation."""
    ask = asking(
        sample("error_rate", minute, value, feature=feature, location=place)
        for (feature, place), told in seen.items()
        for minute, value in enumerate(told)
    )
    alerts: tuple[Alert, ...] = ()
    for minute in range(LONG):
        now = START + timedelta(minutes=minute)
        alerts = evaluate(what, "steady", alerts, ask, now).alerts
        fire = [one for one in alerts if one.rule == "high-errors" and one.state == "firing"]
        lone = [
            f'alertname="high-errors{AT_A_LOCATION}", feature="{labels["feature"]}", '
            f'location="{labels["location"]}", severity="medium"'
            for labels in (dict(one.labels) for one in fire)
        ]
        agreed = {
            f'alertname="high-errors", feature="{dict(one.labels)["feature"]}", severity="high"'
            for one in fire
            if not one.below_quorum
        }
        found = [{"labels": f"{{{labels}}}", "value": 1} for labels in (*lone, *agreed)]
        yield {"expr": ASKED, "eval_time": f"{minute}m", "exp_samples": found}


@pytest.fixture
def checked(
    tmp_path: Path, server: Callable[[str, str], Path]
) -> Callable[[Plan, Seen, list[dict[str, Any]]], None]:
    """Lets promtool look at a plan's rules, and hold them against what they should find."""
    promtool = str(server("promtool", "prometheus"))

    def check(what: Plan, seen: Seen, asked: list[dict[str, Any]]) -> None:
        name = series("error_rate")
        test = {
            "interval": "1m",
            "input_series": [
                {
                    "series": f'{name}{{feature="{feature}",location="{place}",job="x"}}',
                    "values": " ".join(map(str, told)),
                }
                for (feature, place), told in seen.items()
            ],
            "promql_expr_test": asked,
        }
        whole = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
        (tmp_path / "rules.yml").write_text(rules_file(what, "steady"), encoding="utf-8")
        (tmp_path / "test.yml").write_text(json.dumps(whole))
        for words in ("check rules --lint-fatal rules.yml", "test rules test.yml"):
            command = [promtool, *words.split()]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    return check


def asking_for(quorum: int, every: str = "1m") -> Plan:
    return plan(
        metric(interval=every),
        rule(quorum=quorum, **{"for": "2m", "keep_firing_for": "3m"}),
    )


@pytest.mark.parametrize("quorum", [2, 3])
def test_both_come_to_the_same(quorum: int, checked: Callable[..., None]) -> None:
    what, seen = asking_for(quorum), values(random.Random(quorum))
    asked = list(expected(what, seen))
    told = [one["labels"] for each in asked for one in each["exp_samples"]]
    assert sum("location" in one for one in told) > 20
    assert sum('severity="high"' in one for one in told if "login" not in one) > 10
    checked(what, seen, asked)


def test_who_falls_silent_while_it_fires_is_not_all_there_is(checked: Callable[..., None]) -> None:
    seen = {("video", "eu"): [15] * 4 + ["_"] * 5, ("video", "us"): [5] * 9}
    labels = f'alertname="high-errors{AT_A_LOCATION}", feature="video", location="eu"'
    lone = [{"labels": f'{{{labels}, severity="medium"}}', "value": 1}]
    checked(asking_for(2), seen, [{"expr": ASKED, "eval_time": "6m", "exp_samples": lone}])


GOOD, BAD, LATE = [5] * 4, [15] * 4, [5] * 20


@pytest.mark.parametrize(
    ("eu", "us", "sg", "minute", "agreed"),
    [
        pytest.param(GOOD + BAD * 5, GOOD + DEAD, DEAD, 20, True, id="looks no more"),
        pytest.param(GOOD + BAD + DEAD, GOOD * 2 + DEAD, DEAD, 12, False, id="all begin anew"),
        pytest.param(GOOD + BAD * 2, BAD + DEAD, GOOD * 3, 9, True, id="sees it for a while"),
        pytest.param(LATE + BAD * 2, BAD + DEAD, GOOD * 7, 24, False, id="but not for long"),
    ],
)
def test_however_seldom_a_silent_location_looks_it_counts_as_with_us(
    checked: Callable[..., None],
    eu: Sequence[object],
    us: Sequence[object],
    sg: Sequence[object],
    minute: int,
    agreed: bool,
) -> None:
    seen = {("video", place): told for place, told in (("eu", eu), ("us", us), ("sg", sg))}
    expr = 'max by (feature) (ALERTS{alertname="high-errors", alertstate="firing"})'
    found = [{"labels": '{feature="video"}', "value": 1}] if agreed else []
    asked = [{"expr": expr, "eval_time": f"{minute}m", "exp_samples": found}]
    checked(asking_for(2, every="2h"), seen, asked)
