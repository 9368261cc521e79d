"""What a watcher does to the real world: each part of :class:`~synthetic.watch.work.Work`."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import httpx

from synthetic.evaluate.burst import recent
from synthetic.evaluate.gauges import gauges
from synthetic.evaluate.history import Gauge
from synthetic.notify.delivery import EVER
from synthetic.plan.model import Plan
from synthetic.reports.definition import Report
from synthetic.reports.words import span
from synthetic.results import Run, Sample
from synthetic.rounds import Round, evaluate_round
from synthetic.settings import Settings
from synthetic.store.alive import under_way
from synthetic.store.history import Store
from synthetic.watch import figures, journeys, reporting
from synthetic.watch.cadence import cadence_of
from synthetic.watch.outage import FULL, SMOKE, is_whole, outage_since
from synthetic.watch.post import Post
from synthetic.watch.work import Errand, Seen, Work
from synthetic.wording import harmless

MOST_KEPT = 50_000
"""Samples that wait in memory while the history cannot be written."""
TOLD_WITHIN = timedelta(minutes=10)
"""Once a message has waited for longer, the dead man's switch hears nothing."""
_OUTAGES_FROM = timedelta(days=2)
_BEAT_S = 10.0
_SINCE = "reports are sent since about "
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
Clock = Callable[[], datetime]
Samples = Callable[[], Awaitable[Sequence[Sample]]]


