"""Who takes part in a journey: ``host`` and ``guest`` at the door, or ``signed_in`` people."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from typing import Any, Protocol

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import StorageState, ViewportSize

from synthetic.browser.stopwatch import measure
from synthetic.errors import Refused, UsageError
from synthetic.inbox import open_mailbox
from synthetic.inbox.leases import leased
from synthetic.journeys.accounts import fresh_address
from synthetic.journeys.actor import (
    DESKTOP,
    DEVICES,
    Actor,
    Stage,
    close_actor,
    open_actor,
)
from synthetic.journeys.cleanup import Created, remove
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.step import OpenStep
from synthetic.journeys.trouble import tell_trouble
from synthetic.journeys.work import Work
from synthetic.pytest_stage import breaks_network

_log = logging.getLogger(__name__)
_LEASE_PATIENCE_S = 60
JOIN = "/api/sessions/join"
_HAD = pytest.StashKey[list[str]]()
"""The standing accounts that attempts at a journey used so far."""


class Enter(Protocol):
    """Brings an actor on stage."""

    def __call__(
        self,
        role: str,
        email: str,
        *,
        card: StorageState | None = None,
        devices: Sequence[str] = DEVICES,
        size: ViewportSize = DESKTOP,
    ) -> Actor:
        """``card`` is a sign-in to go on with; ``devices`` and ``size`` as for a person."""


class SignedIn(Protocol):
    """Brings somebody on stage who is signed in and looks at the dashboard."""

    def __call__(
        self, role: str, *, devices: Sequence[str] = DEVICES, size: ViewportSize = DESKTOP
    ) -> Actor:
        """``devices`` are those that the product may use, ``size`` is the window's."""


@pytest.fixture
def enter(
    request: pytest.FixtureRequest,
    work: Work,
    journey: Journey,
    actors: list[Actor],
    stage: Stage,
    _artifacts_recorder: Any,
) -> Iterator[Enter]:
    """Brings an actor on stage; all leave at the end of the journey."""
    with ExitStack() as leaving:

        def enter(
            role: str,
            email: str,
            **given: Any,
        ) -> Actor:
            work.redactor.add(email)
            actor = open_actor(stage, role, email, journey.heard, _artifacts_recorder, **given)
            leaving.callback(close_actor, actor, _artifacts_recorder)
            if not breaks_network(request):  # else what fails is what was asked for
                leaving.callback(tell_trouble, journey, actor)
            leaving.callback(_remove_what_is_left, work, actor)
            actors.append(actor)
            return actor

        yield enter


@pytest.fixture(scope="session")
def fresh_numbers() -> Iterator[int]:
    """Tells the fresh addresses of this process apart."""
    return count()


@pytest.fixture
def host(work: Work, journey: Journey, enter: Enter, fresh_numbers: Iterator[int]) -> Actor:
    """Somebody without an account yet, at the door; the account is removed at the end."""
    with journey.beginning():
        run = work.run_id if work.part == "main" else f"{work.run_id}-{work.part}"
        email = fresh_address(work.settings.accounts.fresh, run, next(fresh_numbers))
        work.ledger.created(Created("account", email, owner=email, target=work.base_url))
        return enter("host", email)


@pytest.fixture
def accounts(
    request: pytest.FixtureRequest, work: Work, cards: dict[str, StorageState]
) -> Iterator[Callable[[], str]]:
    """Leases standing accounts until the journey's end: ``accounts()`` is the address of one.

    An attempt at the same journey takes others than the one before, where there are others.
    """
    had: list[str] = request.node.stash.setdefault(_HAD, [])
    for address in had:
        cards.pop(address, None)  # what failed may be that the product forgot the sign-in
    standing = sorted(work.settings.accounts.standing, key=had.count)
    with ExitStack() as leases:

        def lease() -> str:
            address = leases.enter_context(leased(standing, work.base_url, _LEASE_PATIENCE_S))
            if address in had:  # a product lets one address ask for a code only so often
                time.sleep(work.settings.inbox.resend_after_s)
            had.append(address)
            return address

        yield lease


@pytest.fixture
def guest(journey: Journey, enter: Enter, accounts: Callable[[], str]) -> Actor:
    """Somebody with a standing account, at the door."""
    with journey.beginning():
        return enter("guest", accounts())


@pytest.fixture(scope="session")
def cards() -> dict[str, StorageState]:
    """The sign-ins of this process, by address: codes are mailed once, not once a journey."""
    return {}


@pytest.fixture
def signed_in(
    journey: Journey,
    enter: Enter,
    accounts: Callable[[], str],
    codes: OneTimeCodes,
    cards: dict[str, StorageState],
) -> SignedIn:
    """Brings people with standing accounts on stage, signed in: ``signed_in("host")``."""

    def signed_in(
        role: str, *, devices: Sequence[str] = DEVICES, size: ViewportSize = DESKTOP
    ) -> Actor:
        with journey.beginning():
            email = accounts()
            card = cards.get(email) if journey.attempt == 1 else None
            actor = enter(role, email, card=card, devices=devices, size=size)
            if card is None:
                _sign_in(journey, actor, codes)
                cards[email] = actor.context.storage_state()
            measure(
                actor.view,
                actor.dashboard.open,
                [actor.dashboard.signed_in],
                navigates=True,
                limit_s=journey.limit_s,
            )
            return actor

    return signed_in


def _sign_in(journey: Journey, actor: Actor, codes: OneTimeCodes) -> None:
    step = OpenStep(actor.role, journey.limit_s, acting=actor)  # of no feature: not recorded
    actor.access.open()
    actor.access.open_log_in()
    code = codes.arrives_for_standing(journey, step, actor)
    step.act(lambda: actor.access.enter_code(code), until=[actor.dashboard.signed_in])


class FillSession(Protocol):
    """Lets so many people join a session that nobody else fits in."""

    def __call__(self, host: Actor) -> None:
        """``host`` is in the session's room already."""


@pytest.fixture
def fill_session(work: Work, signed_in: SignedIn) -> FillSession:
    """Fills a session with people who hold a place and do not enter the room."""

    def fill(host: Actor) -> None:
        limit = work.settings.session_limit
        if limit is None:
            raise UsageError("how many a session holds is not known; say SYNTHETIC_SESSION_LIMIT")
        for _ in range(limit - 1):
            person = signed_in("third", devices=[])
            link = {"link": host.room.invitation}
            answer = person.context.request.post(f"{work.base_url.rstrip('/')}{JOIN}", data=link)
            if not answer.ok:
                raise Refused(f"a place in the session was refused ({answer.status})")

    return fill


@pytest.fixture
def codes(work: Work, journey: Journey) -> Iterator[OneTimeCodes]:
    """One-time codes, asked for on pages and read in the mailbox."""
    with ExitStack() as closing:
        with journey.beginning():
            mailbox = open_mailbox(work.settings.inbox)
            closing.callback(mailbox.close)
        yield OneTimeCodes(mailbox, work.settings.inbox)


def _remove_what_is_left(work: Work, actor: Actor) -> None:
    mine = [thing for thing in work.ledger.left() if thing.owner == actor.email]
    if not mine:
        return
    try:
        cookies = {c["name"]: c["value"] for c in actor.context.cookies(work.base_url)}
    except PlaywrightError as error:
        _log.warning("the next run removes what %s created: %s", actor.role, error)
        return
    with work.client(cookies) as client:
        for trouble in remove(mine, work.ledger, client, work.settings.cleanup):
            _log.warning("not removed, the next run will try: %s", trouble)
