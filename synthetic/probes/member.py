"""The standing account that probes use: signed in by mail, seldom, and kept signed in."""

from __future__ import annotations

import asyncio
import math
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from http.cookiejar import CookieJar

import httpx

from synthetic.errors import AccountsExhausted, RateLimited, Refused, SyntheticError
from synthetic.inbox.leases import leased
from synthetic.inbox.signing_in import sign_in
from synthetic.redaction import Redactor
from synthetic.settings import Settings

_PATIENCE_S = 5.0
"""How long a round waits for a log-in: one that takes longer is there for the next."""
_LONGEST_GAP_S = 6 * 3600.0


class _Heads(httpx.BaseTransport):
    """Heads of answers, each within so many seconds over all.

    Limits of a client's own are of single reads, which bytes in drips always meet: a log-in that
    never ended would be the last one, and keep its account from journeys.
    """

    def __init__(self, trusting: ssl.SSLContext, limit_s: float) -> None:
        self._trusting, self._limit_s = trusting, limit_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Without the body; raises ``TimeoutError``, and what httpx does."""
        return asyncio.run(self._head(request))

    async def _head(self, request: httpx.Request) -> httpx.Response:
        async with (
            asyncio.timeout(self._limit_s),
            httpx.AsyncHTTPTransport(verify=self._trusting) as transport,
        ):
            answer = await transport.handle_async_request(request)
            await answer.aclose()
            return httpx.Response(answer.status_code, headers=answer.headers)


class Member:
    """Holds the cookies of one log-in; each of their values is redacted from then on.

    ``monotonic`` is in seconds. Two log-ins are at least ``SYNTHETIC_PROBES__SIGN_IN_EVERY_S``
    apart, and twice as far after each that failed, up to six hours or as long as the target asks.
    """

    def __init__(
        self,
        settings: Settings,
        headers: dict[str, str],
        redactor: Redactor,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log_ins = 0
        self.accepted = 0
        """The number of the log-in that the target last took; 0: it never took one."""
        self.cookies = CookieJar()
        self._settings = settings
        self._headers = headers
        self._redactor = redactor
        self._monotonic = monotonic
        self._next = self._began = -math.inf
        self._failed_in_a_row = self._last_refused = 0
        self._going_on: asyncio.Future[CookieJar] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def signed_in(self, trusting: ssl.SSLContext, refused: int | None = None) -> bool:
        """Whether there is a log-in now; makes one where there is none, or that one was refused.

        ``refused`` is the number of the log-in (``log_ins``) that the target took no more. One
        that takes long goes on meanwhile, and is there later. Raises ``SyntheticError`` when one
        that was due could not be made.
        """
        async with self._one_at_a_time:
            if self._going_on is None:
                if len(self.cookies) and refused != self.log_ins:
                    return True
                if refused == self.log_ins not in (self.accepted, self._last_refused):
                    self._last_refused = refused
                    self._failed()
                if not self._settings.cleanup.log_in or self._monotonic() < self._next:
                    return False
                self._going_on = self._begin(trusting)
            left_s = self._began + _PATIENCE_S - self._monotonic()
            await asyncio.wait({self._going_on}, timeout=max(0.0, left_s))
            if not self._going_on.done():
                return False
            ended, self._going_on = self._going_on, None
            return self._end(ended)

    def taken(self, log_in: int) -> None:
        """The target knew us by that log-in."""
        self.accepted = log_in
        self._failed_in_a_row = 0

    def give_up(self) -> None:
        """Wait no longer for a log-in that is under way; its thread ends by itself."""
        if self._going_on is not None:
            self._going_on.cancel()

    def keep_secret(self) -> None:
        """Redact what the cookies hold now: the target may have exchanged them."""
        self._redactor.add(*(one.value for one in self.cookies if one.value))

    def _begin(self, trusting: ssl.SSLContext) -> asyncio.Future[CookieJar]:
        """In a thread that nobody has to wait for, however long a mailbox takes, or a target."""
        self._began = self._monotonic()
        self._next = self._began + self._settings.probes.sign_in_every_s
        made: Future[CookieJar] = Future()
        made.set_running_or_notify_cancel()

        def work() -> None:
            try:
                made.set_result(self._sign_in(trusting))
            except Exception as error:
                made.set_exception(error)

        threading.Thread(target=work, name="signing in", daemon=True).start()
        return asyncio.wrap_future(made)

    def _end(self, ended: asyncio.Future[CookieJar]) -> bool:
        try:
            self.cookies = ended.result()
        except AccountsExhausted:
            self._next = self._monotonic()  # lent to journeys: nobody was asked for anything
            return False
        except SyntheticError as error:
            self._failed(error.retry_after_s if isinstance(error, RateLimited) else None)
            raise
        self.log_ins += 1
        self.keep_secret()
        return True

    def _failed(self, asked_for_s: float | None = None) -> None:
        self._failed_in_a_row += 1
        every_s = self._settings.probes.sign_in_every_s
        gap_s = every_s * 2 ** min(self._failed_in_a_row, 32)
        gap_s = max(every_s, min(gap_s, _LONGEST_GAP_S), asked_for_s or 0)
        self._next = self._began + gap_s

    def _sign_in(self, trusting: ssl.SSLContext) -> CookieJar:
        settings, base_url = self._settings, str(self._settings.base_url)
        # The last ones first: journeys take the first that is free.
        standing = settings.accounts.standing[::-1]
        with (
            leased(standing, base_url, patience_s=0) as address,
            httpx.Client(
                headers=self._headers, transport=_Heads(trusting, settings.probes.timeout_s)
            ) as client,
        ):
            known = sign_in(
                client,
                base_url,
                address,
                log_in=settings.cleanup.log_in,
                inbox=settings.inbox,
                timeout_s=settings.inbox.timeout_s,
                secret=self._redactor.add,
            )
            if not known:
                raise SyntheticError(
                    "the target has no standing account yet; the next journey that logs in makes it"
                )
            if not len(client.cookies.jar):
                raise Refused("the target took its code, and gave it no cookie to be known by")
            return client.cookies.jar
