"""Takes secrets out of what pytest says of journeys: printed text, logs, tracebacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from synthetic.redaction import Redactor

REDACTOR = pytest.StashKey[Redactor]()
"""Knows the secrets of this process, once its first journey began."""
_LONGEST = 100_000


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Take secrets out of what was printed and raised, before anybody else reads the report."""
    outcome: Any = yield
    redactor = item.config.stash.get(REDACTOR, None)
    if redactor is None:
        return
    report = outcome.get_result()
    report.sections = [(name, redactor.text(text, _LONGEST)) for name, text in report.sections]
    if report.failed and not isinstance(report.longrepr, str):
        report.longrepr = redactor.text(str(report.longrepr), _LONGEST)
