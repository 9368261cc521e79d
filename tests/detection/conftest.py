"""Runs of the suites against what is broken on purpose: as tests/journeys has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detection.sample import passed_over
from tests.journeys.conftest import closed_port, serve, smoke, standin, start, still, web

__all__ = ["closed_port", "serve", "smoke", "standin", "start", "still", "web"]
_OURS = {"test_ours.py", "test_our_machine.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the faults on our own side, too, only a sample comes up, unless one asks for more."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    here = Path(__file__).parent
    ours = {one.name: one for one in items if one.path.parent == here and one.path.name in _OURS}
    left = [ours[name] for name in passed_over(sorted(ours))]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [one for one in items if one not in left]
