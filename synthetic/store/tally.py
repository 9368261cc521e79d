"""Digests in the making: values and finished digests are added one by one. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from synthetic.store.digest import Digest, bucket_of
from synthetic.store.schema import moment_of

Buckets = Mapping[tuple[int, int], int]


class Tally:
    """What a digest has, with times in microseconds; empty until something is added."""

    __slots__ = ("buckets", "count", "latest", "latest_at", "least", "most", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.least = math.inf
        self.most = -math.inf
        self.latest = 0.0
        self.latest_at = -1
        self.buckets: dict[tuple[int, int], int] = {}

    def add(self, at: int, value: float) -> None:
        """Add one observation."""
        bucket = bucket_of(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        self._widen(1, value, value, value)
        self._newer(at, value)

    def add_rollup(
        self,
        count: int,
        total: float,
        least: float,
        most: float,
        latest: float,
        latest_at: int,
        buckets: str,
    ) -> None:
        """Add what a row of ``rollups`` holds."""
        for bucket, inside in buckets_of(buckets):
            self.buckets[bucket] = self.buckets.get(bucket, 0) + inside
        self._widen(count, total, least, most)
        self._newer(latest_at, latest)

    def digest(self) -> Digest:
        """As a value."""
        at = moment_of(self.latest_at)
        shape = (self.count, self.total, self.least, self.most, self.latest, at)
        return Digest(*shape, self.buckets)

    def row(self, series: int, span: int, at: int) -> dict[str, Any]:
        """As a row of ``rollups``."""
        figures = {name: getattr(self, name) for name in self.__slots__}
        flat = [
            part for (sign, index), count in self.buckets.items() for part in (sign, index, count)
        ]
        text = json.dumps(flat, separators=(",", ":"))
        return {**figures, "buckets": text, "series": series, "span": span, "at": at}

    def _widen(self, count: int, total: float, least: float, most: float) -> None:
        self.count += count
        self.total += total
        self.least = min(self.least, least)
        self.most = max(self.most, most)

    def _newer(self, at: int, value: float) -> None:
        if at > self.latest_at:
            self.latest_at, self.latest = at, value


def buckets_of(text: str) -> list[tuple[tuple[int, int], int]]:
    """The buckets that :meth:`Tally.row` wrote, with their counts."""
    flat = iter(json.loads(text))
    return [((sign, index), count) for sign, index, count in zip(flat, flat, flat, strict=True)]
