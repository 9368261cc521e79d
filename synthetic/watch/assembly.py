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

from synthetic.errors import ClockWrong
from synthetic.evaluate.arrivals import Arrivals
from synthetic.evaluate.burst import recent
from synthetic.evaluate.gauges import gauges
from synthetic.evaluate.history import Gauge, Question
from synthetic.notify.delivery import EVER, Delivered
from synthetic.plan.model import Plan
from synthetic.plan.observations import EVALUATED
from synthetic.reports.definition import Report
from synthetic.reports.words import span
from synthetic.results import Run, Sample
from synthetic.rounds import check_clock, deliver, evaluate_round
from synthetic.settings import Settings
from synthetic.store.alive import under_way
from synthetic.store.history import Store
from synthetic.store.values import Alert
from synthetic.watch import figures, journeys, reporting
from synthetic.watch.cadence import cadence_of
from synthetic.watch.outage import FULL, SMOKE, elsewhere_since, is_whole, outage_since
from synthetic.watch.post import Post
from synthetic.watch.righting import Waiting, righted, uptime
from synthetic.watch.work import Errand, Seen, Work
from synthetic.wording import harmless

MOST_KEPT = 50_000
"""Samples that wait in memory while the history cannot be written."""
TOLD_WITHIN = timedelta(minutes=10)
"""Once a message has waited for longer, the dead man's switch hears nothing."""
_OUTAGES_FROM = timedelta(days=2)
_BEAT_S = 10.0
_LATELY = timedelta(hours=1)
_SINCE = "reports are sent since about "
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
Clock = Callable[[], datetime]
Samples = Callable[[], Awaitable[Sequence[Sample]]]


@dataclass(frozen=True)
class Known:
    """What an evaluation at a moment came to; of another's, the gauges are yet to be worked out."""

    at: datetime
    alerts: tuple[Alert, ...]
    gauges: Mapping[str, tuple[Gauge, ...]]


@dataclass
class World:
    """The history, the plan and whom we tell; blocking work is done in threads of ``pool``.

    ``latest`` is what the last evaluation came to, ours or another location's, ``stuck`` whether a
    message waits for too long.
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
    latest: Known | None = None
    unheard: bool = False
    stuck: bool = False
    up: Callable[[], timedelta] = uptime
    _waiting: list[Waiting] = field(default_factory=list)
    _keeping: threading.Lock = field(default_factory=threading.Lock)
    _whole: dict[str, Run] = field(default_factory=dict)
    _begun: dict[str, datetime] | None = None
    _arrived: Arrivals | None = None
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
            evaluate=lambda: self._apart(lambda: self.evaluate_for_all(post)),
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
            elsewhere=elsewhere_since(heads, here),
            busy=under_way(self.settings.reports_dir) is not None,
        )

    def keep(self, samples: Sequence[Sample]) -> None:
        """Store samples, with those that could not be stored before, at their times by the clock
        of the history's server; none that were made under a wrong clock."""
        with self._keeping:
            before, began = self._waiting, self.clock() - self.up()
            self._waiting = [*before, *(Waiting(one, began) for one in samples)]
            if lost := max(0, len(self._waiting) - MOST_KEPT):
                del self._waiting[:lost]
                _log.error("%d samples are lost: the history cannot be written", lost)
            try:
                ahead = self._ahead()
            except ClockWrong:
                self._waiting = before
                raise
            now = self.clock() - ahead
            given = righted(self._waiting, now - self.up())
            if lost := len(self._waiting) - len(given):
                _log.error("%d samples are lost: the clock was put while they waited", lost)
            refused = self.store.add_samples(self.target, given, now).refused
            self._waiting = []
        for one in refused[:1]:
            _log.warning("%d samples were refused: %s of %s",
                         len(refused), one.reason, harmless(given[one.place].metric))  # fmt: skip

    def evaluate_for_all(self, post: Post) -> None:
        """A round, unless another location does it: then what that came to is what we show."""
        now = self.clock()
        every = cadence_of(self.plan, self.settings, now).get("evaluate", timedelta())
        if not post.evaluates(every):
            self._follow()
            return
        try:
            self.evaluate()
        except Exception:
            post.pass_on()  # another location may be able to
            raise

    def _follow(self) -> None:
        """Show what another location found, and deliver what that one does not get delivered."""
        ahead = self._ahead()
        now = self.clock() - ahead
        done = self.store.ask(self.target)(Question(EVALUATED, now - _LATELY, now)).values()
        if done:
            at = max(one.latest_at for one in done)
            self.latest = Known(at, self.store.alerts(self.target), {})
        delivered = deliver(
            self.store,
            self.settings,
            self.target,
            clock=lambda: self.clock() - ahead,
            show=self.show,
        )
        self._say(delivered)
        self._look_for_stuck(now)

    def evaluate(self) -> None:
        """A round, of whole seconds: so ``for 5m`` holds five minutes later, not a moment after."""
        done = evaluate_round(
            self.store,
            self.plan,
            self.settings,
            self.target,
            clock=lambda: self.clock().replace(microsecond=0),
            show=self.show,
            arrived=self._arrived,
        )
        self._arrived = done.evaluation.arrived
        self.latest = Known(done.at, done.evaluation.alerts, done.evaluation.gauges)
        self._say(done.delivered)
        # Timed by the server's clock as it is, which ours may differ from.
        told = figures.evaluated(self.settings.location, done.at)
        self.store.add_samples(self.target, [told], done.at)
        self._look_for_stuck(done.at)

    def _say(self, delivered: Delivered) -> None:
        for problem in dict.fromkeys(delivered.problems):
            _log.warning("not delivered: %s", harmless(problem))

    def _ahead(self) -> timedelta:
        return check_clock(self.store, self.target, self.settings.location, self.clock)

    def _look_for_stuck(self, at: datetime) -> None:
        old = (one for one in self.store.due(EVER) if one.created_at < at - TOLD_WITHIN)
        self.stuck = any(one.note.target == self.target for one in old)

    async def gauges(self) -> Mapping[str, tuple[Gauge, ...]]:
        """All the plan's gauges at the last evaluation, worked out when first asked for."""
        if (latest := self.latest) is None:
            return {}
        if self._gauges is None or self._gauges[0] != latest.at:
            ask = self.store.ask(self.target)
            found = await self._apart(lambda: gauges(self.plan, self.plan.metrics, latest.at, ask))
            self._gauges = latest.at, {**found, **latest.gauges}
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
