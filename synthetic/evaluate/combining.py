"""Gauges made of other gauges: what is left of them, and one by another. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf, isfinite

from synthetic.evaluate.history import Gauge


def complement(one: Gauge, name: str) -> Gauge:
    """What is left of a hundred, its interval turned round."""
    low = None if one.high is None else 100 - one.high
    high = None if one.low is None else 100 - one.low
    return replace(one, metric=name, value=100 - one.value, low=low, high=high)


def quotients(
    name: str,
    ones: Iterable[Gauge],
    others: Iterable[Gauge],
    figure: Callable[[float, float], float],
) -> list[Gauge]:
    """Each of ``ones`` held against that of the same labels, or else against the one without any.

    Nothing is said of what would be held against zero.
    """
    by_labels = {one.labels: one for one in others}
    found = []
    for one in ones:
        other = by_labels.get(one.labels) or by_labels.get(())
        value = figure(one.value, other.value) if other and other.value else inf
        if other and isfinite(value):
            found.append(Gauge(name, one.labels, value, max(one.at, other.at)))
    return found
