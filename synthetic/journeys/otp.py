"""One-time codes as a user meets them: asked for on a page, read in the mailbox."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from synthetic._settings_product import Inbox
from synthetic.browser.page_log import Exchange
from synthetic.errors import Refused, StepTimeout, UsageError
from synthetic.inbox import Mailbox, wait_for_code
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.step import OpenStep

_BEGINS_S = 5.0  # a page that asks by other means than a request is waited for no longer
_AGAIN_MS = 50
_SAME_MOMENT = timedelta(milliseconds=50)  # a page's clock and its browser's are this close
_ASKS_FOR_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})


def issuer_of(inbox: Inbox) -> str:
    """The host and port, beside the product's own, that issues codes; empty if none is known."""
    return urlsplit(inbox.url or "").netloc if inbox.kind == "supabase" else ""


def answered(actor: Actor, inbox: Inbox, asked_ms: float) -> None:
    """Wait until what the page asked for at that click (milliseconds since the epoch) was answered.

    Only where Supabase issues codes: one issued before the product's own would be void by then.
    Raises :class:`StepTimeout` when the product does not answer within the actor's limit.
    """
    if inbox.kind != "supabase":
        return
    issuer = issuer_of(inbox)
    asked, began = datetime.fromtimestamp(asked_ms / 1000, UTC) - _SAME_MOMENT, time.monotonic()

    def asks(one: Exchange) -> bool:
        ours = actor.log.first_party(one.url) or urlsplit(one.url).netloc == issuer
        return ours and one.at >= asked and one.method not in _ASKS_FOR_NOTHING

    while True:
        waiting = [one for one in actor.log.unanswered(issuer) if asks(one)]
        waited_s = time.monotonic() - began
        if not waiting and (waited_s > _BEGINS_S or any(map(asks, list(actor.log.exchanges)))):
            return
        if waiting and waited_s > actor.stage.limit_s:
            raise StepTimeout(
                f"the product was asked for a code, and did not answer {waiting[0].method} "
                f"{waiting[0].endpoint} within {actor.stage.limit_s:g} s"
            )
        actor.page.wait_for_timeout(_AGAIN_MS)


class OneTimeCodes:
    """Asks for codes and reads them; every code read is redacted from then on."""

    def __init__(self, mailbox: Mailbox, inbox: Inbox) -> None:
        self._mailbox = mailbox
        self._inbox = inbox

    def arrives(self, journey: Journey, step: OpenStep, actor: Actor) -> str:
        """Ask for a code; the step's latency is from that click to the mail's arrival."""
        seen_before = self._mailbox.ids_to(actor.email)
        lap = step.act(
            lambda: actor.access.request_code(actor.email), until=[actor.access.code_form]
        )
        return self._read(journey, step, actor, seen_before, lap.started_at, lap.started_ms)

    def _read(
        self,
        journey: Journey,
        step: OpenStep,
        actor: Actor,
        seen_before: frozenset[str],
        since: datetime,
        asked_ms: float,
    ) -> str:
        answered(actor, self._inbox, asked_ms)
        code = wait_for_code(
            self._mailbox,
            actor.email,
            since=since,
            seen_before=seen_before,
            timeout_s=self._inbox.timeout_s,
            pattern=self._inbox.code_pattern,
        )
        journey.redactor.add(code.value)
        if code.issued_by:
            journey.tell(
                "code",
                actor.role,
                f"code issued by {code.issued_by}, not delivered: that mails arrive is not shown",
            )
            step.untimed()
        else:
            step.took(asked_ms, code.received_at.timestamp() * 1000)
        return code.value

    def arrives_again(self, journey: Journey, step: OpenStep, actor: Actor) -> str:
        """Ask once more, as soon as that may be done; the step's latency counts from that click."""
        actor.dwell((time.time() + self._inbox.resend_after_s) * 1000)
        seen_before, since = self._mailbox.ids_to(actor.email), datetime.now(UTC)
        actor.view.inputs.clear()
        actor.access.resend_code()
        return self._read(journey, step, actor, seen_before, since, actor.view.inputs[-1][1])

    def expires(self, actor: Actor) -> None:
        """Wait until a code that was mailed just now has expired.

        Raises :class:`UsageError` where settings do not say how long that takes.
        """
        if self._inbox.code_lifetime_s is None:
            raise UsageError(
                "how long a code lives is not known; say SYNTHETIC_INBOX__CODE_LIFETIME_S"
            )
        actor.dwell((time.time() + self._inbox.code_lifetime_s) * 1000)

    def differ(self, used: str, fresh: str) -> None:
        """Raises :class:`UsageError` where every code is the same, as fixed ones are."""
        if used == fresh:
            raise UsageError(
                "fixed codes are never used up, so whether a used one is refused cannot be seen; "
                "leave this journey out (-k), or read codes in mails (SYNTHETIC_INBOX__KIND)"
            )

    def arrives_for_standing(self, journey: Journey, step: OpenStep, actor: Actor) -> str:
        """The same at log-in, for a standing account that is made first if the target lacks it."""
        try:
            return self.arrives(journey, step, actor)
        except Refused:
            if not actor.access.says_unknown():
                raise
        self._make_account(journey, step, actor)
        return self.arrives(journey, step, actor)

    def _make_account(self, journey: Journey, step: OpenStep, actor: Actor) -> None:
        actor.access.open()
        actor.access.open_sign_up()
        code = self.arrives(journey, step, actor)
        step.act(lambda: actor.access.enter_code(code), until=[actor.dashboard.signed_in])
        step.act(actor.dashboard.log_out, until=[actor.access.landing])
        actor.access.open_log_in()
