"""Digests in the making: values and finished digests are added one by one. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from synthetic.store.digest import Buckets, Digest, bucket_of
from synthetic.store.schema import moment_of

_FIGURES = ("count", "latest", "latest_at", "least", "most", "total")


class Tally:
    """What a digest has, with times in microseconds; empty until something is added."""

    __slots__ = ("_counted", "_written", *_FIGURES)

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.least = math.inf
        self.most = -math.inf
        self.latest = 0.0
        self.latest_at = -1
        self._counted: dict[tuple[int, int], int] = {}
        self._written: list[str] = []  # what buckets are made of, read when they are asked for

    def add(self, at: int, value: float) -> None:
        """Add one observation."""
        bucket = bucket_of(value)
        self._counted[bucket] = self._counted.get(bucket, 0) + 1
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
        """Add what a row of ``rollups`` holds, or several whose ``buckets`` follow each other, or
        values that the database added up, which are their own buckets."""
        self._written.append(buckets)
        self._widen(count, total, least, most)
        self._newer(latest_at, latest)

    def digest(self) -> Digest:
        """As a value."""
        at = moment_of(self.latest_at)
        shape = (self.count, self.total, self.least, self.most, self.latest, at)
        counted, written = dict(self._counted), tuple(self._written)
        return Digest(*shape, Buckets(lambda: _together(counted, written)))

    def row(self, series: int, span: int, at: int) -> dict[str, Any]:
        """As a row of ``rollups``."""
        figures = {name: getattr(self, name) for name in _FIGURES}
        buckets = _together(self._counted, self._written)
        flat = [part for (sign, index), count in buckets.items() for part in (sign, index, count)]
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


def _together(
    counted: Mapping[tuple[int, int], int], written: Iterable[str]
) -> dict[tuple[int, int], int]:
    found = dict(counted)
    for text in written:
        for bucket, count in buckets_of(text):
            found[bucket] = found.get(bucket, 0) + count
    return found


def buckets_of(text: str) -> Iterable[tuple[tuple[int, int], int]]:
    """The buckets that :meth:`Tally.row` wrote once or several times, with their counts, or those
    of values with commas between them."""
    if not text.startswith("["):
        return Counter(map(bucket_of, map(float, text.split(",")))).items()
    flat = json.loads(text.replace("][", ","))
    return zip(zip(flat[::3], flat[1::3], strict=True), flat[2::3], strict=True)
