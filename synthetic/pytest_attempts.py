"""A failed journey is tried again from fresh browsers; all attempts are kept, one counts."""

from __future__ import annotations

from itertools import count

import pytest
from _pytest.runner import runtestprotocol

from synthetic.journeys.journey import Journey
from synthetic.settings import Settings

ATTEMPT = pytest.StashKey[int]()
"""Which attempt at a journey is made."""
JOURNEY = pytest.StashKey[tuple[Journey, Settings]]()
"""The journey that was made last, and the settings it was made with."""
_TRIED_AGAIN = pytest.StashKey[set[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Make attempts until one passes or there is no use in another; report the last one."""
    if "journey" not in getattr(item, "fixturenames", ()):
        return None
    # Without a next item pytest would end what lasts for the session, such as the count of fresh
    # addresses; it does so all the same when the session ends.
    assert item.parent is not None
    coming = nextitem or _Another.from_parent(item.parent, name="another attempt")
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in count(1):
        item.stash[ATTEMPT] = attempt
        reports = runtestprotocol(item, log=False, nextitem=coming)
        if not tried_again(item, attempt):
            break
        # Allure has a result for each attempt: this ends the one, and the next begins another.
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


class _Another(pytest.Item):
    """Stands for an attempt that may follow."""

    def runtest(self) -> None:
        """Never called: attempts are made by running the journey's own item again."""


def tried_again(item: pytest.Item, attempt: int) -> bool:
    """Whether another attempt follows the one that was just made; counts those that do."""
    journey, settings = item.stash.get(JOURNEY, (None, None))
    if journey is None or settings is None or not journey.ended:
        return False
    if not isinstance(journey.error, Exception) or attempt >= settings.attempts:
        return False  # a guard's time limit is no exception: it has no second one
    if not getattr(journey.error, "again", True):
        return False
    # The target may be down as a whole: asking it everything twice would be no help to anybody.
    tried = item.config.stash.setdefault(_TRIED_AGAIN, set())
    if item.nodeid not in tried and len(tried) >= settings.confirmations:
        return False
    tried.add(item.nodeid)
    return True
