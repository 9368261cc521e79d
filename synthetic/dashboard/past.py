"""What charts came to in steps that are long over, remembered for some minutes.

A write now leaves the past as it was, and every write makes pages anew: without this, a chart of a
year would read the year each time. What arrives late shows when what is remembered has run out.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import timedelta

OVER = timedelta(hours=1)
"""What ended so long ago is over: runs and probes have told of it by then."""
KEPT_S = 300.0
_MOST = 50_000  # figures


class Past:
    """Figures by what they are of; threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[float, float | None]] = OrderedDict()
        self._lock = threading.Lock()

    def figure(self, key: Hashable, make: Callable[[], float | None]) -> float | None:
        """The figure, made unless it was made lately; none where there is none."""
        now = self._clock()
        with self._lock:
            until, value = self._known.get(key, (0.0, None))
        if until > now:
            return value
        value = make()
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = now + KEPT_S, value
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return value