@dataclass
class World:
    """The history, the plan and whom we tell; blocking work is done in threads of ``pool``.

    ``latest`` is what the last evaluation came to, ``stuck`` whether a message waits for too long.
    """

    store: Store
    plan: Plan
    settings: Settings
    target: str
    reports: dict[str, Report]
    pool: Executor
    clock: Clock
    show: Callable[[str], None]
    command: Callable[[Errand], list[str]] = journeys.command_of
    latest: Round | None = None
    unheard: bool = False
    stuck: bool = False
    _waiting: list[Sample] = field(default_factory=list)
    _keeping: threading.Lock = field(default_factory=threading.Lock)
    _whole: dict[str, Run] = field(default_factory=dict)
    _begun: dict[str, datetime] | None = None
    _gauges: tuple[datetime, Mapping[str, tuple[Gauge, ...]]] | None = None

    def work(self, post: Post, probe: Samples, gather: Samples, client: httpx.AsyncClient) -> Work:
        """All of it, with what answers for probes and sources."""
        here = self.settings.reports_dir
        return Work(
            held=lambda: self._apart(post.held),
            look=lambda: self._apart(self.look),
            probe=probe,
            gather=gather,
            keep=lambda samples: self._apart(lambda: self.keep(samples)),
            run=lambda errand: journeys.run(errand, here, self.command(errand)),
            evaluate=lambda: self._apart(self.evaluate),
            beat=lambda: self.beat(client),
            machine=lambda now: figures.machine(here, self.settings.location, now),
            report=lambda name, at: self._apart(lambda: self.report(name, at)),
            pass_over=lambda name, at: self._apart(lambda: self.seen_to(name, at)),
        )

    def look(self) -> Seen:
        """What is known of runs from our location."""
        now, here = self.clock(), self.settings.location
        heads = self.store.runs(self.target, now - self._known_from(now), now)
        ours = [run for run in heads if run.location == here]
        self._begun = (self._begun or {}) | {
            suite: max(run.started_at for run in whole)
            for suite in (SMOKE, FULL)
            if (whole := [run for run in ours if is_whole(run, suite)])
        }
        return Seen(
            recent=self._with_journeys(recent(ours, now)),
            begun=self._begun,
            outage=outage_since(ours),
            busy=under_way(self.settings.reports_dir) is not None,
        )

    def keep(self, samples: Sequence[Sample]) -> None:
        """Store samples, with those that could not be stored before."""
        with self._keeping:
            self._waiting += samples
            if lost := max(0, len(self._waiting) - MOST_KEPT):
                del self._waiting[:lost]
                _log.error("%d samples are lost: the history cannot be written", lost)
            given = self._waiting
            refused = self.store.add_samples(self.target, given, self.clock()).refused
            self._waiting = []
        for one in refused[:1]:
            _log.warning("%d samples were refused: %s of %s",
                         len(refused), one.reason, harmless(given[one.place].metric))  # fmt: skip

    def evaluate(self) -> None:
        """A round, of whole seconds: so ``for 5m`` holds five minutes later, not a moment after."""
        self.latest = evaluate_round(
            self.store,
            self.plan,
            self.settings,
            self.target,
            clock=lambda: self.clock().replace(microsecond=0),
            show=self.show,
        )
        for problem in dict.fromkeys(self.latest.delivered.problems):
            _log.warning("not delivered: %s", harmless(problem))
        at = self.latest.at
        self.keep([figures.evaluated(self.settings.location, at)])
        old = (one for one in self.store.due(EVER) if one.created_at < at - TOLD_WITHIN)
        self.stuck = any(one.note.target == self.target for one in old)

    async def gauges(self) -> Mapping[str, tuple[Gauge, ...]]:
        """All the plan's gauges at the last evaluation, worked out when first asked for."""
        if (latest := self.latest) is None:
            return {}
        if self._gauges is None or self._gauges[0] != latest.at:
            ask = self.store.ask(self.target)
            found = await self._apart(lambda: gauges(self.plan, self.plan.metrics, latest.at, ask))
            self._gauges = latest.at, {**found, **latest.evaluation.gauges}
        return self._gauges[1]

    async def beat(self, client: httpx.AsyncClient) -> None:
        """Let the dead man's switch know, unless nobody can be told anything; that it does not
        answer is said once."""
        url = self.settings.watch.heartbeat_url
        if url is None:
            return
        if self.stuck:
            self._unheard(f"is not asked: a message has waited for {span(TOLD_WITHIN)}")
            return
        try:
            async with (
                asyncio.timeout(_BEAT_S),
                client.stream("GET", url.get_secret_value(), timeout=_BEAT_S) as answer,
            ):
                trouble = "" if answer.is_success else f"it answers {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            trouble = type(error).__name__
        self._unheard(trouble and f"takes no heartbeat: {trouble}")

    def report(self, name: str, at: datetime) -> None:
        """Send a report as of its time, and remember that."""
        wanted = self.reports[name]
        now = self.clock()
        written = reporting.write(
            self.store, self.plan, self.settings, self.target, wanted, at, now
        )
        delivered = reporting.send(
            self.store, self.settings, wanted, written, clock=self.clock, show=self.show
        )
        self.seen_to(name, at)
        for problem in dict.fromkeys(delivered.problems):
            _log.warning("the report %s: %s", name, harmless(problem))

    def seen_to(self, name: str, at: datetime) -> None:
        """Remember that a report as of a moment was sent, or left out."""
        self.store.keep_note(self._note(name), at.isoformat())

    def begin(self, names: Iterable[str]) -> dict[str, datetime]:
        """Up to when reports were seen to; nothing before the first watch is made up for."""
        first = self.store.note(_SINCE + self.target)
        if first is None:
            first = self.clock().isoformat()
            self.store.keep_note(_SINCE + self.target, first)
        kept = {name: self.store.note(self._note(name)) or first for name in names}
        return {name: datetime.fromisoformat(at) for name, at in kept.items()}

    def _unheard(self, trouble: str) -> None:
        if trouble and not self.unheard:
            _log.warning("SYNTHETIC_WATCH__HEARTBEAT_URL %s", trouble)
        self.unheard = bool(trouble)

    def _note(self, name: str) -> str:
        return f"report {name} about {self.target}"

    def _known_from(self, now: datetime) -> timedelta:
        """How far back to look: at first as far as a suite may have its last run."""
        if self._begun is not None:
            return _OUTAGES_FROM
        every = cadence_of(self.plan, self.settings, now).values()
        return max([_OUTAGES_FROM, *(2 * each for each in every)])

    def _with_journeys(self, heads: Sequence[Run]) -> tuple[Run, ...]:
        """The runs with their journeys, as far as any failed: only then a burst may be wanted."""
        if not any(run.verdict == "failed" for run in heads):
            return ()
        wanted = [run.run_id for run in heads if run.finished_at]
        known = {name: self._whole.get(name) or self.store.run(name) for name in wanted}
        self._whole = {name: run for name, run in known.items() if run}
        return tuple(self._whole.values())

    async def _apart(self, does: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self.pool, does)
