"""Where Allure's results go: to one folder, also from workers, and a burst's beside the others."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from synthetic import pytest_plugin
from synthetic.settings import Settings
from tests import runs


def config(folder: Path, trigger: str) -> Any:
    invocation = SimpleNamespace(
        settings=Settings(reports_dir=folder, trigger=trigger),
        suite="smoke",
        record=runs.run(),
        nonce=7,
        environ={},
        troubles=[],
        folder=SimpleNamespace(path=folder),
    )
    made = SimpleNamespace(option=SimpleNamespace(), stash=pytest.Stash())
    made.stash[pytest_plugin.INVOCATION] = invocation
    pytest_plugin._hand_to_allure(made, invocation)  # type: ignore[arg-type]  # as much as it needs
    return made


@pytest.mark.parametrize(("trigger", "clean"), [("schedule", True), ("burst", False)])
def test_only_a_burst_keeps_what_is_there(tmp_path: Path, trigger: str, clean: bool) -> None:
    assert config(tmp_path, trigger).option.clean_alluredir is clean


def test_workers_are_told_of_the_folder(tmp_path: Path) -> None:
    node: Any = SimpleNamespace(config=config(tmp_path, "manual"), workerinput={})
    node.gateway = SimpleNamespace(id="gw1")
    pytest_plugin.pytest_configure_node(node)
    told = json.loads(node.workerinput["synthetic"])
    assert (told["allure"], told["part"]) == (str(tmp_path / "allure-results"), "gw1")


def test_results_that_cannot_be_looked_at_are_a_trouble_and_no_more(tmp_path: Path) -> None:
    made = config(tmp_path, "manual")
    made.option.allure_report_dir = "x" * 300  # no name is that long
    invocation = made.stash[pytest_plugin.INVOCATION]
    pytest_plugin._surround(made, invocation, runs.run())
    [trouble] = invocation.troubles
    assert "File name too long" in trouble
