"""What one round of probes asks, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import httpx

from synthetic.errors import RateLimited, StepTimeout, SyntheticError, TargetUnreachable
from synthetic.probes.caching import cache_hit, kept_out
from synthetic.probes.certificate import certificate
from synthetic.probes.clocks import skew, their_now
from synthetic.probes.fetching import Answer, fetch
from synthetic.probes.health import judge
from synthetic.probes.known import Failure, Known, first_session, turned_away
from synthetic.probes.site import HEALTH, not_accessible
from synthetic.probes.transport import TimedTransport
from synthetic.results import Sample
from synthetic.settings import Settings

SITE, SESSIONS, PROFILE, MESSAGES = (
    "/",
    "/api/sessions/list",
    "/api/users/profile",
    "/api/messages/list",
)
READ_ONLY = (SESSIONS, PROFILE, MESSAGES)
"""Endpoints of contract 8 that change nothing, and want somebody signed in."""
_PARTS = ("dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "body_ms")
_GONE = (404, 410)
_LONGEST_PAUSE_S, _PAUSE_S = 3600.0, 300.0
OFFLINE = "nothing can be reached from here, so nothing is held against the target."


@dataclass
class Round:
    """Asks, and notes figures and findings. ``clock`` gives aware times, ``monotonic`` seconds.

    ``way_out`` says whether we have a network. It is asked as soon as nothing answers; where we
    have one, the failure is a doubt until :meth:`settle`.
    """

    settings: Settings
    known: Known
    clock: Callable[[], datetime]
    transport: TimedTransport
    trusting: ssl.SSLContext
    headers: dict[str, str]
    way_out: Callable[[], Awaitable[bool]]
    monotonic: Callable[[], float] = time.monotonic
    samples: list[Sample] = field(default_factory=list)
    findings: dict[str, None] = field(default_factory=dict)
    doubts: list[Failure] = field(default_factory=list)
    answered: bool = False
    settling: bool = False
    accepted: int = 0

    async def site(self) -> None:
        """Part F, check 1: the site answers with 200, in less than 2 s."""
        answer = await self._asked(SITE, self._stranger(), "site_up")
        if answer is None:
            return
        self._note("site_up", float(answer.status == 200))
        self._note("site_ms", answer.timing.total_ms)
        self._parts(SITE, answer)
        if trouble := not_accessible(answer):
            self.find(f"{trouble}.")
        hit = cache_hit(answer.headers)
        if hit is not None and not kept_out(answer.headers):
            self._note("cache_hit", float(hit))

    async def health(self) -> None:
        """Part F, check 5 and "Health Check Details"."""
        answer = await self._asked(HEALTH, self._stranger(), "health_up")
        if answer is None:
            return
        self._judged(HEALTH, answer)
        self._note("health_ms", answer.timing.total_ms)
        now = self.clock()
        found = judge(answer.status, answer.body, their_now(answer.headers) or now)
        self._note("health_up", float(found.up))
        for metric, value in found.figures.items():
            self._note(metric, value)
        for finding in found.findings:
            self.find(f"{answer.url} {finding}.")
        if apart := skew(answer.headers, now):
            ahead_s = round(apart.total_seconds(), -1)  # as said a minute ago
            side = "ahead of" if ahead_s > 0 else "behind"
            self.find(f"the target's clock is {abs(ahead_s):.0f} s {side} ours: which is wrong?")

    async def reads(self, endpoint: str) -> None:
        """One of the endpoints that only read, as somebody who is signed in."""
        session = self.settings.probes.session or self.known.session
        if endpoint == MESSAGES and session is None:
            return  # an account without a session has none to read the messages of
        query = f"?{urlencode({'session_id': session})}" if endpoint == MESSAGES else ""
        if not await self._signed_in():
            return
        answer = await self._as_member(endpoint, query)
        if answer is None:
            return
        if endpoint == MESSAGES and answer.status in _GONE and not self.settings.probes.session:
            self.known.session = None  # it ended since the list named it
            return
        self._judged(endpoint, answer)
        if cache_hit(answer.headers):
            self.find(f"{endpoint} is answered from a cache, which others than us share.")
        if endpoint == SESSIONS and answer.status == 200:
            self.known.session = first_session(answer.body)

    async def settle(self) -> None:
        """Believe what failed: after asking once more, where other requests were answered."""
        self.settling = True
        if not self.answered:
            self.believe()
        async with asyncio.TaskGroup() as tasks:
            for doubt in self.doubts:
                tasks.create_task(self._again(doubt))

    def believe(self) -> None:
        """Hold all that is in doubt against the target."""
        while self.doubts:
            self._failed(self.doubts.pop(0))

    async def certificate(self) -> None:
        """How long the certificate lasts, and what is wrong with it; nothing without TLS."""
        parts = urlsplit(str(self.settings.base_url))
        if parts.scheme != "https" or not parts.hostname:
            return
        probes = self.settings.probes
        try:
            seen = await asyncio.to_thread(
                certificate,
                parts.hostname,
                parts.port or 443,
                timeout_s=probes.timeout_s,
                clock=self.clock,
                ca_file=probes.ca_file,
            )
        except TargetUnreachable as error:
            self.find(f"{error}.")
            return
        self._note("certificate_days", seen.days)
        for problem in seen.problems:
            self.find(problem)

    async def _again(self, doubt: Failure) -> None:
        self.find(f"{doubt.error}; it is asked once more.")
        if doubt.endpoint in READ_ONLY:
            await self.reads(doubt.endpoint)
        else:
            await (self.site() if doubt.endpoint == SITE else self.health())
        self.doubts.remove(doubt)

    async def _as_member(self, endpoint: str, query: str) -> Answer | None:
        """An answer to somebody who is signed in; none where the log-in may be what is wrong."""
        member = self.known.member
        log_in = member.log_ins
        answer = await self._asked(endpoint, self._member(), query=query)
        if answer and turned_away(answer) and self.accepted != log_in:
            if await self._signed_in(refused=log_in):
                log_in = member.log_ins
                answer = await self._asked(endpoint, self._member(), query=query)
            elif member.accepted == log_in:
                self.find(
                    "the standing account's log-in is taken no more; the next one is made soon."
                )
                return None
        member.keep_secret()
        if answer is None:
            return None
        if answer.status == 200:
            self.accepted = log_in
            member.taken(log_in)
        elif turned_away(answer) and not member.accepted:
            self.find(
                f"{endpoint} answered {answer.status}: the target never took the log-in that it "
                "gave us, so what members see is not probed; see whether a cookie is its proof."
            )
            return None
        return answer

    async def _signed_in(self, refused: int | None = None) -> bool:
        try:
            return await self.known.member.signed_in(self.trusting, refused)
        except SyntheticError as error:
            self.find(f"the standing account cannot sign in: {error}")
            if isinstance(error, RateLimited):
                self._pause(error, *READ_ONLY)
            return False

    async def _asked(
        self, endpoint: str, client: httpx.AsyncClient, up: str | None = None, query: str = ""
    ) -> Answer | None:
        """A whole answer, or nothing and a finding; ``up`` is what it says that nothing answers."""
        if self.monotonic() < self.known.paused_until.get(endpoint, 0):
            self.find(f"{endpoint} is left alone for a while, as it asked for.")
            return None
        url = str(self.settings.base_url).rstrip("/") + endpoint + query
        try:
            answer = await fetch(
                client,
                url,
                timeout_s=self.settings.probes.timeout_s,
                follow_redirects=endpoint not in READ_ONLY,
            )
        except (TargetUnreachable, StepTimeout) as error:
            failure = Failure(endpoint, error, up, self.clock())
            if not await self.way_out():
                self.find(OFFLINE)
            elif self.settling:
                self._failed(failure)
            else:
                self.doubts.append(failure)
            return None
        except RateLimited as error:
            self._pause(error, endpoint)
            answer = None
        except SyntheticError as error:
            self._failed(Failure(endpoint, error, up, self.clock()))
            answer = None
        self.answered = True
        return answer

    def _pause(self, error: RateLimited, *endpoints: str) -> None:
        wished_s = error.retry_after_s
        pause_s = min(_PAUSE_S if wished_s is None else wished_s, _LONGEST_PAUSE_S)
        self.known.paused_until |= dict.fromkeys(endpoints, self.monotonic() + pause_s)
        self.find(f"{error}; it is left alone for {pause_s:.0f} s.")

    def _failed(self, failure: Failure) -> None:
        if failure.up:
            self._note(failure.up, 0.0, failure.at)
        if failure.endpoint != SITE:
            self._note("request_failed", 1.0, failure.at, endpoint=failure.endpoint)
        self.find(f"{failure.error}.")

    def _judged(self, endpoint: str, answer: Answer) -> None:
        """Whether it was answered, how long that took, and where the time went.

        That we may not have what we ask for is held against the target only where we once had it.
        """
        if answer.status == 200:
            self.known.worked.add(endpoint)
        if answer.status >= 500 or endpoint in self.known.worked | {HEALTH}:
            self._note("request_failed", float(answer.status != 200), endpoint=endpoint)
        if answer.status == 200:
            self._note("request_ms", answer.timing.total_ms, endpoint=endpoint)
            self._parts(endpoint, answer)
        elif endpoint != HEALTH:
            self.find(f"{endpoint} answered {answer.status} to somebody who is signed in.")

    def _parts(self, endpoint: str, answer: Answer) -> None:
        for part in _PARTS:
            value = getattr(answer.timing, part)
            if value is not None:
                self._note(f"probe_{part}", value, endpoint=endpoint)

    def _stranger(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, headers=self.headers, max_redirects=5)

    def _member(self) -> httpx.AsyncClient:
        cookies = self.known.member.cookies
        return httpx.AsyncClient(transport=self.transport, headers=self.headers, cookies=cookies)

    def find(self, finding: str) -> None:
        """Tell it once."""
        self.findings[finding] = None

    def _note(self, metric: str, value: float, at: datetime | None = None, **labels: str) -> None:
        labels |= {"source": "probes", "location": self.settings.location}
        self.samples.append(
            Sample(metric=metric, value=round(value, 4), at=at or self.clock(), labels=labels)
        )
