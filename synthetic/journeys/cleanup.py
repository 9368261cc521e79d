"""Nothing of ours stays in the product: what a run created is removed, also after a crash.

A ledger beside the run record names what exists; an entry is struck out once it is removed. A
later run removes what is left in the ledgers of runs that are no longer alive, signing in by
mail as the owner.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import httpx

from synthetic._settings_product import Cleanup
from synthetic.errors import ReportsNotWritable
from synthetic.inbox.leases import leased
from synthetic.inbox.signing_in import NOT_THERE, sign_in
from synthetic.redaction import Redactor
from synthetic.settings import Settings

LEDGER = "created.jsonl"
_MOST, _WITHIN_S = 5, 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Created:
    """Something of ours in the product: a ``session`` (by id) or an ``account`` (by address)."""

    kind: str
    ident: str
    owner: str
    target: str


class Ledger:
    """What one run created and has not removed yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def created(self, thing: Created) -> None:
        """Note it before relying on it."""
        self._append({"created": asdict(thing)})

    def removed(self, thing: Created) -> None:
        """Strike it out."""
        self._append({"removed": asdict(thing)})

    def left(self) -> list[Created]:
        """What is still there, newest first: sessions before the accounts that own them."""
        things: dict[Created, None] = {}
        for line in self._path.read_text("utf-8").splitlines() if self._path.exists() else ():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # torn by a crash; what it named is an account's, found by its address
            if "created" in entry:
                things[Created(**entry["created"])] = None
            else:
                things.pop(Created(**entry["removed"]), None)
        return list(reversed(things))

    def _append(self, entry: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as ledger:
            # A line of its own, also after one that a crash tore.
            ledger.write(f"\n{json.dumps(entry)}\n")


def remove(
    things: list[Created], ledger: Ledger, client: httpx.Client, endpoints: Cleanup
) -> list[str]:
    """Remove ``things`` with a client signed in as their owner; returns what could not be."""
    troubles = []
    for thing in things:
        call = endpoints.end_session if thing.kind == "session" else endpoints.delete_account
        method, _, path = call.partition(" ")
        if not path:
            continue
        try:
            url = thing.target.rstrip("/") + path.format(session_id=thing.ident)
            status = client.request(method, url).status_code
        except httpx.HTTPError as error:
            troubles.append(f"{thing.kind} {thing.ident}: {type(error).__name__}")
            continue
        if status >= 400 and status not in NOT_THERE:
            troubles.append(f"{thing.kind} {thing.ident}: {status}")
            continue
        try:
            ledger.removed(thing)
        except ReportsNotWritable as error:
            troubles.append(str(error))
    return troubles


def leftovers(runs: Path, target: str, alive: Callable[[Path], bool]) -> Iterator[Ledger]:
    """The ledgers of dead runs against ``target`` that still name something, newest first."""
    for path in sorted(runs.glob(f"*/{LEDGER}"), reverse=True):
        ledger = Ledger(path)
        if any(thing.target == target for thing in ledger.left()) and not alive(path.parent):
            yield ledger


@dataclass(frozen=True)
class Clearance:
    """Removes from ``target`` what dead runs left there, signing in by mail as the owner.

    ``client`` gives a fresh HTTP client; ``clock`` is in seconds.
    """

    target: str
    settings: Settings
    client: Callable[[], httpx.Client]
    redactor: Redactor
    clock: Callable[[], float] = time.monotonic

    def clear(self, ledgers: Iterator[Ledger]) -> None:
        """Clear at most a few ledgers, within seconds; raises ``SyntheticError`` when it can't."""
        until = self.clock() + _WITHIN_S
        for ledger in islice(ledgers, _MOST):
            left = [thing for thing in ledger.left() if thing.target == self.target]
            for owner in dict.fromkeys(thing.owner for thing in left):
                if self.clock() >= until or not self.settings.cleanup.log_in:
                    return
                # Leased, so that two runs do not read each other's codes.
                with leased([owner], self.target, patience_s=0), self.client() as client:
                    mine = [thing for thing in ledger.left() if thing.owner == owner]
                    self._clear_of(owner, mine, ledger, client, until)

    def _clear_of(
        self, owner: str, things: list[Created], ledger: Ledger, client: httpx.Client, until: float
    ) -> None:
        if things and not self._sign_in(client, owner, until):
            for thing in things:
                ledger.removed(thing)  # with the account that it belonged to
            return
        for trouble in remove(things, ledger, client, self.settings.cleanup):
            _log.warning("left by an earlier run and not removed: %s", trouble)

    def _sign_in(self, client: httpx.Client, owner: str, until: float) -> bool:
        """Whether there is such an account."""
        inbox = self.settings.inbox
        return sign_in(
            client,
            self.target,
            owner,
            log_in=self.settings.cleanup.log_in,
            inbox=inbox,
            timeout_s=max(0.0, min(inbox.timeout_s, until - self.clock())),
            secret=self.redactor.add,
        )
