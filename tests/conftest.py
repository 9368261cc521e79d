"""A test that injects a fault of our own notes for the matrix whether it was blamed rightly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.detection.detection import Detection, note


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """``@pytest.mark.fault(name, breaks, wanted)``; without arguments a test notes for itself."""
    outcome: Any = yield
    report = outcome.get_result()
    marker = item.get_closest_marker("fault")
    if marker is None or not marker.args or report.when != "call" or report.skipped:
        return
    name, breaks, wanted = marker.args
    variant = getattr(getattr(item, "callspec", None), "id", "")
    note(
        Detection(
            fault=f"{name} ({variant})" if variant else name,
            breaks=breaks,
            wanted=wanted,
            got=wanted if report.passed else "something else",
            caught_ms=None,
            said=str(call.excinfo.value).partition("\n")[0] if call.excinfo else "",
        )
    )
