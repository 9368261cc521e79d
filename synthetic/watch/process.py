"""The process that watches: everything in one event loop, from the first turn until SIGTERM.

What blocks is done in threads. On SIGTERM or SIGINT nothing new is begun, journeys are told to end
and write their record, a round that is under way is finished; what is not delivered by then stays
in the outbox, for whoever evaluates next. A second signal ends it at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx

from synthetic.dashboard.app import create_app
from synthetic.dashboard.security import Access
from synthetic.dashboard.serving import listen, settled, url_of
from synthetic.dashboard.watched import Watched
from synthetic.errors import RunnerError, SettingsError, StoreError
from synthetic.journeys.target import label_of, remember
from synthetic.plan.load import load as load_plan
from synthetic.plan.model import Plan
from synthetic.redaction import Redactor, redacted_logs
from synthetic.reports.definition import reports
from synthetic.settings import Settings, secrets
from synthetic.store.opening import store_of
from synthetic.watch import calendar, journeys
from synthetic.watch.assembly import World
from synthetic.watch.cadence import Cadence, cadence_of, checked, without_journeys
from synthetic.watch.loop import Watcher
from synthetic.watch.outside import Samples, outside
from synthetic.watch.post import Post, alone_here
from synthetic.watch.schedule import chance_of
from synthetic.watch.serving import Beside, routes_of
from synthetic.watch.work import Errand

LONGEST_SLEEP = timedelta(seconds=10)
"""Clocks are put forward and back, and machines sleep: nobody tells a timer that."""
DRAIN_S = 90.0
"""By then a round has taken its pages elsewhere, and journeys have been killed."""
_THREADS = 8
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_log = logging.getLogger(__name__)
Outside = Callable[
    [Settings, Callable[[], datetime]], AbstractAsyncContextManager[tuple[Samples, Samples]]
]


def utc_now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def explicit(settings: Settings) -> str:
    """The target's address; an unset secret must not give a green light about a stand-in.

    Raises :class:`SettingsError` where settings name none.
    """
    if settings.base_url is None:
        raise SettingsError(
            "watch needs to be told whom to watch: set SYNTHETIC_BASE_URL to the target's address, "
            "or to that of a stand-in that you started (`synthetic standin`)"
        )
    return str(settings.base_url)


def cadence_here(plan: Plan, settings: Settings, folder: Path) -> Cadence:
    """How often what is done; journeys only where ``folder`` has them, else that is said once."""
    cadence = partial(cadence_of, plan, settings)
    if journeys.are_in(folder):
        return cadence
    _log.warning(
        "no journeys are run, since %s has no %s: probes, sources, evaluations and reports go on "
        "without them; to have them run, start the watch in the checkout", folder, journeys.HOME
    )  # fmt: skip
    return without_journeys(cadence)


def watch(
    settings: Settings,
    *,
    host: str,
    port: int,
    say: Callable[[str], None],
    outside: Outside = outside,
    command: Callable[[Errand], list[str]] = journeys.command_of,
) -> None:
    """Watch the target until a signal; ``say`` gets the one line that tells that all is ready.

    ``outside`` opens what answers for probes and sources, ``command`` is what runs journeys.
    Raises :class:`~synthetic.errors.SyntheticError` where it cannot begin.
    """
    url = explicit(settings)
    Access.of(settings, host)  # before anything is begun
    _log_to_stderr()
    plan, known = load_plan(settings.plan_dir, settings.plan_values), reports(settings.plan_dir)
    times = calendar.checked(calendar.read(settings.plan_dir), known)
    checked(plan, settings)
    with ExitStack() as stack:
        stack.enter_context(redacted_logs(Redactor(secrets(settings))))
        store = stack.enter_context(store_of(settings))
        target = label_of(url, lambda: nullcontext(store))
        remember(store, url, target)
        stack.enter_context(alone_here(settings.reports_dir, target, settings.location))
        listener = stack.enter_context(listen(host, port))
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="watch")
        world = World(store, plan, settings, target, known, pool, utc_now, _show, command)
        watched = Watched(store, plan, settings, target, utc_now, host)
        process = _Process(world, times, watched, outside)
        settled()
        drained = asyncio.run(process.run(listener, say))
        if not drained:
            _log.error(
                "some work did not end within %.0f s and is left: it changes nothing", DRAIN_S
            )
            sys.stderr.flush()
            os._exit(0)  # a thread cannot be ended otherwise
        pool.shutdown()


@dataclass
class _Process:
    world: World
    times: calendar.Calendar
    watched: Watched
    outside: Outside
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, listener: socket.socket, say: Callable[[str], None]) -> bool:
        """Watch and serve until a signal; whether all that was under way has ended."""
        world, settings = self.world, self.world.settings
        self._heed_signals()
        post = Post(world.store, world.target, settings.location, settings.reports_dir, utc_now)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient())
            probe, gather = await stack.enter_async_context(self.outside(settings, utc_now))
            watcher = Watcher(
                world.work(post, probe, gather, client),
                cadence_here(world.plan, settings, Path.cwd()),
                self.times,
                chance_of(f"{world.target} from {settings.location}"),
                settings.launch_at,
                settings.location,
                reported=world.begin(self.times),
            )
            ready = json.dumps({"url": url_of(listener), "target": world.target})
            app = create_app(self.watched, routes_of(world, watcher, utc_now))
            server = Beside(app, lambda: say(ready))
            serving = asyncio.create_task(server.serve([listener]))
            serving.add_done_callback(lambda _: self.stopping.set())
            await turns(watcher, self.stopping, utc_now)
            ended_by_itself = serving.done()
            drained = await self._drain(watcher)
            with suppress(StoreError):
                post.let_go()
            server.should_exit = True
            await serving
        if ended_by_itself:
            raise RunnerError("the dashboard ended by itself, and the watch with it: see the log")
        return drained

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            _log.info("%s: ending in order; another ends it at once", number.name)
            self.stopping.set()
            for one in _SIGNALS:
                loop.remove_signal_handler(one)

        for one in _SIGNALS:
            loop.add_signal_handler(one, stop, one)

    async def _drain(self, watcher: Watcher) -> bool:
        try:
            await asyncio.wait_for(watcher.drain(), DRAIN_S)
        except TimeoutError:
            return False
        return True


async def turns(watcher: Watcher, stopping: asyncio.Event, clock: Callable[[], datetime]) -> None:
    """Turn after turn, each when it is due, something ended, or ten seconds have passed."""
    stop = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        now = clock()
        try:
            due = await watcher.turn(now)
        except Exception:  # the next turn may do better, and a watch that ended would not
            _log.exception("a turn broke by a fault of ours: please report it")
            due = now + LONGEST_SLEEP
        left = max(0.0, min(due - clock(), LONGEST_SLEEP).total_seconds())
        changed = asyncio.create_task(watcher.changed.wait())
        await asyncio.wait({stop, changed}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()


def _log_to_stderr() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("synthetic").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _show(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
