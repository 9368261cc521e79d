"""What a watcher says of itself to whoever supervises the process."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request

from synthetic.errors import StoreLocked
from synthetic.watch.serving import routes_of
from tests.unit.watch.worlds import MIDNIGHT, World


def health(world: World) -> tuple[int, str]:
    """The status of ``/healthz``, and the state that it says."""
    _, route = routes_of(
        cast(Any, SimpleNamespace(latest=None)), world.watcher, lambda: world.now
    )  # fmt: skip
    answer = asyncio.run(route.endpoint(Request({"type": "http"})))
    return answer.status_code, json.loads(answer.body)["state"]


def test_it_begins_and_then_watches() -> None:
    world = World()
    assert health(world) == (200, "begins")
    world.passes("1h")
    assert health(world) == (200, "watches")


@pytest.mark.parametrize(("minutes", "status"), [(1.9, 200), (2.1, 503)])
def test_a_watch_that_cannot_evaluate_is_not_well(minutes: float, status: int) -> None:
    """After one and a half intervals and half a minute."""
    world = World(breaks={"evaluate": StoreLocked("others hold it")})
    world.passes("1s")
    world.now = MIDNIGHT + timedelta(minutes=minutes)
    assert health(world)[0] == status


def test_who_stands_by_is_well_and_has_its_time_when_it_takes_over() -> None:
    world = World(holds=False, breaks={"evaluate": StoreLocked("others hold it")})
    world.passes("10m")
    assert health(world) == (200, "stands by")
    world.holds = True
    world.passes("1m")
    assert health(world) == (200, "watches")
    world.passes("2m")
    assert health(world) == (503, "does not evaluate")
