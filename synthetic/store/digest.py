"""Many observations as one value: exact counts, and percentiles within one per cent. Pure.

Digests of two spans of time add up to that of both, so that hours make days without loss.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

_GROWTH = 1.02  # of a bucket's bounds: the middle of one is within 1 % of all it holds
_LOG = math.log(_GROWTH)
_SMALLEST = 1e-9  # what is closer to zero counts as zero

Labels = tuple[tuple[str, str], ...]
"""A series' labels, sorted by name."""


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
        for bucket in sorted(self.buckets, key=_middle):
            seen += self.buckets[bucket]
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
    buckets: dict[tuple[int, int], int] = {}
    for one in digests:
        for bucket, count in one.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + count
    return Digest(
        sum(one.count for one in digests),
        math.fsum(one.total for one in digests),
        min(one.least for one in digests),
        max(one.most for one in digests),
        newest.latest,
        newest.latest_at,
        buckets,
    )


def digest(observations: Iterable[tuple[datetime, float]]) -> Digest | None:
    """The digest of moments and finite values; nothing of nothing."""
    rows = list(observations)
    if not rows:
        return None
    buckets: dict[tuple[int, int], int] = {}
    for _, value in rows:
        bucket = bucket_of(value)
        buckets[bucket] = buckets.get(bucket, 0) + 1
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
