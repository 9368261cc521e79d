"""Prometheus' own tool accepts our rules files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from synthetic.evaluate.history import Gauge
from synthetic.exports.grafana import PAGES, Page, dashboard
from synthetic.exports.metrics import exposition
from synthetic.exports.prometheus import EVALUATED, rules_file
from synthetic.plan.load import load
from synthetic.plan.model import Phase, Plan
from synthetic.results import Sample
from synthetic.store.values import Alert

WATCHER = 3
"""Rules about the watcher itself."""
HARD = 'a {{ $value }} "quoted" \\ colon: # hash, 日本, %s \x85\u2028'


@pytest.fixture(scope="module")
def promtool(server: Callable[[str, str], Path]) -> Path:
    """Debian's promtool."""
    return server("promtool", "prometheus")


def checked(promtool: Path, plan: Plan, phase: Phase, folder: Path) -> str:
    """What promtool says of the plan's rules in a phase."""
    path = folder / "rules.yml"
    path.write_text(rules_file(plan, phase), encoding="utf-8")
    command = [str(promtool), "check", "rules", "--lint-fatal", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("phase", get_args(Phase))
def test_the_shipped_rules_are_accepted(promtool: Path, phase: Phase, tmp_path: Path) -> None:
    plan = load()
    said = checked(promtool, plan, phase, tmp_path)
    assert f"{len(plan.rules(phase)) + WATCHER} rules found" in said


def test_one_watcher_that_falls_silent_is_noticed_while_others_live(
    promtool: Path, tmp_path: Path
) -> None:
    plan = load()
    (tmp_path / "rules.yml").write_text(rules_file(plan, "steady"), encoding="utf-8")
    series = [
        {"series": f'{EVALUATED}{{instance="{name}"}}', "values": values}
        for name, values in (("lives", "0+60x60"), ("silent", "0+60x10 stale"))
    ]
    fire = 'count by (instance) (ALERTS{alertname="no-data", alertstate="firing"})'
    silent = [{"labels": '{instance="silent"}', "value": 1}]
    asked = [
        {"expr": fire, "eval_time": when, "exp_samples": found}
        for when, found in (("10m", []), ("21m", silent), ("60m", silent))
    ]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": asked}
    path = tmp_path / "test.yml"
    path.write_text(json.dumps({"rule_files": ["rules.yml"], "tests": [test]}), encoding="utf-8")
    command = [str(promtool), "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_texts_of_any_kind_are_accepted(promtool: Path, tmp_path: Path) -> None:
    plan = load()
    hard = [row.model_copy(update={"title": HARD, "where": {"kind": HARD}}) for row in plan.rows]
    checked(promtool, plan.model_copy(update={"rows": tuple(hard)}), "steady", tmp_path)


def test_what_we_expose_of_the_whole_plan_follows_every_convention(promtool: Path) -> None:
    plan, now = load(), datetime.now(UTC)
    gauges = {name: (Gauge(name, (("endpoint", HARD),), 1.5, now),) for name in plan.metrics}
    alerts = [Alert(row.id, (), "firing", now, 1) for row in plan.rows if row.alerts]
    own = [
        Sample(metric=name, value=1, at=now, labels={"task": HARD})
        for name in ("watch_lag_s", "watch_skipped", "watch_memory_mb", "watch_disk_free_gb")
    ]
    text = exposition(plan, gauges, alerts, own, now)
    assert text.count("\n# TYPE ") > len(plan.metrics)
    done = subprocess.run(
        [str(promtool), "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_grafana_asks_is_promql(promtool: Path, page: Page, tmp_path: Path) -> None:
    asked = [
        target["expr"]
        for panel in dashboard(load(), page)["panels"]
        for target in panel.get("targets", ())
    ]
    rules = [{"record": f"asked:{number}", "expr": expr} for number, expr in enumerate(asked)]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run([str(promtool), "check", "rules", str(path)], capture_output=True)
    assert done.returncode == 0, done.stderr
    assert len(asked) > 10


def test_a_broken_rule_would_be_seen(promtool: Path, tmp_path: Path) -> None:
    plan = load()
    bad = [row.model_copy(update={"where": {"no label": "x"}}) for row in plan.rows]
    with pytest.raises(AssertionError, match="could not parse expression"):
        checked(promtool, plan.model_copy(update={"rows": tuple(bad)}), "steady", tmp_path)
