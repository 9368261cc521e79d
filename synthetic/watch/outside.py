"""What is asked of the target, and of the systems that know what cannot be seen from outside."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from synthetic.plan.observations import SOURCE_READ
from synthetic.probes.prober import Prober
from synthetic.results import Sample
from synthetic.settings import Settings
from synthetic.sources.gather import Sources
from synthetic.wording import harmless

_log = logging.getLogger(__name__)
Samples = Callable[[], Awaitable[Sequence[Sample]]]


@dataclass
class Heard:
    """Says what is new; what is the same as the last time is not said again."""

    known: frozenset[str] = frozenset()

    def say(self, sentences: Iterable[str]) -> None:
        """Log those that were not there the last time."""
        now = dict.fromkeys(map(harmless, sentences))
        for sentence in now:
            if sentence not in self.known:
                _log.warning("%s", sentence)
        self.known = frozenset(now)


@asynccontextmanager
async def outside(
    settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[tuple[Samples, Samples]]:
    """A round of probes, and a look at the sources that settings name, as functions."""
    found, troubles = Heard(), Heard()
    async with (
        await Prober.open(settings, clock=clock) as prober,
        Sources.open(settings, clock=clock) as sources,
    ):

        async def probe() -> Sequence[Sample]:
            probed = await prober.round()
            found.say(probed.findings)
            return probed.samples

        async def gather() -> Sequence[Sample]:
            gathered = await sources.gather()
            troubles.say(gathered.troubles)
            answered = [
                Sample(metric=SOURCE_READ, value=1, at=clock(), labels={"recipe": name})
                for name in gathered.answered
            ]
            return (*gathered.samples, *answered)

        yield probe, gather
