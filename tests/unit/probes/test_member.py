"""The standing account's log-ins: seldom, and more seldom while they fail."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from synthetic.errors import RateLimited, Refused, SyntheticError, TargetUnreachable
from synthetic.inbox.leases import leased
from synthetic.probes import member as members
from synthetic.probes.member import Member
from synthetic.redaction import Redactor
from tests.unit.probes.fetches import NO_TLS
from tests.unit.probes.rounds import GUEST, settings
from tests.unit.probes.servers import raw

EVERY_S = 900.0
Times = Callable[[SyntheticError | None, int], list[float]]


def limited(wait_s: float) -> RateLimited:
    error = RateLimited("too often")
    error.retry_after_s = wait_s
    return error


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    """Seconds at which log-ins are tried, where each fails, or is refused when it is shown."""

    def tried(error: SyntheticError | None, hours: int) -> list[float]:
        made: list[float] = []
        now = 0.0

        def sign_in(client: object, *_: object, **__: object) -> bool:
            made.append(now)
            if error:
                raise error
            client.cookies.set("login", f"token-{now}")  # type: ignore[attr-defined]
            return True

        monkeypatch.setattr(members, "sign_in", sign_in)
        known = settings("http://127.0.0.1:9", PROBES__SIGN_IN_EVERY_S=str(EVERY_S))
        member = Member(known, {}, Redactor(()), monotonic=lambda: now)

        async def going() -> None:
            nonlocal now
            while now < hours * 3600:
                with suppress(SyntheticError):
                    await member.signed_in(NO_TLS, member.log_ins or None)
                now += EVERY_S / 2

        asyncio.run(going())
        return made

    return tried


@pytest.mark.parametrize("error", [Refused("no"), None], ids=["fails", "never taken"])
def test_the_gap_doubles_after_each_failure_up_to_six_hours(
    times: Times, error: SyntheticError | None
) -> None:
    made = times(error, 40)
    gaps = [later - sooner for sooner, later in itertools.pairwise(made)]
    assert gaps[:6] == [1800, 3600, 7200, 14400, 21600, 21600]


def test_the_target_may_ask_for_a_longer_gap(times: Times) -> None:
    assert times(limited(30_000), 12) == [0, 30_150]


def test_one_that_was_taken_ends_the_row_of_failures() -> None:
    member = Member(settings("http://127.0.0.1:9"), {}, Redactor(()), monotonic=lambda: 0.0)
    member._began = 0.0
    member._failed()
    member.taken(1)
    member._failed()
    assert member._next == 2 * EVERY_S


def test_a_log_in_whose_answer_comes_in_drips_ends() -> None:
    """Within a header no read ever runs into its limit; the account is free again then."""
    over = threading.Event()

    def trickle(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not over.wait(0.02):
            line.sendall(b"x")

    with raw(trickle) as port:
        url = f"http://127.0.0.1:{port}"
        account = {"INBOX__KIND": "fixed", "INBOX__CODES": f'{{"{GUEST}": "123456"}}'}
        known = settings(url, PROBES__TIMEOUT_S="0.2", ACCOUNTS__STANDING=GUEST, **account)
        with pytest.raises(TargetUnreachable, match="TimeoutError"):
            asyncio.run(Member(known, {}, Redactor(())).signed_in(NO_TLS))
        over.set()
        with leased([GUEST], url, patience_s=0) as address:
            assert address == GUEST
