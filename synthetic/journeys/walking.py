"""Walks the product's pages once and notes what each locator finds there; it judges nothing.

Nothing is created but one session, which is ended as journeys end theirs.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.locator import Locator
from synthetic.browser.view import ask
from synthetic.errors import MailboxError, StepTimeout, SyntheticError
from synthetic.inbox import open_mailbox, wait_for_code
from synthetic.inbox.leases import leased
from synthetic.journeys.actor import Actor, Stage, close_actor, open_actor
from synthetic.journeys.browsers import Browsers
from synthetic.journeys.cleanup import LEDGER, Created, Ledger, remove
from synthetic.journeys.otp import answered
from synthetic.journeys.target import on_loopback
from synthetic.journeys.trying import own_browsers
from synthetic.journeys.work import own_client
from synthetic.pages.proposals import Item, Sight
from synthetic.pages.table import locators
from synthetic.redaction import Redactor
from synthetic.settings import Settings
from synthetic.store.alive import hold

_LOOK = """([specs, most]) => ({
  counts: Object.fromEntries(
    specs.map(([path, spec]) => [path, [...__synthetic.every(spec)].length])),
  items: __synthetic.inventory(most),
})"""
_MOST_ITEMS = 40
_SETTLED_S = 4.0  # a page that lacks something is given this long
_AGAIN_MS = 100
_LONGEST_S = 180.0

PAGES: Mapping[str, Sequence[str]] = {
    "landing page": ("access.sign_up", "access.log_in"),
    "log-in form": ("access.email", "access.request_code"),
    "form of the code": ("access.code", "access.verify", "access.resend"),
    "dashboard": tuple(
        f"dashboard.{name}"
        for name in ("signed_in", "sessions", "title", "create", "code", "join", "log_out")
    ),
    "room": tuple(
        f"room.{name}"
        for name in (
            "enter", "title", "participant", "chat", "send", "message", "share", "mute",
            "camera_off", "code", "record", "leave", "end",
        )
    ),
}  # fmt: skip
"""What is looked for on which page; what only a gesture brings, such as ``unmute``, or another
person, such as their ``tile``, is not."""


@dataclass
class Walk:
    """What was seen, and why it ended early, if it did."""

    sights: list[Sight] = field(default_factory=list)
    trouble: str | None = None
    left: list[str] = field(default_factory=list)
    """What could not be removed."""


class _Unrecorded:
    """Nobody films the walk."""

    def on_did_create_browser_context(self, context: BrowserContext) -> None:
        """A context was made."""

    def on_will_close_browser_context(self, context: BrowserContext) -> None:
        """A context is about to go."""


def walk(settings: Settings, base_url: str, redactor: Redactor) -> Walk:
    """Landing page, log-in with a standing account, dashboard, a session of our own, its room."""
    walked = Walk()
    table, run_id = locators(settings.pages), f"doctor-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    loopback = on_loopback(base_url)
    try:
        with (
            own_browsers(settings, loopback=loopback) as browsers,
            leased(settings.accounts.standing, base_url, patience_s=0) as address,
        ):
            stage = _stage(settings, base_url, table, browsers, run_id)
            actor = open_actor(stage, "host", address, lambda *_: None, _Unrecorded())
            try:
                with actor.view.not_for_ever(_LONGEST_S):
                    _Walker(settings, actor, table, redactor, walked).go(run_id)
            finally:
                close_actor(actor, _Unrecorded())
    except SyntheticError as error:
        walked.trouble = str(error)
    except PlaywrightError as error:
        walked.trouble = f"the browser did not go on: {error.message.splitlines()[0]}"
    return walked


def _stage(
    settings: Settings,
    base_url: str,
    table: Mapping[str, Locator],
    browsers: Browsers,
    run_id: str,
) -> Stage:
    return Stage(
        run_id=run_id,
        nonce=browsers.nonce,
        base_url=base_url,
        table=table,
        browsers=browsers,
        context_options={},
        limit_s=settings.step_timeout_s,
        trace="none",
        target_pass=settings.target_pass,
    )


@dataclass(frozen=True)
class _Walker:
    settings: Settings
    actor: Actor
    table: Mapping[str, Locator]
    redactor: Redactor
    walked: Walk

    def go(self, run_id: str) -> None:
        """All pages; raises when one lacks what leads to the next."""
        actor = self.actor
        self.redactor.add(actor.email)
        actor.access.open()
        self._look("landing page")
        actor.access.open_log_in()
        self._look("log-in form")
        actor.access.enter_code(self._code())
        self._look("dashboard")
        self._room(f"synthetic {run_id}: pages")

    def _code(self) -> str:
        actor, inbox = self.actor, self.settings.inbox
        with closing(open_mailbox(inbox)) as mailbox:
            seen, since = mailbox.ids_to(actor.email), datetime.now(UTC)
            actor.access.request_code(actor.email)
            self._look("form of the code")
            if actor.access.says_unknown():
                raise MailboxError(
                    "the target does not know the standing account yet: `make smoke` makes it, "
                    "or sign it up by hand"
                )
            answered(actor, inbox, since.timestamp() * 1000)
            code = wait_for_code(
                mailbox,
                actor.email,
                since=since,
                seen_before=seen,
                timeout_s=inbox.timeout_s,
                pattern=inbox.code_pattern,
            )
        self.redactor.add(code.value)
        return code.value

    def _room(self, title: str) -> None:
        actor = self.actor
        folder = self.settings.reports_dir / "runs" / actor.stage.run_id
        folder.mkdir(parents=True, exist_ok=True)
        ledger, before = Ledger(folder / LEDGER), actor.page.url
        try:
            with hold(folder):  # so that a run that begins now does not take it for a dead one's
                self._session(title, ledger, before)
        finally:
            if not ledger.left():
                shutil.rmtree(folder, ignore_errors=True)

    def _session(self, title: str, ledger: Ledger, before: str) -> None:
        actor = self.actor
        actor.dashboard.create(title)
        try:
            self._until(lambda: actor.page.url != before, "no session was opened")
            ident, target = actor.room.session_id, actor.stage.base_url
            ledger.created(Created("session", ident, actor.email, target))
            actor.room.enter()
            self._look("room", title=title, name=actor.name)
        finally:
            self._remove(ledger)

    def _until(self, holds: Callable[[], bool], trouble: str) -> None:
        ends = time.monotonic() + self.actor.stage.limit_s
        while not holds():
            if time.monotonic() > ends:
                raise StepTimeout(
                    f"{trouble} within {self.actor.stage.limit_s:g} s after create was clicked"
                )
            self.actor.page.wait_for_timeout(_AGAIN_MS)

    def _look(self, page: str, **filled: str) -> None:
        """Note what is found, once all is, or the page had time enough."""
        wanted = {path: self.table[path] for path in PAGES[page] if self.table[path]}
        ends = time.monotonic() + _SETTLED_S
        while True:
            sight = self._sight(page, wanted, filled)
            if sight and (all(sight.counts.values()) or time.monotonic() > ends):
                break
            if time.monotonic() > ends + self.actor.stage.limit_s:
                raise StepTimeout(f"the {page} does not answer")
            self.actor.page.wait_for_timeout(_AGAIN_MS)
        self.walked.sights.append(sight)

    def _sight(
        self, page: str, wanted: Mapping[str, Locator], filled: Mapping[str, str]
    ) -> Sight | None:
        """What the page shows now, over its frames; none while it is loading."""
        counts: dict[str, int] = {}
        items: list[Item] = []
        places = {one.frame: one for one in wanted.values()}
        for place, example in places.items():
            specs = [
                [path, one.filled(**filled, text="").spec()]
                for path, one in wanted.items()
                if one.frame == place
            ]
            try:
                frame = self.actor.view.frame(example)
                seen = ask(frame, _LOOK, [specs, _MOST_ITEMS]) if frame else {}
            except PlaywrightError:
                return None
            counts |= seen.get("counts", {path: 0 for path, _ in specs})
            items += [self._item(one) for one in seen.get("items", ())]
        return Sight(page, counts, items, filled)

    def _item(self, seen: Mapping[str, str]) -> Item:
        return Item(**{name: self.redactor.text(text) for name, text in seen.items()})

    def _remove(self, ledger: Ledger) -> None:
        stage = self.actor.stage
        cookies: dict[str, str] = {}
        with suppress(PlaywrightError):
            given = self.actor.context.cookies(stage.base_url)
            cookies = {one["name"]: one["value"] for one in given if "name" in one}
        with own_client(
            stage.run_id, stage.base_url, stage.target_pass, stage.limit_s, cookies
        ) as client:
            self.walked.left += remove(ledger.left(), ledger, client, self.settings.cleanup)
