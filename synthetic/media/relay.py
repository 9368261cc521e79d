"""A network for each actor that a test can break, without root, and that is always restored.

Media goes over UDP ports of ours, to which ``relay.js`` leads each page's peer connections; HTTP
and WebSocket go through a SOCKS5 proxy. An actor's context is given both::

    browser.new_context(proxy={"server": network.proxy_of("guest")}, …)
    context.expose_binding("__syntheticRelay", lambda _, *asked: network.answer("guest", *asked))

Out of reach: media that a page sends through a TURN server of its choice over UDP, since the page
talks to that server directly. No other packet goes round the relay: a browser only sends to
addresses that it was told, which lead to the relay, or from which it heard, which are the relay's.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

from synthetic.errors import UsageError
from synthetic.media.relay_line import Bucket, Line
from synthetic.media.relay_tcp import start_proxy
from synthetic.media.relay_udp import UdpRelay

BINDING = "__syntheticRelay"
# Sound that pauses still sends a report every few seconds.
_MEDIA_FRESH_S = 10.0
_ANSWER_S = 10.0
_Answer = TypeVar("_Answer")


class Someone(Protocol):
    """Whose network is broken."""

    @property
    def role(self) -> str:
        """By which the network knows the actor."""


@dataclass
class Spell:
    """When a line was broken, and restored: milliseconds since the epoch."""

    begun_ms: float
    restored_ms: float | None = None

    @property
    def over_ms(self) -> float:
        """When it was restored; raises :class:`UsageError` while nothing passes."""
        if self.restored_ms is None:
            raise UsageError("the spell is not over yet; ask once its `with` block has ended")
        return self.restored_ms


@dataclass(frozen=True)
class Traffic:
    """What crossed an actor's line so far, both ways.

    ``carried`` and ``dropped`` are UDP packets, ``connections`` those of TCP; ``media_age_s`` is
    the time since the last packet of sound or picture, None before the first.
    """

    carried: int
    dropped: int
    connections: int
    media_age_s: float | None


class Network:
    """Runs from ``with`` to its end, in a thread of its own.

    ``random`` gives numbers from 0 to 1, ``clock`` seconds since the epoch. ``wait`` waits that
    many seconds; where pages need the caller's thread meanwhile, pass one that serves them.
    """

    def __init__(
        self,
        random: Callable[[], float],
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], object] = lambda seconds: threading.Event().wait(seconds),
    ) -> None:
        self._random = random
        self._clock = clock
        self._wait = wait
        self._runs = False
        self._lines: dict[str, Line] = {}
        self._proxies: dict[str, asyncio.Server] = {}
        self._served: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._udp = UdpRelay(self._loop, self._line, self._random)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runs = True
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._runs = False
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def proxy_of(self, who: str) -> str:
        """The proxy that carries what ``who`` sends over TCP, as a browser wants to be told."""
        return f"socks5://127.0.0.1:{self._do(self._proxy(who))}"

    def answer(self, who: str, address: str, port: int, own: bool = False) -> int:
        """Answer ``who``'s page: the port on 127.0.0.1 that leads to that address.

        For an address of the browser's ``own`` there is none (0): it is learnt, so that what others
        send there is known to be ``who``'s. Raises :class:`UsageError` for what is no address.
        """
        if own:
            self._call(lambda: self._udp.learn(who, address, port))
            return 0
        return self._call(lambda: self._udp.port_for(who, address, port))

    def ports(self) -> frozenset[int]:
        """All ports through which media may reach a browser: what its candidate pairs must name."""
        return self._call(lambda: self._udp.ports)

    def packets(self, who: str) -> Traffic:
        """What crossed ``who``'s line so far; raises :class:`UsageError` for a stranger."""

        def read() -> Traffic:
            line = self._known(who)
            age = None if line.media_at is None else self._loop.time() - line.media_at
            return Traffic(line.carried, line.dropped, line.connections, age)

        return self._call(read)

    def clean(self, who: str) -> bool:
        """Whether everything passes ``who``'s line, at once."""
        return self._call(lambda: self._known(who).clean)

    @contextmanager
    def cut(self, actor: Someone, *, seconds: float, media: bool = True) -> Iterator[Spell]:
        """Carry nothing of the actor's, in either direction, for at least ``seconds``.

        Raises :class:`UsageError` when no media of theirs crosses the relay, since the cut would
        prove nothing; ``media=False`` is for cuts outside of a call.
        """
        who = actor.role
        traffic = self.packets(who)
        if media and (traffic.media_age_s is None or traffic.media_age_s > _MEDIA_FRESH_S):
            raise UsageError(
                f"cutting the network of {who} would prove nothing: no sound or picture of theirs "
                f"has crossed the relay in the last {_MEDIA_FRESH_S:.0f} s; wait until the call is "
                "up, or say media=False for a cut outside of a call"
            )
        was_whole = not self._call(lambda: self._known(who).cut)
        started = time.monotonic()
        cut = Spell(self._clock() * 1000)
        try:
            self._call(self._known(who).whole.clear)
            yield cut
            left = seconds - (time.monotonic() - started)
            if left > 0:
                self._wait(left)
        finally:
            if was_whole:
                self._call(self._known(who).whole.set)
            cut.restored_ms = self._clock() * 1000

    @contextmanager
    def lossy(self, actor: Someone, share: float) -> Iterator[Spell]:
        """Lose that share (0–1) of the actor's UDP packets each way; TCP would send them again."""
        if not 0 <= share <= 1:
            raise UsageError(f"a line cannot lose {share:g} of its packets; say 0 to 1")
        spell = Spell(self._clock() * 1000)
        with self._changed(actor.role, loss=share):
            yield spell
        spell.restored_ms = self._clock() * 1000

    @contextmanager
    def held_to(self, actor: Someone, kbps: float) -> Iterator[None]:
        """Hold the actor's line to that rate each way: packets queue and drop, streams wait."""
        if not kbps > 0:
            raise UsageError(f"a line cannot be held to {kbps:g} kbps; to stop it, cut it")
        with self._changed(actor.role, buckets={"up": Bucket(kbps), "down": Bucket(kbps)}):
            yield

    @contextmanager
    def _changed(self, who: str, **conditions: Any) -> Iterator[None]:
        """Set fields of a line, and put back what they were."""

        def put(values: dict[str, Any]) -> dict[str, Any]:
            line = self._known(who)
            before = {name: getattr(line, name) for name in values}
            for name, value in values.items():
                setattr(line, name, value)
            return before

        before = self._call(lambda: put(conditions))
        try:
            yield
        finally:
            self._call(lambda: put(before))

    def _line(self, who: str) -> Line:
        return self._lines.setdefault(who, Line())

    def _known(self, who: str) -> Line:
        if who not in self._proxies:
            raise UsageError(
                f"{who} is not on this network, which has {sorted(self._proxies) or 'nobody'}; "
                "open the actor with the network's proxy and binding"
            )
        return self._lines[who]

    async def _proxy(self, who: str) -> int:
        if who not in self._proxies:
            self._proxies[who] = await start_proxy(self._line(who), self._served)
        return int(self._proxies[who].sockets[0].getsockname()[1])

    async def _end(self) -> None:
        # A connection that is just being let in when its server closes would never be closed.
        while entering := asyncio.all_tasks() - {asyncio.current_task()} - self._served:
            await asyncio.wait(entering)
        for proxy in self._proxies.values():
            proxy.close()
        while served := set(self._served):
            for task in served:
                task.cancel()
            await asyncio.wait(served)
        await asyncio.sleep(0)  # in which the last transports close
        self._udp.close()

    def _call(self, work: Callable[[], _Answer]) -> _Answer:
        async def working() -> _Answer:
            return work()

        return self._do(working())

    def _do(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        if not self._runs:
            work.close()
            raise UsageError("the network is not running; use it inside `with Network(…)`")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ANSWER_S)
