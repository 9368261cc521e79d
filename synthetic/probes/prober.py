"""Rounds of probes: once a minute, in a thread of their own, never one upon the other."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from urllib.parse import urlsplit

from synthetic import __version__
from synthetic.errors import SettingsError
from synthetic.probes.certificate import trust
from synthetic.probes.known import Known
from synthetic.probes.member import Member
from synthetic.probes.one_round import OFFLINE, READ_ONLY, Round
from synthetic.probes.transport import TimedTransport
from synthetic.redaction import Redactor
from synthetic.results import Sample
from synthetic.settings import Settings, secrets

_SPREAD = 1 / 3
"""Of the time between two rounds: so a round is told while it is new, and no request crowds."""
_EVERY_S = 60.0
_REQUESTS_IN_A_ROW = 4
_WAY_OUT_S = 3.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Probed:
    """What a round found: figures, and sentences for people."""

    samples: tuple[Sample, ...]
    findings: tuple[str, ...]


class Prober:
    """Asks the target that the settings name; one log-in and what was learnt last over rounds.

    Rounds run on an event loop of their own, so that a caller's busy one bends no time.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        every_s: float,
    ) -> None:
        self.skipped = 0
        """Rounds that were due while an earlier one was under way."""
        self._settings = settings
        self._clock = clock
        self._jitter = jitter
        self._spread_s = every_s * _SPREAD
        self._headers = {"User-Agent": f"synthetic/{__version__}"}
        self._redactor = Redactor(secrets(settings))
        self._known = Known(Member(settings, self._headers, self._redactor))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="probes", daemon=True)
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
        every_s: float | None = None,
    ) -> Prober:
        """Ready for its first round. ``clock`` gives aware times, ``jitter`` numbers from 0 to 1.

        ``every_s`` is how long one round is before the next (else ``SYNTHETIC_WATCH__PROBE_EVERY``,
        or a minute). Raises :class:`SettingsError` without a target.
        """
        if settings.base_url is None:
            raise SettingsError("there is nothing to probe: set SYNTHETIC_BASE_URL")
        set_every = settings.watch.probe_every
        every_s = every_s or (set_every.total_seconds() if set_every else _EVERY_S)
        prober = cls(settings, clock, jitter, min(every_s, _EVERY_S))
        prober._thread.start()
        return prober

    async def round(self) -> Probed:
        """One round, whole; while an earlier one is under way, its end and nothing else."""
        if self._one_at_a_time.locked():
            self.skipped += 1
            async with self._one_at_a_time:
                return Probed((), ("a round of probes was left out: the one before was slow.",))
        async with self._one_at_a_time:
            going_on = asyncio.run_coroutine_threadsafe(self._round(), self._loop)
            return await asyncio.wrap_future(going_on)

    async def aclose(self) -> None:
        """Give up what is under way, and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    async def __aenter__(self) -> Prober:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _serve(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._known.member.give_up()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            if tasks:
                self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()  # what still goes on in threads is waited for by nobody

    async def _round(self) -> Probed:
        trusting = trust(self._settings.probes.ca_file)
        async with TimedTransport(trusting) as transport:
            one = Round(
                self._settings,
                self._known,
                self._clock,
                transport,
                trusting,
                self._headers,
                self._way_out,
            )
            await self._within_limit(one)
        silent = OFFLINE in one.findings and not one.samples
        findings = (OFFLINE,) if silent else tuple(one.findings)
        told = tuple(self._redactor.text(finding) for finding in findings)
        return Probed(tuple(one.samples), told)

    async def _within_limit(self, one: Round) -> None:
        """All of a round; of one that takes too long what it noted so far."""
        # Asked, asked as somebody newly signed in, and both once more where nothing answered.
        limit_s = self._spread_s + _REQUESTS_IN_A_ROW * self._settings.probes.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                await self._spread(one)
                await one.settle()
        except TimeoutError:
            one.believe()
            one.find(f"a round of probes was given up after {limit_s:.0f} s: not all was asked.")

    async def _spread(self, one: Round) -> None:
        """Each request in its turn, at some moment of its share of the time."""
        endpoints = READ_ONLY * self._settings.probes.repeat
        reading: list[Callable[[], Awaitable[None]]] = [
            partial(one.reads, endpoint) for endpoint in endpoints
        ]
        asking = (one.site, one.health, *reading, one.certificate)
        share_s = self._spread_s / len(asking)

        async def later(place: int, ask: Callable[[], Awaitable[None]]) -> None:
            await asyncio.sleep(share_s * (place + self._jitter()))
            await ask()

        async with asyncio.TaskGroup() as tasks:
            for place, ask in enumerate(asking):
                tasks.create_task(later(place, ask))

    async def _way_out(self) -> bool:
        """Whether it is the target, and not our own network, that nothing comes from."""
        hosts = self._settings.controls.tcp
        if urlsplit(str(self._settings.base_url)).hostname in _LOOPBACK or not hosts:
            return True
        for host in hosts:
            name, _, port = host.rpartition(":")
            try:
                async with asyncio.timeout(_WAY_OUT_S):
                    _, writer = await asyncio.open_connection(name.strip("[]"), int(port))
            except OSError:
                continue
            writer.close()
            return True
        return False
