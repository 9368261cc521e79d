"""Prometheus' own tool accepts our rules files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from synthetic.exports.prometheus import rules_file
from synthetic.plan.load import load
from synthetic.plan.model import Phase, Plan

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
    assert f"{len(plan.rules(phase))} rules found" in said


def test_texts_of_any_kind_are_accepted(promtool: Path, tmp_path: Path) -> None:
    plan = load()
    hard = [row.model_copy(update={"title": HARD, "where": {"kind": HARD}}) for row in plan.rows]
    checked(promtool, plan.model_copy(update={"rows": tuple(hard)}), "steady", tmp_path)


def test_a_broken_rule_would_be_seen(promtool: Path, tmp_path: Path) -> None:
    plan = load()
    bad = [row.model_copy(update={"where": {"no label": "x"}}) for row in plan.rows]
    with pytest.raises(AssertionError, match="could not parse expression"):
        checked(promtool, plan.model_copy(update={"rows": tuple(bad)}), "steady", tmp_path)
