"""Many observations as one value: exact counts, and percentiles within one per cent. Pure.

Digests of two spans of time add up to that of both, so that hours make days without loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

_GROWTH = 1.02  # of a bucket's bounds: the middle of one is within 1 % of all it holds
_LOG = math.log(_GROWTH)
_SMALLEST = 1e-9  # what is closer to zero counts as zero

Labels = tuple[tuple[str, str], ...]
"""A series' labels, sorted by name."""


class Buckets(Mapping[tuple[int, int], int]):
    """Counts by bucket, which ``make`` adds up when they are first asked for.

    Only percentiles need them, and to add them up is most of what a chart of a year would cost.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Mapping[tuple[int, int], int]]) -> None:
        self._make: Callable[[], Mapping[tuple[int, int], int]] | None = make
        self._made: Mapping[tuple[int, int], int] = {}

    def __getitem__(self, bucket: tuple[int, int]) -> int:
        return self._known[bucket]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def items(self) -> ItemsView[tuple[int, int], int]:
        """As of the counts themselves, which is quicker than one by one."""
        return self._known.items()

    @property
    def _known(self) -> Mapping[tuple[int, int], int]:
        make = self._make
        if make is not None:  # in this order: another thread may ask meanwhile
            self._made = make()
            self._make = None
        return self._made


@dataclass(frozen=True)
class Digest:
    """Of at least one observation: how many, their sum, least, most, and the latest.

    ``buckets`` counts observations by logarithm of their size; those of negative values have
    their own, as a pair of sign and index.
    """

    count: int
    total: float
    least: float
    most: float
    latest: float
    latest_at: datetime
    buckets: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """The average."""
        return self.total / self.count

    def quantile(self, share: float) -> float:
        """The value below which ``share`` (0–1) of the observations lie, within one per cent."""
        wanted = share * (self.count - 1)
        seen = 0
        for bucket, inside in sorted(self.buckets.items(), key=lambda one: _middle(one[0])):
            seen += inside
            if seen > wanted:
                return min(self.most, max(self.least, _middle(bucket)))
        return self.most

    def __add__(self, other: Digest) -> Digest:
        return merged((self, other))


def merged(digests: Collection[Digest]) -> Digest:
    """The digest of all that several digests hold; at least one."""
    if len(digests) == 1:
        return next(iter(digests))
    newest = max(digests, key=lambda one: one.latest_at)
    given = tuple(digests)
    return Digest(
        sum(one.count for one in digests),
        math.fsum(one.total for one in digests),
        min(one.least for one in digests),
        max(one.most for one in digests),
        newest.latest,
        newest.latest_at,
        Buckets(lambda: added_up(bucket for one in given for bucket in one.buckets.items())),
    )


def added_up(counts: Iterable[tuple[tuple[int, int], int]]) -> dict[tuple[int, int], int]:
    """How many are in each bucket over all."""
    found: dict[tuple[int, int], int] = {}
    for bucket, count in counts:
        found[bucket] = found.get(bucket, 0) + count
    return found


def digest(observations: Iterable[tuple[datetime, float]]) -> Digest | None:
    """The digest of moments and finite values; nothing of nothing."""
    rows = list(observations)
    if not rows:
        return None
    buckets = added_up((bucket_of(value), 1) for _, value in rows)
    values = [value for _, value in rows]
    latest_at, latest = max(rows, key=lambda row: row[0])
    total = math.fsum(values)
    return Digest(len(rows), total, min(values), max(values), latest, latest_at, buckets)


def bucket_of(value: float) -> tuple[int, int]:
    """The bucket that a finite value belongs to."""
    if abs(value) < _SMALLEST:
        return (0, 0)
    return (1 if value > 0 else -1, math.ceil(math.log(abs(value)) / _LOG))


def _middle(bucket: tuple[int, int]) -> float:
    sign, index = bucket
    return sign * 2 * _GROWTH**index / (1 + _GROWTH)
