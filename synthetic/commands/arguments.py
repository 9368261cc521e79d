"""Arguments that several commands take, read into values; wrong ones are said in a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from synthetic.errors import UsageError

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


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """What a sentence about an unknown name ends with: the nearest that is known, if any is."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise


def store_of(settings: Settings) -> Store:
    """The history that settings name; to be closed."""
    from synthetic.store.history import Store

    url = settings.store_url.get_secret_value() if settings.store_url else None
    return Store.open(url, settings.reports_dir)


def target_of(settings: Settings) -> str:
    """The target that settings name, as records have it."""
    from synthetic.notify.notes import STANDIN

    return str(settings.base_url or STANDIN)
