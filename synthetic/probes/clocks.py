"""Whose clock says what: ours against that of whoever answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SKEWED_BY = timedelta(seconds=30)
"""So far apart two clocks that are set by the network never are."""


def their_now(headers: Mapping[str, str]) -> datetime | None:
    """The time by the clock of whoever answered: ``Date``, and how long a cache kept it since.

    ``headers`` are looked up in lower case.
    """
    try:
        made = parsedate_to_datetime(headers.get("date", ""))
        kept = timedelta(seconds=int(headers.get("age", "0").strip()[:9]))
        return (made if made.tzinfo else made.replace(tzinfo=UTC)) + kept
    except (ValueError, TypeError, OverflowError):
        return None


def skew(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """By how much their clock is ahead of ours, where that is too much."""
    theirs = their_now(headers)
    apart = theirs - now if theirs else timedelta(0)
    return apart if abs(apart) > SKEWED_BY else None
