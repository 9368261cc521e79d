"""Many viewers of one page cost one rendering; what failed is tried anew."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import pytest

from synthetic.dashboard.cache import Cache


def rendering(times: list[int]) -> Callable[[], bytes]:
    def render() -> bytes:
        times.append(1)
        return b"page"

    return render


def test_viewers_at_once_share_a_rendering() -> None:
    times: list[int] = []
    begun = threading.Event()

    def render() -> bytes:
        begun.wait(5)
        return rendering(times)()

    async def many() -> None:
        cache = Cache()
        viewers = [asyncio.create_task(cache.get("/", "1", render)) for _ in range(200)]
        await asyncio.sleep(0)
        begun.set()
        assert {one.body for one in await asyncio.gather(*viewers)} == {b"page"}

    asyncio.run(many())
    assert len(times) == 1


def test_another_version_is_rendered_anew() -> None:
    times: list[int] = []

    async def twice() -> None:
        cache = Cache()
        for version in ("1", "1", "2", "2"):
            await cache.get("/", version, rendering(times))

    asyncio.run(twice())
    assert len(times) == 2


def test_of_what_came_during_a_rendering_only_the_newest_is_rendered_next() -> None:
    made: list[str] = []
    may_end = threading.Event()

    def render(version: str) -> bytes:
        made.append(version)
        may_end.wait(5)
        return version.encode()

    async def many() -> list[bytes]:
        cache = Cache()
        asked = [
            asyncio.create_task(cache.get("/", version, partial(render, version)))
            for version in "123445"
        ]
        while not made:
            await asyncio.sleep(0)
        may_end.set()
        return [one.body for one in await asyncio.gather(*asked)]

    assert asyncio.run(many()) == [b"1", *[b"5"] * 5]
    assert made == ["1", "5"]


def test_a_failure_is_told_to_all_who_wait_and_not_kept() -> None:
    times: list[int] = []

    def fail() -> bytes:
        times.append(1)
        raise ValueError("no")

    async def again() -> None:
        cache = Cache()
        found = await asyncio.gather(
            *(cache.get("/", "1", fail) for _ in range(3)), return_exceptions=True
        )
        assert [str(one) for one in found] == ["no"] * 3
        with pytest.raises(ValueError, match="no"):
            await cache.get("/", "1", fail)

    asyncio.run(again())
    assert len(times) == 2


def test_it_does_not_grow_without_end() -> None:
    times: list[int] = []

    async def many() -> None:
        cache = Cache(most=2)
        for address in ("/a", "/b", "/c", "/a"):
            await cache.get(address, "1", rendering(times))

    asyncio.run(many())
    assert len(times) == 4


def test_a_viewer_that_goes_away_takes_the_page_from_nobody() -> None:
    begun = threading.Event()

    def render() -> bytes:
        begun.wait(5)
        return b"page"

    async def one_goes() -> None:
        cache = Cache()
        gone = asyncio.create_task(cache.get("/", "1", render))
        stays = asyncio.create_task(cache.get("/", "1", render))
        await asyncio.sleep(0)
        gone.cancel()
        begun.set()
        assert (await stays).body == b"page"

    asyncio.run(one_goes())
