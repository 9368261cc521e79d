"""Arguments that several commands take, read into values; wrong ones are said in a sentence."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from synthetic.errors import StoreReadOnly, UsageError
from synthetic.store.opening import store_of as store_of
from synthetic.wording import meant as meant

if TYPE_CHECKING:
    from synthetic.settings import Settings
    from synthetic.store.history import Store


def moment(option: str, text: str) -> datetime:
    """A moment with its zone; raises :class:`UsageError`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"{option} {text} should be a moment with its zone, such as 2026-12-01T09:00:00Z"
        )
    return found.astimezone(UTC)


def day(option: str, text: str) -> date:
    """A day; raises :class:`UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text} should be a day such as 2026-12-04") from None


def length(option: str, text: str) -> timedelta:
    """A duration such as ``60s`` or ``2h``, longer than nothing; raises :class:`UsageError`."""
    from synthetic.plan.model import seconds

    try:
        found = timedelta(seconds=float(str(seconds(text))))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option} {text} {error}") from None
    if not found:
        raise UsageError(f"{option} {text} should be more than nothing, such as 60s")
    return found


def target_of(settings: Settings, store: Store) -> str:
    """The target that settings name, as records have it: also a stand-in's that is down now."""
    from synthetic.journeys.target import STANDIN, label_of, remember

    if settings.base_url is None:
        return STANDIN
    url = str(settings.base_url)
    label = label_of(url, lambda: nullcontext(store))
    with suppress(StoreReadOnly):
        remember(store, url, label)
    return label
