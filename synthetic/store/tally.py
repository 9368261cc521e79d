"""Digests in the making: values and finished digests are added one by one. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from synthetic.store.digest import Buckets, Digest, bucket_of, together
from synthetic.store.schema import moment_of

Rollup = Sequence[Any]
"""Of a row of ``rollups``: count, total, least, most, latest, latest_at, buckets."""
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

    def row(self, series: int, span: int, at: int) -> dict[str, Any]:
        """As a row of ``rollups``."""
        figures = {name: getattr(self, name) for name in _FIGURES}
        buckets = together((self._counted, *self._written))
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


def digest_of(rows: Sequence[Rollup]) -> Digest:
    """What rows hold together, as a value; at least one."""
    if len(rows) == 1:  # as most are
        count, total, least, most, latest, at, text = rows[0]
        return Digest(count, total, least, most, latest, moment_of(at), Buckets((text,)))
    counts, totals, leasts, mosts, latests, ats, written = zip(*rows, strict=True)
    at = max(ats)
    return Digest(
        sum(counts),
        math.fsum(totals),
        min(leasts),
        max(mosts),
        latests[ats.index(at)],
        moment_of(at),
        Buckets(written),
    )
