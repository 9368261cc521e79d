"""A pytest plugin by which a run goes without what serves only a failure; for ``machinery``."""

from __future__ import annotations

import contextlib

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Put nothing in the place of each."""
    # Imported late: pytest has to see its plugins before anybody else imports them.
    from synthetic import pytest_fixtures, pytest_stage
    from synthetic.journeys import journey
    from synthetic.journeys.good_pictures import GoodPictures
    from synthetic.journeys.headroom import Reading
    from synthetic.redaction import Redactor

    nothing = Reading(0, 0, 0, 0, 0)
    off = pytest.MonkeyPatch()  # for good: the process ends with the run
    off.setattr(pytest_stage, "_trace", lambda *_: "none")
    off.setattr(GoodPictures, "take", lambda *_: None)
    off.setattr(pytest_fixtures, "keep_deployment", lambda *_: None)
    off.setattr(pytest_fixtures, "redacted_logs", lambda _: contextlib.nullcontext())
    off.setattr(journey, "reading", lambda: nothing)
    off.setattr(Redactor, "text", lambda _, text, cap=2000: text[:cap])
    off.setattr(Redactor, "raw", lambda _, text: text)
