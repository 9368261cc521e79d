"""The ledger of what a run created, and its removal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from synthetic._settings_product import Cleanup
from synthetic.journeys.cleanup import LEDGER, Created, Ledger, leftovers, remove
from tests.unit.conftest import Web

TARGET = "https://product.test"
ACCOUNT = Created("account", "host+r@x.test", "host+r@x.test", TARGET)
SESSION = Created("session", "s-1", "host+r@x.test", TARGET)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger that names an account and its session."""
    ledger = Ledger(tmp_path / LEDGER)
    ledger.created(ACCOUNT)
    ledger.created(SESSION)
    return ledger


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Whoever cleans up."""
    with httpx.Client(timeout=1) as client:
        yield client


def test_a_ledger_without_a_file_names_nothing(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "none").left() == []


def test_what_was_created_last_is_removed_first(ledger: Ledger) -> None:
    assert ledger.left() == [SESSION, ACCOUNT]


def test_what_was_removed_is_struck_out(ledger: Ledger) -> None:
    ledger.removed(SESSION)
    assert ledger.left() == [ACCOUNT]


def test_a_torn_line_spoils_no_other(ledger: Ledger, tmp_path: Path) -> None:
    with (tmp_path / LEDGER).open("a") as file:
        file.write('{"created": {"kind": "sess')
    assert ledger.left() == [SESSION, ACCOUNT]


def test_after_a_torn_line_things_can_still_be_struck_out(ledger: Ledger, tmp_path: Path) -> None:
    with (tmp_path / LEDGER).open("a") as file:
        file.write('{"created": {"kind": "sess')
    ledger.removed(SESSION)
    assert ledger.left() == [ACCOUNT]


def test_only_dead_runs_against_this_target_have_leftovers(tmp_path: Path) -> None:
    others = Created("session", "s-9", "a@x.test", "https://other.test")
    for run, thing in (("dead", SESSION), ("alive", SESSION), ("other", others), ("done", SESSION)):
        (tmp_path / run).mkdir()
        Ledger(tmp_path / run / LEDGER).created(thing)
    Ledger(tmp_path / "done" / LEDGER).removed(SESSION)
    found = leftovers(tmp_path, TARGET, alive=lambda folder: folder.name == "alive")
    assert [ledger.left() for ledger in found] == [[SESSION]]


def at(web: Web, thing: Created) -> Created:
    return Created(thing.kind, thing.ident, thing.owner, web.url)


@pytest.mark.parametrize("status", [200, 404, 410])
def test_what_is_gone_is_struck_out(
    web: Web, client: httpx.Client, tmp_path: Path, status: int
) -> None:
    ledger, thing = Ledger(tmp_path / LEDGER), at(web, SESSION)
    ledger.created(thing)
    web.put("/api/sessions/s-1/end", "", status)
    assert remove([thing], ledger, client, Cleanup()) == []
    assert ledger.left() == []


@pytest.mark.parametrize("status", [401, 500])
def test_what_the_target_keeps_stays_in_the_ledger(
    web: Web, client: httpx.Client, tmp_path: Path, status: int
) -> None:
    ledger, thing = Ledger(tmp_path / LEDGER), at(web, SESSION)
    ledger.created(thing)
    web.put("/api/sessions/s-1/end", "", status)
    assert remove([thing], ledger, client, Cleanup()) == [f"session s-1: {status}"]
    assert ledger.left() == [thing]


def test_a_target_that_does_not_answer_is_a_trouble(client: httpx.Client, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / LEDGER)
    thing = Created("session", "s-1", "a@x.test", "http://127.0.0.1:9")
    assert remove([thing], ledger, client, Cleanup()) == ["session s-1: ConnectError"]


def test_a_step_that_is_switched_off_is_left_out(client: httpx.Client, ledger: Ledger) -> None:
    off = Cleanup(end_session="off", delete_account="off")
    assert remove(ledger.left(), ledger, client, off) == []
    assert ledger.left() == [SESSION, ACCOUNT]
