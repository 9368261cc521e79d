"""What evaluation asks of history, and what it is answered: values only.

``Ask`` is passed in: a store answers it from its tables, a test from a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from synthetic.store.digest import Digest, Labels


@dataclass(frozen=True)
class Question:
    """All observations of a metric after ``start``, up to and with ``end``, by label set.

    Of labels that are not to ``keep`` nothing need be told: those that agree on the others may be
    answered as one. Without it all are kept.
    """

    metric: str
    start: datetime
    end: datetime
    keep: frozenset[str] | None = None


Answer = Mapping[Labels, Digest]
Ask = Callable[[Question], Answer]


@dataclass(frozen=True)
class Gauge:
    """A metric's value at a moment, for one label set.

    ``count`` is how many observations it rests on, ``low`` and ``high`` the 95 % interval of a
    share, ``at`` when the newest observation under it was made.
    """

    metric: str
    labels: Labels
    value: float
    at: datetime
    count: int | None = None
    low: float | None = None
    high: float | None = None
