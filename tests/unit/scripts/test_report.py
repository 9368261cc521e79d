"""The report loads nothing from elsewhere, and says what it needs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "report.py"


@pytest.fixture
def report() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only Node on PATH; its version is what a test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "node"


def test_scripts_from_elsewhere_are_taken_out(report: ModuleType) -> None:
    tracker = '<script async src="https://t.example/x"></script>\n<script>\n window.dataLayer = 1;'
    page = f"<b>1</b>{tracker}\n</script><script>kept()</script>"
    assert report.without_trackers(page) == "<b>1</b>\n<script>kept()</script>"


def test_a_tracker_of_a_new_shape_is_refused(report: ModuleType) -> None:
    with pytest.raises(report.CannotReport, match=r"adapt scripts/report\.py"):
        report.without_trackers("<script>new(window.dataLayer)</script>")


@pytest.mark.usefixtures("node")
def test_without_node_it_is_said_what_is_needed(report: ModuleType) -> None:
    with pytest.raises(report.CannotReport, match="Node 20 or newer with npm, and no Node is here"):
        report.require_node()


def test_an_old_node_is_named(report: ModuleType, node: Path) -> None:
    node.write_text("#!/bin/sh\necho v18.19.0\n")
    node.chmod(0o755)
    with pytest.raises(report.CannotReport, match=r"and v18\.19\.0 is here"):
        report.require_node()


def test_without_results_it_is_said_how_to_get_some(report: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(report.CannotReport, match="run `make smoke` first"):
        report.generate(tmp_path)
