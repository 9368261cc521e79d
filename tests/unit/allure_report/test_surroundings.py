"""What was looked at stands beside the results, and what follows a failure leaves it there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from synthetic.allure_report.surroundings import CATEGORIES, ENVIRONMENT, categories, surround
from synthetic.allure_report.telling import message_of
from synthetic.results import Origin
from tests import runs


def test_each_origin_has_its_category() -> None:
    origins: tuple[Origin | None, ...] = ("target", "dependency", "runner", None)
    for origin in origins:
        said = message_of("It did not.\nWhy?", origin)
        rules = {one["name"]: one.get("messageRegex", "$.") for one in categories()}
        # Allure 2 wants the whole message to match, Allure 3 any part of it.
        whole = [name for name, rule in rules.items() if re.fullmatch(rule, said, re.DOTALL)]
        assert len(whole) == 1
        assert whole == [name for name, rule in rules.items() if re.search(rule, said)]


def test_texts_of_others_stay_one_value_each(tmp_path: Path) -> None:
    (tmp_path / "deployment.txt").write_text("a=b\\c\n")
    run = runs.run(runs.journey(runs.step(latency_ms=6000)), location=f"x\ny=z {runs.HOSTILE}")
    surround(tmp_path, run, tmp_path)
    lines = (tmp_path / ENVIRONMENT).read_text("ascii").splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "target",
        "deployment",
        "location",
        "suite",
        "trigger",
        "run",
        "started",
        "verdict",
        "past.alert.line",
    ]
    assert "deployment=a=b\\\\c" in lines
    assert lines[-1].startswith("past.alert.line=guest: leave took 6.0 s")


def test_a_burst_leaves_what_is_said_of_the_failed_run(tmp_path: Path) -> None:
    failed = runs.run(verdict="failed")
    burst = runs.run(run_id="20261123T221530Z-0001", trigger="burst")
    surround(tmp_path, failed, tmp_path)
    surround(tmp_path, burst, tmp_path)
    assert failed.run_id in (tmp_path / ENVIRONMENT).read_text()
    assert json.loads((tmp_path / CATEGORIES).read_text()) == categories()
    (tmp_path / ENVIRONMENT).unlink()
    surround(tmp_path, burst, tmp_path)
    assert burst.run_id in (tmp_path / ENVIRONMENT).read_text()


def test_a_damaged_deployment_is_told_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "deployment.txt").write_bytes(b"dpl_1\xff\n")
    surround(tmp_path, runs.run(), tmp_path)
    assert "deployment=dpl_1\\ufffd\n" in (tmp_path / ENVIRONMENT).read_text("ascii")


def test_an_unreadable_deployment_is_left_out_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "deployment.txt").symlink_to("x" * 300)  # no name is that long
    surround(tmp_path, runs.run(), tmp_path)
    assert "deployment" not in (tmp_path / ENVIRONMENT).read_text("ascii")
    assert "deployment.txt cannot be read: " in caplog.text
