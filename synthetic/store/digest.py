"""Many observations as one value: exact counts, and percentiles within one per cent. Pure.

Digests of two spans of time add up to that of both, so that hours make days without loss.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from operator import truediv

_GROWTH = 1.02  # of a bucket's bounds: the middle of one is within 1 % of all it holds
_LOG = math.log(_GROWTH)
_SMALLEST = 1e-9  # what is closer to zero counts as zero

Labels = tuple[tuple[str, str], ...]
"""A series' labels, sorted by name."""
Bucket = tuple[int, int]
Counts = Mapping[Bucket, int]


class Buckets(Mapping[Bucket, int]):
    """Counts by bucket, added up of ``parts`` when they are first asked for: other counts, or what
    :func:`together` reads.

    Only percentiles need them, and to add them up is most of what a chart of a year would cost.
    """

    __slots__ = ("_made", "_parts")

    def __init__(self, parts: Sequence[Counts | str]) -> None:
        self._parts: Sequence[Counts | str] | None = parts
        self._made: Counts = {}

    def __getitem__(self, bucket: Bucket) -> int:
        return self._known[bucket]

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def items(self) -> ItemsView[Bucket, int]:
        """As of the counts themselves, which is quicker than one by one."""
        return self._known.items()

    @property
    def _known(self) -> Counts:
        parts = self._parts
        if parts is not None:  # in this order: another thread may ask meanwhile
            self._made = together(parts)
            self._parts = None
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
    buckets: Counts = field(default_factory=dict)

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
    return Digest(
        sum(one.count for one in digests),
        math.fsum(one.total for one in digests),
        min(one.least for one in digests),
        max(one.most for one in digests),
        newest.latest,
        newest.latest_at,
        Buckets([one.buckets for one in digests]),
    )


def added(ones: Mapping[Labels, Digest], others: Mapping[Labels, Digest]) -> dict[Labels, Digest]:
    """By label set, what either holds, or both."""
    both = {labels: merged((ones[labels], others[labels])) for labels in ones.keys() & others}
    return {**ones, **others, **both}


def project(labels: Labels, keep: Collection[str]) -> Labels:
    """Those of the labels that are kept."""
    return tuple(pair for pair in labels if pair[0] in keep) if keep else ()


def together(parts: Iterable[Counts | str]) -> dict[Bucket, int]:
    """The counts of all parts, of which texts hold numbers between commas, or, in brackets, sign,
    index and count of buckets, as rollups have them; any number of those may follow each other."""
    written: dict[bool, list[str]] = {True: [], False: []}
    counts: list[Iterable[tuple[Bucket, int]]] = []
    for part in parts:
        if isinstance(part, str):
            written[part.startswith("[")].append(part)
        else:
            counts.append(part.items())
    if written[True]:
        flat = json.loads("".join(written[True]).replace("][", ","))
        counts.append(zip(zip(flat[::3], flat[1::3], strict=True), flat[2::3], strict=True))
    if written[False]:
        counts.append(_counted([*map(float, ",".join(written[False]).split(","))]).items())
    return added_up(chain.from_iterable(counts))


def _counted(values: Collection[float]) -> Counts:
    """As :func:`bucket_of` has it; of what is above zero, as most is, in fewer steps."""
    if min(values) < _SMALLEST:
        return Counter(map(bucket_of, values))
    indices = Counter(map(math.ceil, map(truediv, map(math.log, values), repeat(_LOG))))
    return {(1, index): count for index, count in indices.items()}


def added_up(counts: Iterable[tuple[Bucket, int]]) -> dict[Bucket, int]:
    """How many are in each bucket over all."""
    found: dict[Bucket, int] = {}
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


def bucket_of(value: float) -> Bucket:
    """The bucket that a finite value belongs to."""
    if abs(value) < _SMALLEST:
        return (0, 0)
    return (1 if value > 0 else -1, math.ceil(math.log(abs(value)) / _LOG))


def _middle(bucket: Bucket) -> float:
    sign, index = bucket
    return sign * 2 * _GROWTH**index / (1 + _GROWTH)
