"""What all tests share: a network that stands still, and the notes of faults.

A test that injects a fault of our own notes for the matrix whether it was blamed rightly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from synthetic.standin.interface import NoSfu, loopback_interface
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


@pytest.fixture(scope="session")
def steady_network() -> Iterator[None]:
    """Keeps the SFU's interface up: as it comes and goes, browsers all around lose requests."""
    with ExitStack() as stack:
        with suppress(NoSfu):  # who needs an SFU is told so there
            stack.enter_context(loopback_interface())
        yield
