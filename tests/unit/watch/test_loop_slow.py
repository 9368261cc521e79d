"""What goes on for long is never begun twice at once, and ends in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from synthetic.results import Sample
from tests.unit.watch.worlds import World


class Slow(World):
    """A world in which one thing does not end before it is let go."""

    def hold(self, what: str) -> None:
        """Let this go on from now on."""
        self.gate = asyncio.Event()

        async def slowly(*_: object) -> Sequence[Sample]:
            try:
                await self._does(what)
                await self.gate.wait()
            except asyncio.CancelledError:
                self.did.append((self.now, f"{what} cut short"))
                raise
            return ()

        part = "run" if what == "smoke" else what
        self.watcher.work = replace(self.watcher.work, **{part: slowly})  # type: ignore[arg-type]

    async def go_on(self, minutes: float) -> None:
        """Turns as the process makes them, without waiting for what goes on."""
        end = self.now + timedelta(minutes=minutes)
        while self.now < end:
            due = await self.watcher.turn(self.now)
            for _ in range(5):
                await asyncio.sleep(0)
            self.now = self.now if self.watcher.changed.is_set() else min(end, due)


def test_probes_do_not_pile_up_behind_a_slow_target() -> None:
    async def scene() -> None:
        world = Slow()
        world.hold("probe")
        await world.go_on(10)
        assert (world.count("probe"), world.count("evaluate")) == (1, 10)
        assert world.watcher.tallies["probe"].skipped == 9
        world.gate.set()
        await world.go_on(1)
        assert world.count("probe") == 2

    asyncio.run(scene())


def test_a_smoke_run_is_never_begun_beside_another() -> None:
    async def scene() -> None:
        world = Slow(every={"smoke": "15m", "full": "30m", "probe": "1m"})
        world.hold("smoke")
        await world.go_on(80)
        assert (world.count("smoke"), world.count("probe")) == (1, 80)
        world.gate.set()
        await world.go_on(1)
        await world.watcher.idle()
        assert world.count("smoke") == 3  # that and the full run, which waited for their turn

    asyncio.run(scene())


@pytest.mark.parametrize(("what", "cut"), [("probe", 1), ("smoke", 1), ("evaluate", 0)])
def test_an_end_in_order_finishes_rounds_and_cuts_short_the_rest(what: str, cut: int) -> None:
    async def scene() -> None:
        world = Slow()
        world.hold(what)
        await world.go_on(2)
        asyncio.get_running_loop().call_later(0.01, world.gate.set)
        await world.watcher.drain()
        assert world.count(f"{what} cut short") == cut
        assert world.watcher.tallies[what].done == 1 - cut

    asyncio.run(scene())
