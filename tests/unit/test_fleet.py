"""The benchmark of a fleet comes to an end, however its locations fare."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from benchmarks.fleet import FLEET, Location, Week
from synthetic.store.history import Store
from tests.services.postgresql import PostgreSQL


class Server:
    """Never really down."""

    def stop(self) -> None: ...

    def start(self) -> None: ...


class Dying(Location):
    """What it dies of, nobody expects."""

    def delivers(self, at: datetime) -> None:
        raise LookupError(at)


@pytest.mark.timeout(30)
def test_a_location_that_dies_ends_the_week_for_all(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        places = [Location(FLEET, "lives", store), Dying(FLEET, "dies", store)]
        with pytest.raises(LookupError):
            Week(cast(PostgreSQL, Server()), places, 60).goes_by()
