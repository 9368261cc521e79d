"""The way from settings to the history. It imports the database only when that is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthetic.settings import Settings
    from synthetic.store.history import Store


def store_of(settings: Settings) -> Store:
    """The history that settings name; to be closed. Raises :class:`StoreError`."""
    from synthetic.store.history import Store

    url = settings.store_url.get_secret_value() if settings.store_url else None
    return Store.open(url, settings.reports_dir)
