"""Nothing of ours stays in the product: what a run created is removed, also after a crash.

A ledger beside the run record names what exists; an entry is struck out once it is removed. A
later run removes what is left in the ledgers of runs that are no longer alive, signing in by
mail as the owner.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from synthetic.settings import Cleanup

LEDGER = "created.jsonl"
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
            ledger.write(json.dumps(entry) + "\n")


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
        if status < 400 or status in (404, 410):
            ledger.removed(thing)
        else:
            troubles.append(f"{thing.kind} {thing.ident}: {status}")
    return troubles


def leftovers(runs: Path, target: str, alive: Callable[[Path], bool]) -> Iterator[Ledger]:
    """The ledgers of dead runs against ``target`` that still name something."""
    for path in sorted(runs.glob(f"*/{LEDGER}")):
        ledger = Ledger(path)
        if alive(path.parent):
            continue
        if any(thing.target == target for thing in ledger.left()):
            yield ledger


def sign_in(
    client: httpx.Client, target: str, owner: str, endpoints: Cleanup, read_code: Callable[[], str]
) -> bool:
    """Sign ``client`` in as ``owner`` by mailed code; false when the product says no."""
    method, _, path = endpoints.log_in.partition(" ")
    base = target.rstrip("/")
    asked = client.request(method, base + path, json={"email": owner})
    if asked.status_code >= 400:
        return False
    answer = client.post(f"{base}/api/auth/verify-otp", json={"email": owner, "code": read_code()})
    return answer.status_code < 400
